//! Adapters that apply only in part, or that say that they were trained on another model.

use std::fs;
use std::path::Path;

use cambium::domain::finding::Severity;
use cambium::domain::smoke::{Job, Report};
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{changed, fixture, job, part, rules, run, with_file};

pub const LORA: (&str, &str) = ("tiny/bert/adapters/lora", "adapter_model.safetensors");
const IA3: (&str, &str) = ("tiny/bert/adapters/ia3", "adapter_model.safetensors");
const HOULSBY: (&str, &str) = ("nets/bert-base/adapters/houlsby", "adapter.safetensors");

/// An adapter whose tensors of such names hold this number only.
pub fn filled((folder, file): (&str, &str), number: f32, which: impl Fn(&str) -> bool) -> TempDir {
    changed(folder, file, |header, data| {
        let hit: Vec<_> = header.iter().filter(|(name, _)| which(name)).collect();
        assert!(!hit.is_empty());
        for (_, tensor) in hit {
            let at = |end: usize| usize::try_from(tensor["data_offsets"][end].as_u64().unwrap()).unwrap();
            for bytes in data[at(0)..at(1)].chunks_mut(4) {
                bytes.copy_from_slice(&number.to_le_bytes());
            }
        }
    })
}

fn on(backbone: &str, adapter: &Path) -> Report {
    run(&job(Some(&fixture(backbone)), &[adapter], None))
}

#[test]
fn layers_from_which_on_nothing_acts_are_told() {
    let adapter = filled(LORA, 0.0, |name| name.contains("layer.1") && name.contains("lora_B"));
    let report = on("tiny/bert/model", adapter.path());
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec!["adapter_partly_inert"]), "{report:#?}");
    let finding = &report.findings[0];
    assert_eq!(
        (finding.severity, finding.before.clone(), finding.after.clone()),
        (Severity::Warning, Some(4.into()), Some(2.into()))
    );
    let path = "`encoder.layer.1.attention.self.query`, `encoder.layer.1.attention.self.value`";
    for words in ["2 of the 4 places", "(50 %)", path, "From layer 1 on nothing acts."] {
        assert!(finding.message.contains(words), "{}", finding.message);
    }
    // The figures say the same: a change of norm 0.
    let idle: Vec<bool> = report.updates.iter().map(|update| update.norm == 0.0).collect();
    assert_eq!(idle.iter().filter(|idle| **idle).count(), 2, "{:?}", report.updates);
}

#[test]
fn factors_of_one_and_bottlenecks_of_zero_are_places_where_nothing_acts() {
    let adapter = filled(IA3, 1.0, |name| name.contains("layer.0") && name.contains("ia3_l"));
    let report = on("tiny/bert/model", adapter.path());
    assert_eq!(rules(&report), ["adapter_partly_inert"], "{report:#?}");
    let said = &report.findings[0].message;
    assert!(said.contains("4 of the 8 places") && !said.contains("From layer"), "{said}");

    let zero = |layers: &'static str| {
        filled(HOULSBY, 0.0, move |name| name.contains(layers) && name.contains("adapter_up"))
    };
    let report = on("nets/bert-base", zero("layer.1.output").path());
    assert_eq!(rules(&report), ["adapter_partly_inert"], "{report:#?}");
    assert!(report.findings[0].message.contains("1 of the 4 places"), "{}", report.findings[0].message);
    // That zeros do nothing is what the engine computes with all of them.
    let report = on("nets/bert-base", zero("layer").path());
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["adapter_no_effect"]));
}

#[test]
fn adapters_that_act_only_by_their_own_classifier_are_told() {
    let adapter = filled(LORA, 0.0, |name| name.contains("lora_A"));
    let report = on("tiny/bert/model", adapter.path());
    assert!(rules(&report).contains(&"adapter_partly_inert"), "{report:#?}");
    assert!(report.findings[0].message.contains("4 of the 4 places"), "{}", report.findings[0].message);
}

#[test]
fn a_file_with_fewer_modules_than_the_config_targets_is_refused() {
    let adapter = changed(LORA.0, LORA.1, |header, data| {
        header.retain(|name, _| !name.contains("layer.1.attention.self.value"));
        // What is left has to follow without gaps.
        let (mut bytes, mut end) = (vec![], 0);
        for tensor in header.values_mut().filter(|tensor| tensor.get("data_offsets").is_some()) {
            let at = |end: usize| usize::try_from(tensor["data_offsets"][end].as_u64().unwrap()).unwrap();
            let part = data[at(0)..at(1)].to_vec();
            tensor["data_offsets"] = json!([end, end + part.len()]);
            end += part.len();
            bytes.extend(part);
        }
        *data = bytes;
    });
    let report = on("tiny/bert/model", adapter.path());
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["missing_key"]), "{report:#?}");
    assert!(report.findings[0].message.contains("layer.1.attention.self.value"));
}

#[test]
fn another_models_name_and_another_vocabulary_are_hints() {
    let adapter = fixture("tiny/bert/adapters/lora");
    let published = |base: &str| {
        let manifest = format!(
            "[module]\nname = \"team/texts\"\nkind = \"backbone\"\nversion = \"1.0.0\"\n[provenance]\nbase_model = \"{base}\"\n"
        );
        with_file(&fixture("tiny/bert/model"), "cambium.toml", manifest.as_bytes())
    };
    let report = run(&job(Some(published("team/roberta-base").path()), &[&adapter], None));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec!["other_base_named"]), "{report:#?}");
    let finding = &report.findings[0];
    assert_eq!(
        (finding.before.clone(), finding.after.clone()),
        (Some("team/roberta-base".into()), Some("tiny/bert".into()))
    );
    let same = run(&job(Some(published("someone/BERT").path()), &[&adapter], None));
    assert_eq!((same.verdict, rules(&same)), (Compatible, vec![]));
    // Heads say so too.
    let head = fixture("heads/mlp");
    assert_eq!(
        rules(&run(&job(Some(published("team/roberta-base").path()), &[&head], None))),
        ["other_base_named"]
    );
    let config = fs::read_to_string(fixture("tiny/bert/model/config.json")).unwrap();
    let config = config.replacen('{', "{\"_name_or_path\": \"team/roberta-base\",", 1);
    let saved = with_file(&fixture("tiny/bert/model"), "config.json", config.as_bytes());
    let report = run(&job(Some(saved.path()), &[&adapter], None));
    assert_eq!((rules(&report), report.findings[0].severity), (vec!["other_base_named"], Severity::Info));
}

#[test]
fn a_backbone_with_another_vocabulary_than_home_is_told() {
    let here = fixture("tiny/bert/model");
    // One token fewer, the last: every shape of the adapter fits both.
    let config: serde_json::Value =
        serde_json::from_slice(&fs::read(here.join("config.json")).unwrap()).unwrap();
    let (tokens, width) = (config["vocab_size"].as_u64().unwrap(), config["hidden_size"].as_u64().unwrap());
    let less = usize::try_from(4 * width).unwrap();
    let home = changed("tiny/bert/model", "model.safetensors", |header, data| {
        let name = header.keys().find(|name| name.contains("word_embeddings.weight")).unwrap().clone();
        let end = usize::try_from(header[&name]["data_offsets"][1].as_u64().unwrap()).unwrap();
        header.get_mut(&name).unwrap()["shape"][0] = (tokens - 1).into();
        data.drain(end - less..end);
        for tensor in header.values_mut().filter(|tensor| tensor.get("data_offsets").is_some()) {
            for offset in tensor["data_offsets"].as_array_mut().unwrap() {
                let at = usize::try_from(offset.as_u64().unwrap()).unwrap();
                *offset = (if at >= end { at - less } else { at }).into();
            }
        }
    });
    let text = fs::read_to_string(here.join("config.json")).unwrap();
    let text = text.replace(&format!("\"vocab_size\": {tokens}"), &format!("\"vocab_size\": {}", tokens - 1));
    fs::write(home.path().join("config.json"), text).unwrap();
    let probe = fixture("tiny/bert/adapters/lora/reference.safetensors");
    let on = job(Some(&here), &[&fixture("tiny/bert/adapters/lora")], Some(&probe));
    let report = run(&Job { home: Some(part(home.path())), ..on });
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec!["vocabulary_differs"]), "{report:#?}");
    let finding = &report.findings[0];
    assert!(finding.message.contains(&format!("{} tokens", tokens - 1)), "{}", finding.message);
}
