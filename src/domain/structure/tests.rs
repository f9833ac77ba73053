use std::path::{Path, PathBuf};

use super::*;
use crate::domain::huggingface::ModelConfig;
use crate::domain::interface::Port;
use crate::domain::weights::Header;

fn at(path: &str) -> PathBuf {
    format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR")).into()
}

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(at(path)).unwrap()
}

fn tensors(path: &str) -> Vec<AttachPoint> {
    tensors_at(&at(path))
}

fn tensors_at(path: &Path) -> Vec<AttachPoint> {
    let header = Header::of(&std::fs::read(path).unwrap()).unwrap();
    let point = |tensor: crate::domain::weights::Tensor| AttachPoint {
        name: tensor.name,
        dtype: tensor.dtype.to_string(),
        shape: tensor.shape,
    };
    header.tensors.into_iter().map(point).collect()
}

fn adapter(folder: &str) -> Anatomy {
    adapter_at(&at(folder))
}

fn adapter_at(folder: &Path) -> Anatomy {
    let config = std::fs::read(folder.join("adapter_config.json")).unwrap();
    if BottleneckConfig::recognises(&config) {
        let tensors = tensors_at(&folder.join("adapter.safetensors"));
        let bottleneck = BottleneckConfig::parse(&config).unwrap();
        return Anatomy { tensors, bottleneck: Some(bottleneck), ..Anatomy::default() };
    }
    let peft = PeftConfig::parse(&config).unwrap();
    let tensors = tensors_at(&folder.join("adapter_model.safetensors"));
    Anatomy { tensors, peft: Some(peft), ..Anatomy::default() }
}

fn port(name: &str, dtype: &str, dims: &[&str]) -> Port {
    let dim = |text: &&str| text.parse().map_or_else(|_| Dim::Symbol((*text).to_owned()), Dim::Fixed);
    Port {
        name: name.into(),
        dtype: dtype.into(),
        dims: dims.iter().map(dim).collect(),
        semantics: None,
        normalisation: None,
        vocabulary: None,
        modality: None,
        classes: Vec::new(),
        origin: None,
        optional: false,
    }
}

fn interface(hidden: u64, attach_points: Vec<AttachPoint>) -> Interface {
    let hidden = hidden.to_string();
    Interface {
        inputs: vec![port("attention_mask", "int64", &["batch", "sequence"])],
        outputs: vec![
            port("last_hidden_state", "float32", &["batch", "sequence", &hidden]),
            port("pooler_output", "float32", &["batch", &hidden]),
        ],
        architecture: Some("bert".into()),
        attach_points,
        ..Interface::default()
    }
}

fn tiny_bert() -> Interface {
    interface(32, tensors("tiny/bert/model/model.safetensors"))
}

/// A bare BERT of 6 layers as its authors' file names it, without the `bert.` in front.
fn minilm(hidden: u64) -> Interface {
    let mut points = Vec::new();
    let mut linear = |name: String, out: u64, input: u64| {
        let point =
            |end: &str, shape| AttachPoint { name: format!("{name}.{end}"), dtype: "float32".into(), shape };
        points.extend([point("weight", vec![out, input]), point("bias", vec![out])]);
    };
    for layer in 0..6 {
        let at = |rest: &str| format!("encoder.layer.{layer}.{rest}");
        for name in ["self.query", "self.key", "self.value", "output.dense"] {
            linear(at(&format!("attention.{name}")), hidden, hidden);
        }
        linear(at("intermediate.dense"), 4 * hidden, hidden);
        linear(at("output.dense"), hidden, 4 * hidden);
    }
    linear("pooler.dense".into(), hidden, hidden);
    interface(hidden, points)
}

fn rules(fit: &Fit) -> Vec<&str> {
    fit.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

fn fit(anatomy: &Anatomy, backbone: &Interface) -> Fit {
    check(&Interface::default(), anatomy, backbone)
}

#[test]
fn real_adapters_fit_their_backbones() {
    for name in ["lora", "rslora", "ia3", "modules_to_save"] {
        let fit = fit(&adapter(&format!("tiny/bert/adapters/{name}")), &tiny_bert());
        assert_eq!((fit.verdict, fit.findings), (Verdict::Compatible, vec![]), "{name}");
    }
    let fit = fit(&adapter("minilm/adapters/lora_r8"), &minilm(384));
    assert_eq!((fit.verdict, fit.findings), (Verdict::Compatible, vec![]));
}

#[test]
fn transposed_weights_and_tied_outputs_fit() {
    for (family, architecture) in [("gpt2", "gpt2"), ("llama", "llama")] {
        let points = tensors(&format!("tiny/{family}/model/model.safetensors"));
        let mut backbone = interface(32, points);
        backbone.architecture = Some(architecture.into());
        for name in ["lora", "rslora", "ia3", "modules_to_save"] {
            let fit = fit(&adapter(&format!("tiny/{family}/adapters/{name}")), &backbone);
            assert_eq!((fit.verdict, fit.findings), (Verdict::Compatible, vec![]), "{family} {name}");
        }
        // Files of the Hub lack the prefix that the adapters have.
        for point in &mut backbone.attach_points {
            point.name = point.name.trim_start_matches("transformer.").trim_start_matches("model.").into();
        }
        let fit = fit(&adapter(&format!("tiny/{family}/adapters/lora")), &backbone);
        assert_eq!((fit.verdict, fit.findings), (Verdict::Compatible, vec![]), "{family} without prefix");
    }
}

/// What the server derives of a folder with a config and weights, sharded or not.
fn network(folder: &Path) -> Interface {
    let config = std::fs::read(folder.join("config.json")).unwrap();
    let weights = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let weights = weights.map(|name| name.into_string().unwrap());
    let weights = weights.filter(|name| name.starts_with("model") && name.ends_with(".safetensors"));
    let points = weights.flat_map(|name| tensors_at(&folder.join(name))).collect();
    ModelConfig::parse(&config).unwrap().interface(points)
}

#[test]
fn every_adapter_that_runs_fits() {
    let mut wrong = vec![];
    for folder in std::fs::read_dir(at("nets")).unwrap().map(|entry| entry.unwrap().path()) {
        for adapter in std::fs::read_dir(folder.join("adapters")).into_iter().flatten() {
            let path = adapter.unwrap().path();
            let fit = fit(&adapter_at(&path), &network(&folder));
            if (fit.verdict, fit.findings.len()) != (Verdict::Compatible, 0) {
                wrong.push(format!("{}: {:?} {:#?}", path.display(), fit.verdict, fit.findings));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn targets_that_the_backbone_lacks_are_listed_with_what_it_has() {
    let fit = fit(&adapter("bad/wrong_targets"), &tiny_bert());
    assert_eq!((fit.verdict, rules(&fit)), (Verdict::Incompatible, vec!["target_not_found"]));
    let finding = &fit.findings[0];
    let list = |value: &Option<serde_json::Value>| -> Vec<String> {
        serde_json::from_value(value.clone().unwrap()).unwrap()
    };
    assert!(["q_proj", "v_proj"].iter().all(|name| list(&finding.after).contains(&(*name).to_owned())));
    assert!(["query", "value"].iter().all(|name| list(&finding.before).contains(&(*name).to_owned())));
    assert!(finding.message.contains("`q_proj`") && finding.message.contains("query"), "{}", finding.message);
}

#[test]
fn a_narrower_backbone_is_a_shape_mismatch_for_every_tensor() {
    let fit = fit(&adapter("minilm/adapters/lora_r8"), &minilm(376));
    assert_eq!(fit.verdict, Verdict::Incompatible);
    assert!(fit.findings.iter().all(|finding| finding.rule == "shape_mismatch"));
    let first = &fit.findings[0];
    assert_eq!(first.subject, "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight");
    assert_eq!(
        (first.before.clone(), first.after.clone()),
        (Some("[8, 376]".into()), Some("[8, 384]".into()))
    );
    // 24 of LoRA and the classifier's: 20 are shown and the rest is counted.
    assert!(fit.findings.last().unwrap().message.contains("5 more"));
}

#[test]
fn a_renamed_layer_is_missed_by_its_path() {
    let mut backbone = minilm(384);
    for point in &mut backbone.attach_points {
        point.name = point.name.replace("layer.5", "block.5");
    }
    let fit = fit(&adapter("minilm/adapters/lora_r8"), &backbone);
    assert_eq!(fit.verdict, Verdict::Incompatible);
    let finding = fit.findings.iter().find(|finding| finding.rule == "target_not_found").unwrap();
    assert!(finding.message.contains("bert.encoder.layer.5.attention.self.query"), "{}", finding.message);
}

#[test]
fn a_missing_half_is_named() {
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    anatomy.tensors.retain(|tensor| !tensor.name.contains("layer.1.attention.self.value.lora_B"));
    let fit = fit(&anatomy, &tiny_bert());
    assert_eq!(rules(&fit), ["missing_key"]);
    assert_eq!(
        fit.findings[0].subject,
        "base_model.model.bert.encoder.layer.1.attention.self.value.lora_B.weight"
    );
}

#[test]
fn a_layer_without_tensors_is_missed_and_a_pooler_is_not() {
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    anatomy.tensors.retain(|tensor| !tensor.name.contains("layer.1.attention.self.value"));
    assert_eq!(fit(&anatomy, &tiny_bert()).verdict, Verdict::Incompatible);

    let mut anatomy = adapter("tiny/bert/adapters/lora");
    anatomy.peft.as_mut().unwrap().target_modules =
        Some(crate::domain::peft::Targets::List(vec!["query".into(), "value".into(), "pooler.dense".into()]));
    let fit = fit(&anatomy, &tiny_bert());
    assert_eq!((fit.verdict, rules(&fit)), (Verdict::Compatible, vec!["missing_key"]));
}

#[test]
fn tensors_that_nothing_explains_are_refused() {
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    let stray = |name: &str| AttachPoint { name: name.into(), dtype: "float32".into(), shape: vec![32] };
    anatomy.tensors.push(stray("base_model.model.bert.pooler.dense.bias"));
    assert_eq!(rules(&fit(&anatomy, &tiny_bert())), ["unexpected_key"]);
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    let key = "base_model.model.bert.encoder.layer.0.attention.self.key";
    for (end, shape) in [("lora_A", vec![4, 32]), ("lora_B", vec![32, 4])] {
        anatomy.tensors.push(AttachPoint { shape, ..stray(&format!("{key}.{end}.weight")) });
    }
    assert_eq!(rules(&fit(&anatomy, &tiny_bert())), ["unexpected_key"], "the config does not target it");
}

#[test]
fn whole_numbers_are_no_weights() {
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    anatomy.tensors[0].dtype = "int64".into();
    assert_eq!(rules(&fit(&anatomy, &tiny_bert())), ["dtype_mismatch"]);
}

#[test]
fn bottlenecks_that_are_not_what_the_config_builds_are_refused() {
    let (at, on) = (at("nets/bert-base/adapters/houlsby"), network(&at("nets/bert-base")));
    let mut anatomy = adapter_at(&at);
    let first = anatomy.tensors.remove(0);
    assert_eq!(rules(&fit(&anatomy, &on)), ["missing_key"]);
    anatomy.tensors.push(AttachPoint { shape: vec![1], ..first.clone() });
    assert_eq!(rules(&fit(&anatomy, &on)), ["shape_mismatch"]);
    anatomy.tensors.pop();
    anatomy.tensors.push(first.clone());
    anatomy.tensors.push(AttachPoint { name: first.name.replace("layer.0", "layer.7"), ..first });
    assert_eq!(rules(&fit(&anatomy, &on)), ["unexpected_key"]);
    assert_eq!(fit(&anatomy, &network(&super::tests::at("nets/t5"))).verdict, Verdict::Unknown);
}

#[test]
fn a_rank_that_is_not_the_configs_is_a_shape_mismatch() {
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    anatomy.peft.as_mut().unwrap().rank_pattern = vec![("layer.0.attention.self.query".into(), 2)];
    assert_eq!(rules(&fit(&anatomy, &tiny_bert())), ["shape_mismatch", "shape_mismatch"]);
}

#[test]
fn what_is_not_understood_is_unknown_and_not_refused() {
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    anatomy.peft.as_mut().unwrap().peft_type = "BOFT".into();
    assert_eq!(fit(&anatomy, &tiny_bert()).verdict, Verdict::Unknown);
    let mut anatomy = adapter("tiny/bert/adapters/lora");
    anatomy.peft.as_mut().unwrap().unsupported = vec!["use_qalora".into()];
    assert_eq!(fit(&anatomy, &tiny_bert()).verdict, Verdict::Unknown);
    assert_eq!(fit(&adapter("tiny/bert/adapters/lora"), &Interface::default()).verdict, Verdict::Unknown);
}

#[test]
fn saved_modules_have_to_fit_the_backbones_parameters() {
    let mut anatomy = adapter("tiny/bert/adapters/modules_to_save");
    for tensor in &mut anatomy.tensors {
        if tensor.name.ends_with("pooler.dense.weight") {
            tensor.shape = vec![32, 31];
        }
    }
    assert_eq!(rules(&fit(&anatomy, &tiny_bert())), ["shape_mismatch"]);
}

fn head() -> Anatomy {
    let head = HeadConfig::parse(&fixture("minilm/adapters/linear_head/head_config.json"));
    Anatomy { head: Some(head.unwrap()), ..Anatomy::default() }
}

#[test]
fn a_linear_head_has_to_be_as_wide_as_the_hidden_states() {
    assert_eq!(fit(&head(), &minilm(384)).verdict, Verdict::Compatible);
    let narrow = fit(&head(), &minilm(376));
    assert_eq!((narrow.verdict, rules(&narrow)), (Verdict::Incompatible, vec!["shape_mismatch"]));
    assert_eq!(
        (narrow.findings[0].before.clone(), narrow.findings[0].after.clone()),
        (Some(376.into()), Some(384.into()))
    );
    assert_eq!(fit(&head(), &Interface::default()).verdict, Verdict::Unknown);
}

#[test]
fn what_a_bridge_gives_is_asked_of_the_bridge_and_not_of_the_backbone() {
    let config = HeadConfig::parse(&fixture("heads/after-bridge/head_config.json")).unwrap();
    let head = Anatomy { head: Some(config), ..Anatomy::default() };
    let bridge = |width: &str| Interface {
        outputs: vec![port("embedding", "float32", &["batch", width])],
        ..Interface::default()
    };
    assert_eq!(fit(&head, &bridge("16")).verdict, Verdict::Compatible);
    assert_eq!(rules(&fit(&head, &bridge("64"))), ["shape_mismatch"]);
    assert_eq!(
        (fit(&head, &tiny_bert()).verdict, fit(&head, &tiny_bert()).findings),
        (Verdict::Unknown, vec![])
    );
}

#[test]
fn torchscript_is_judged_by_its_declared_ports() {
    let with = |inputs| Interface { inputs, ..Interface::default() };
    let none = Anatomy::default();
    let ports = |inputs| check(&with(inputs), &none, &minilm(384)).verdict;
    assert_eq!(ports(vec![]), Verdict::Unknown);
    let hidden = port("hidden", "float32", &["batch", "tokens", "384"]);
    assert_eq!(ports(vec![hidden.clone(), port("mask", "int64", &["batch", "tokens"])]), Verdict::Compatible);
    assert_eq!(ports(vec![port("embedding", "float32", &["batch", "384"])]), Verdict::Compatible);
    assert_eq!(ports(vec![port("embedding", "float32", &["batch", "768"])]), Verdict::Incompatible);
    assert_eq!(ports(vec![port("hidden", "int64", &["batch", "tokens", "384"])]), Verdict::Incompatible);
    assert_eq!(ports(vec![hidden, port("pixels", "float32", &["batch", "3"])]), Verdict::Unknown);
}

#[test]
fn an_anatomy_is_stored_and_read_again() {
    let anatomy = adapter("minilm/adapters/lora_r8");
    let stored = serde_json::to_value(&anatomy).unwrap();
    assert_eq!(serde_json::from_value::<Anatomy>(stored).unwrap(), anatomy);
}
