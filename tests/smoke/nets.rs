//! Every architecture computes what transformers computes.

use std::collections::BTreeSet;
use std::path::Path;

use cambium::domain::smoke::CheckStatus::Passed;
use cambium::domain::smoke::Report;
use cambium::domain::verdict::Verdict::Compatible;

use crate::support::{TOLERANCE, figure, fixture, job, rules, run, status};

/// The networks of `nets.py`, each with the outputs that are compared.
const NETWORKS: &[(&str, &[&str])] = &[
    ("bert-base", &["last_hidden_state", "pooler_output"]),
    ("bert-half", &["last_hidden_state", "logits"]),
    ("bert-masked", &["last_hidden_state", "logits"]),
    ("bert-tokens", &["last_hidden_state", "logits"]),
    ("camembert", &["last_hidden_state", "logits"]),
    ("clip", &["image_embeds", "last_hidden_state", "pooler_output"]),
    ("clip-vision", &["image_embeds", "last_hidden_state"]),
    ("dinov2", &["last_hidden_state", "logits"]),
    ("dinov2-gated", &["last_hidden_state", "pooler_output"]),
    ("distilbert-masked", &["last_hidden_state", "logits"]),
    ("distilbert-sequence", &["last_hidden_state", "logits"]),
    ("gemma", &["last_hidden_state", "logits"]),
    ("gpt-neox", &["last_hidden_state", "logits"]),
    ("gpt-neox-serial", &["last_hidden_state", "logits"]),
    ("gpt2", &["last_hidden_state", "logits"]),
    ("gpt2-sequence", &["last_hidden_state", "logits"]),
    ("llama", &["last_hidden_state", "logits"]),
    ("llama-dynamic", &["last_hidden_state", "logits"]),
    ("llama-linear", &["last_hidden_state", "logits"]),
    ("llama-yarn", &["last_hidden_state"]),
    ("mamba", &["last_hidden_state", "logits"]),
    ("mistral", &["last_hidden_state", "logits"]),
    ("mpnet", &["last_hidden_state", "pooler_output"]),
    ("mpnet-masked", &["last_hidden_state", "logits"]),
    ("mpnet-sequence", &["last_hidden_state", "logits"]),
    ("opt", &["last_hidden_state", "logits"]),
    ("opt-after", &["last_hidden_state", "logits"]),
    ("phi", &["last_hidden_state", "logits"]),
    ("qwen2", &["last_hidden_state", "logits"]),
    ("qwen3", &["last_hidden_state", "logits"]),
    ("roberta-masked", &["last_hidden_state", "logits"]),
    ("roberta-sequence", &["last_hidden_state", "logits"]),
    ("roberta-tokens", &["last_hidden_state", "logits"]),
    ("t5", &["encoder_last_hidden_state", "logits"]),
    ("t5-gated", &["last_hidden_state"]),
    ("vit", &["last_hidden_state", "logits"]),
    ("vit-pooled", &["last_hidden_state", "pooler_output"]),
    ("whisper", &["logits"]),
    ("xlm-roberta", &["last_hidden_state", "pooler_output"]),
];

/// What depends on padding in transformers and PEFT too: frequencies that follow the length of the input, and
/// a sequence's score that is read at its last place where no ids tell what is padding.
const PADDED: &[&str] = &["nets/llama-dynamic", "nets/gpt2-sequence/adapters/prompt"];

/// Whether a report finds nothing but what is known.
fn is_sound(folder: &Path, report: &Report) -> bool {
    let padded = PADDED.iter().any(|padded| folder.ends_with(padded));
    let known = if padded { vec!["padding_dependent"] } else { vec![] };
    (report.verdict, rules(report)) == (Compatible, known)
}

/// What does not match, or nothing.
fn mismatch(name: &str, outputs: &[&str]) -> Option<String> {
    let folder = fixture(&format!("nets/{name}"));
    let report = run(&job(Some(&folder), &[], Some(&folder.join("reference.safetensors"))));
    if !is_sound(&folder, &report)
        || status(&report, "golden") != Passed
        || figure(&report, "golden", "max_abs_error") > TOLERANCE
    {
        return Some(format!("{name}: {:?} {:#?}", report.verdict, report.findings));
    }
    let compared = &report.checks["golden"].figures["outputs"];
    let compared: BTreeSet<&str> =
        compared.as_object().into_iter().flatten().map(|(output, _)| output.as_str()).collect();
    (compared != outputs.iter().copied().collect()).then(|| format!("{name} compared {compared:?}"))
}

#[test]
fn every_architecture_gives_what_transformers_gives() {
    let wrong: Vec<String> = NETWORKS.iter().filter_map(|(name, outputs)| mismatch(name, outputs)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_adapter_gives_what_peft_gives() {
    let mut compared = 0;
    let mut wrong = vec![];
    for (name, _) in NETWORKS {
        let backbone = fixture(&format!("nets/{name}"));
        for adapter in std::fs::read_dir(backbone.join("adapters")).into_iter().flatten() {
            let adapter = adapter.unwrap().path();
            let report =
                run(&job(Some(&backbone), &[&adapter], Some(&adapter.join("reference.safetensors"))));
            let right = is_sound(&adapter, &report)
                && ["golden", "adapter_effect", "restored"]
                    .iter()
                    .all(|check| status(&report, check) == Passed);
            if !right || figure(&report, "golden", "max_abs_error") > TOLERANCE {
                wrong.push(format!("{}: {:#?}", adapter.display(), report.findings));
            }
            compared += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(compared, 61);
}

#[test]
fn every_network_that_was_made_is_compared() {
    let made = std::fs::read_dir(fixture("nets")).unwrap().map(|entry| entry.unwrap().file_name());
    let made: BTreeSet<String> = made.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(made, NETWORKS.iter().map(|(name, _)| (*name).to_owned()).collect());
}
