//! Outputs of a row do not depend on what else is in the batch, on padding, or on how precisely is computed.

use cambium::domain::finding::Severity;
use cambium::domain::smoke::{CheckStatus, Report};
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{fixture, job, rules, run, safetensors, script, status};

fn alone(body: &str) -> Report {
    run(&job(None, &[script(body).path()], None))
}

#[test]
fn a_module_that_normalises_over_the_batch_is_told() {
    let report = alone("y = torch.matmul(x, weight)\nreturn torch.sub(y, torch.mean(y, [0], True))");
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["batch_dependent"]));
    assert_eq!(status(&report, "batch_independent"), CheckStatus::Failed);
    assert_eq!(status(&alone("return torch.matmul(x, weight)"), "batch_independent"), CheckStatus::Passed);
}

/// A TorchScript head on tiny BERT that pools tokens, with or without looking at the mask.
fn pooling(body: &str) -> Report {
    let folder = script(body);
    let manifest = r#"
[module]
name = "test/script"
kind = "head"
version = "1.0.0"

[interface]
inputs = [{ name = "last_hidden_state", dtype = "float32", dims = ["batch", "tokens", 32] }]
outputs = [{ name = "y", dtype = "float32", dims = ["batch", 32] }]
"#;
    std::fs::write(folder.path().join("cambium.toml"), manifest).unwrap();
    run(&job(Some(&fixture("tiny/bert/model")), &[folder.path()], None))
}

#[test]
fn a_head_that_pools_padding_too_is_told() {
    let report = pooling("return torch.mean(x, [1])");
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["padding_dependent"]), "{report:#?}");
    assert_eq!(status(&report, "batch_independent"), CheckStatus::Passed);
    let first = pooling("return torch.select(x, 1, 0)");
    assert_eq!((first.verdict, rules(&first)), (Compatible, vec![]), "{first:#?}");
}

#[test]
fn networks_and_adapters_pass_in_every_surrounding() {
    for host in ["bert", "gpt2", "llama"] {
        let folder = fixture(&format!("tiny/{host}"));
        let report = run(&job(Some(&folder.join("model")), &[&folder.join("adapters/lora")], None));
        assert_eq!(rules(&report), Vec::<&str>::new(), "{host}");
        for check in ["deterministic", "batch_independent", "padding_independent", "half_precision"] {
            assert_eq!(status(&report, check), CheckStatus::Passed, "{host}: {check}");
        }
    }
}

/// A LoRA whose two ranks are each eight thousand times as large as their difference, which is what it adds.
fn cancelling_lora() -> TempDir {
    let folder = TempDir::new().unwrap();
    let sign = |at: usize| if at.is_multiple_of(3) { -1.0_f32 } else { 1.0 };
    let bytes = |numbers: Vec<f32>| numbers.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
    let down =
        || (0..64).map(|at| 8192.0 * sign(at % 32) * if at < 32 { 1.0 } else { 1.0 + f32::powi(2.0, -12) });
    let up = || (0..64).map(|at| sign(at / 2) * if at.is_multiple_of(2) { -1.0 } else { 1.0 });
    let path = |layer: usize, half: &str| {
        format!("base_model.model.bert.encoder.layer.{layer}.attention.self.value.lora_{half}.weight")
    };
    let names: Vec<(String, String)> = (0..2).map(|layer| (path(layer, "A"), path(layer, "B"))).collect();
    let tensors: Vec<_> = names
        .iter()
        .flat_map(|(a, b)| {
            let a = (a.as_str(), "F32", &[2, 32][..], bytes(down().collect()));
            [a, (b.as_str(), "F32", &[32, 2][..], bytes(up().collect()))]
        })
        .collect();
    std::fs::write(folder.path().join("adapter_model.safetensors"), safetensors(&tensors, &json!({})))
        .unwrap();
    let config =
        r#"{"peft_type":"LORA","r":2,"lora_alpha":2,"target_modules":["value"],"task_type":"SEQ_CLS"}"#;
    std::fs::write(folder.path().join("adapter_config.json"), config).unwrap();
    folder
}

#[test]
fn an_adapter_of_large_numbers_that_cancel_is_told_to_break_in_half_precision() {
    let folder = cancelling_lora();
    let report = run(&job(Some(&fixture("tiny/bert/model")), &[folder.path()], None));
    assert_eq!(
        (report.verdict, rules(&report)),
        (Compatible, vec!["half_precision_unstable"]),
        "{report:#?}"
    );
    assert_eq!(report.findings[0].severity, Severity::Warning);
}
