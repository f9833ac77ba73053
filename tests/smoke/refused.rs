//! What is wrong is refused, by the rule that says what it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cambium::domain::smoke::CheckStatus::Failed;
use cambium::domain::smoke::Report;
use cambium::domain::verdict::Verdict::{Incompatible, Unknown};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{changed, fixture, job, rules, run, script, status};

fn on_tiny_bert(adapter: &Path) -> Report {
    run(&job(Some(&fixture("tiny/bert/model")), &[adapter], None))
}

#[test]
fn every_bad_adapter_is_refused_by_its_rule() {
    for (folder, rule, check) in [
        ("truncated", "corrupt_file", "loads"),
        ("header_bomb", "header_too_large", "loads"),
        ("nan_weights", "non_finite_weights", "finite"),
        ("wrong_targets", "target_not_found", "keys"),
        ("pickle_adapter", "pickle_refused", "loads"),
    ] {
        let report = on_tiny_bert(&fixture(&format!("bad/{folder}")));
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec![rule]), "{folder}");
        assert_eq!(status(&report, check), Failed, "{folder}");
        assert!(report.findings.iter().all(|finding| !finding.remedy.is_empty()), "{folder}");
    }
}

#[test]
fn the_tensor_with_a_nan_is_named() {
    let report = on_tiny_bert(&fixture("bad/nan_weights"));
    assert!(report.findings[0].subject.contains("layer.0.attention.self.query.lora_B.weight"));
}

#[test]
fn no_pickle_is_ever_run() {
    let marker = "pickle-payload-ran.marker";
    let report = on_tiny_bert(&fixture("bad/pickle_adapter"));
    assert_eq!(rules(&report), ["pickle_refused"]);
    assert!(!Path::new(marker).exists() && !Path::new("/").join(marker).exists());
}

fn changed_adapter(change: impl Fn(&mut BTreeMap<String, Value>, &mut Vec<u8>)) -> TempDir {
    changed("tiny/bert/adapters/lora", "adapter_model.safetensors", change)
}

fn renamed(header: &mut BTreeMap<String, Value>, from: &str, to: &str) {
    let names: Vec<String> = header.keys().filter(|name| name.contains(from)).cloned().collect();
    assert!(!names.is_empty());
    for name in names {
        let tensor = header.remove(&name).unwrap();
        header.insert(name.replace(from, to), tensor);
    }
}

#[test]
fn an_adapter_that_does_nothing_is_told() {
    let adapter = changed_adapter(|header, data| {
        for (_, tensor) in header.iter().filter(|(name, _)| name.contains("lora_B")) {
            let at = |end: usize| usize::try_from(tensor["data_offsets"][end].as_u64().unwrap()).unwrap();
            data[at(0)..at(1)].fill(0);
        }
        // The classifier alone would change the logits.
        renamed(header, "classifier", "score");
    });
    // Without its classifier it is the backbone's own that answers.
    let report = on_tiny_bert(adapter.path());
    assert!(rules(&report).contains(&"target_not_found"), "{report:#?}");

    let config =
        r#"{"peft_type":"LORA","r":4,"lora_alpha":8,"target_modules":["query"],"task_type":"SEQ_CLS"}"#;
    let zeros: Vec<(String, Vec<usize>)> = (0..2)
        .flat_map(|layer| {
            let path = format!("base_model.model.bert.encoder.layer.{layer}.attention.self.query");
            [(format!("{path}.lora_A.weight"), vec![4, 32]), (format!("{path}.lora_B.weight"), vec![32, 4])]
        })
        .collect();
    let report = on_tiny_bert(adapter_of(config, &zeros).path());
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["adapter_no_effect"]));
}

/// An adapter of zeros.
fn adapter_of(config: &str, tensors: &[(String, Vec<usize>)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let (mut header, mut end) = (serde_json::Map::new(), 0);
    for (name, shape) in tensors {
        let begin = end;
        end += 4 * shape.iter().product::<usize>();
        header.insert(name.clone(), json!({"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}));
    }
    let header = serde_json::to_vec(&header).unwrap();
    let bytes = [&(header.len() as u64).to_le_bytes()[..], &header, &vec![0; end]].concat();
    fs::write(folder.path().join("adapter_model.safetensors"), bytes).unwrap();
    fs::write(folder.path().join("adapter_config.json"), config).unwrap();
    folder
}

#[test]
fn tensors_that_nothing_explains_are_unexpected() {
    let adapter = changed_adapter(|header, _| renamed(header, "classifier", "mystery"));
    assert_eq!(rules(&on_tiny_bert(adapter.path())), ["unexpected_key"]);
}

#[test]
fn half_a_classifier_is_missing_its_other_half() {
    let adapter = changed_adapter(|header, _| renamed(header, "classifier.bias", "mystery.bias"));
    assert_eq!(rules(&on_tiny_bert(adapter.path())), ["unexpected_key", "missing_key"]);
}

#[test]
fn a_target_that_is_no_matrix_is_refused() {
    let adapter = changed_adapter(|header, _| {
        renamed(header, "layer.0.attention.self.query", "layer.0.attention.output.LayerNorm");
    });
    assert!(rules(&on_tiny_bert(adapter.path())).contains(&"target_not_found"));
}

#[test]
fn a_file_broken_in_many_places_gives_a_bounded_report() {
    let tensors: Vec<(String, Vec<usize>)> = (0..5000)
        .map(|at| (format!("base_model.model.layer.{at}.query.lora_A.weight"), vec![1, 1]))
        .collect();
    let config = r#"{"peft_type":"LORA","r":1,"target_modules":["query"]}"#;
    let report = on_tiny_bert(adapter_of(config, &tensors).path());
    assert_eq!(report.verdict, Incompatible);
    assert!(serde_json::to_vec(&report).unwrap().len() < 100_000);
}

#[test]
fn half_an_update_is_missing_its_other_half() {
    let adapter = changed_adapter(|header, _| {
        renamed(
            header,
            "layer.0.attention.self.query.lora_B.weight",
            "layer.0.attention.self.key.lora_B.weight",
        );
    });
    let report = on_tiny_bert(adapter.path());
    assert!(rules(&report).iter().all(|rule| *rule == "missing_key"), "{report:#?}");
    assert_eq!(report.verdict, Incompatible);
}

#[test]
fn a_rank_other_than_the_configs_is_a_shape_mismatch() {
    let adapter = TempDir::new().unwrap();
    let good = fixture("tiny/bert/adapters/lora");
    fs::copy(good.join("adapter_model.safetensors"), adapter.path().join("adapter_model.safetensors"))
        .unwrap();
    let config =
        fs::read_to_string(good.join("adapter_config.json")).unwrap().replace("\"r\": 4", "\"r\": 8");
    fs::write(adapter.path().join("adapter_config.json"), config).unwrap();
    let report = on_tiny_bert(adapter.path());
    assert!(rules(&report).iter().all(|rule| *rule == "shape_mismatch"), "{report:#?}");
}

#[test]
fn a_backbone_that_lacks_parameters_is_never_filled_up() {
    let backbone = changed("tiny/bert/model", "model.safetensors", |header, _| {
        renamed(header, "attention.self.query", "attention.self.q_proj");
    });
    let report = run(&job(Some(backbone.path()), &[], None));
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["missing_key", "unexpected_key"]));
}

#[test]
fn a_backbone_with_old_names_and_position_ids_is_the_same_backbone() {
    let backbone = changed("tiny/bert/model", "model.safetensors", |header, data| {
        renamed(header, "LayerNorm.weight", "LayerNorm.gamma");
        renamed(header, "LayerNorm.bias", "LayerNorm.beta");
        let begin = data.len();
        data.extend([0; 40 * 8]);
        let ids = json!({"dtype": "I64", "shape": [1, 40], "data_offsets": [begin, begin + 40 * 8]});
        header.insert("bert.embeddings.position_ids".to_owned(), ids);
    });
    let probe = fixture("tiny/bert/model/reference.safetensors");
    let report = run(&job(Some(backbone.path()), &[], Some(&probe)));
    assert_eq!(rules(&report), Vec::<&str>::new(), "{report:#?}");
    assert!(crate::support::figure(&report, "golden", "max_abs_error") <= crate::support::TOLERANCE);
}

#[test]
fn methods_that_cannot_be_run_are_unknown() {
    for fields in [r#""peft_type":"LOHA""#, r#""peft_type":"LORA","use_qalora":true"#] {
        let config = format!(r#"{{{fields},"r":4,"target_modules":["query"]}}"#);
        let report = on_tiny_bert(adapter_of(&config, &[]).path());
        assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["unsupported_adapter"]), "{fields}");
    }
}

#[test]
fn virtual_tokens_where_an_architecture_takes_none_are_unknown() {
    for (network, method) in [
        ("mamba", "PROMPT_TUNING"),
        ("mpnet", "PREFIX_TUNING"),
        ("vit", "P_TUNING"),
        // An encoder by itself.
        ("t5-gated", "PREFIX_TUNING"),
    ] {
        let config = format!(r#"{{"peft_type":"{method}","num_virtual_tokens":3}}"#);
        let folder = adapter_of(&config, &[("prompt_embeddings".to_owned(), vec![3, 16])]);
        let report = run(&job(Some(&fixture(&format!("nets/{network}"))), &[folder.path()], None));
        assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["unsupported_adapter"]), "{network}");
    }
}

#[test]
fn virtual_tokens_of_another_width_or_number_are_a_shape_mismatch() {
    for (method, shape) in
        [("PROMPT_TUNING", vec![3, 15]), ("P_TUNING", vec![2, 16]), ("PREFIX_TUNING", vec![3, 32])]
    {
        let config = format!(r#"{{"peft_type":"{method}","num_virtual_tokens":3}}"#);
        let folder = adapter_of(&config, &[("prompt_embeddings".to_owned(), shape)]);
        let report = run(&job(Some(&fixture("nets/gpt2")), &[folder.path()], None));
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["shape_mismatch"]), "{method}");
    }
}

#[test]
fn modules_of_another_width_are_a_shape_mismatch() {
    for module in ["minilm/adapters/linear_head", "minilm/adapters/lora_r8"] {
        let report = on_tiny_bert(&fixture(module));
        assert_eq!(report.verdict, Incompatible);
        assert!(rules(&report).contains(&"shape_mismatch"), "{report:#?}");
        assert!(!rules(&report).contains(&"module_failed"), "{report:#?}");
    }
}

#[test]
fn an_adapter_alone_is_unknown() {
    let report = run(&job(None, &[&fixture("tiny/bert/adapters/lora")], None));
    assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["backbone_missing"]));
}

#[test]
fn a_probe_that_does_not_fit_is_refused() {
    let probe = fixture("minilm/backbone.reference.safetensors");
    let report = run(&job(Some(&fixture("tiny/bert/model")), &[], Some(&probe)));
    assert_eq!(report.verdict, Incompatible);
    assert!(rules(&report).iter().all(|rule| *rule == "bad_probe"), "{report:#?}");
}

#[test]
fn a_missing_file_is_named() {
    let folder = TempDir::new().unwrap();
    fs::copy(fixture("tiny/bert/model/config.json"), folder.path().join("config.json")).unwrap();
    let report = run(&job(Some(folder.path()), &[], None));
    assert_eq!(rules(&report), ["missing_file"]);
    assert!(report.findings[0].subject.contains("model.safetensors"));
}

#[test]
fn outputs_that_are_not_finite_or_not_repeatable_are_refused() {
    let report = run(&job(None, &[script("return torch.div(torch.matmul(x, weight), 0.)").path()], None));
    assert!(rules(&report).contains(&"non_finite_output"), "{report:#?}");
    let random = "return torch.add(torch.matmul(x, weight), torch.rand_like(torch.matmul(x, weight)))";
    let report = run(&job(None, &[script(random).path()], None));
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["non_deterministic"]));
    assert_eq!(
        rules(&run(&job(None, &[script("return torch.matmul(x, weight)").path()], None))),
        Vec::<&str>::new()
    );
}
