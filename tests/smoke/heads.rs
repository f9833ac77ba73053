//! Heads of declared layers, bridges and decoders compute what PyTorch computes; what does not fit is named.

use std::fs;

use cambium::domain::smoke::CheckStatus::{Failed, Passed};
use cambium::domain::smoke::Report;
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};

use crate::support::{TOLERANCE, figure, fixture, job, rules, run, safetensors, status, with_file};

/// Modules of `heads.py` on the network that they were made for, against the reference of the first one.
fn together(names: &[&str]) -> Report {
    let folders: Vec<_> = names.iter().map(|name| fixture(&format!("heads/{name}"))).collect();
    let folders: Vec<_> = folders.iter().map(std::path::PathBuf::as_path).collect();
    let probe = fixture(&format!("heads/{}/reference.safetensors", names[0]));
    run(&job(Some(&fixture("tiny/bert/model")), &folders, Some(&probe)))
}

fn matches_pytorch(names: &[&str]) -> Report {
    let report = together(names);
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{names:?} {report:#?}");
    assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE, "{names:?}");
    for check in
        ["loads", "finite", "deterministic", "output_contract", "batch_independent", "padding_independent"]
    {
        assert_eq!(status(&report, check), Passed, "{names:?}: {check}");
    }
    report
}

#[test]
fn heads_of_every_layer_and_input_match_pytorch() {
    // As many numbers as the layers of `heads.py` have, dropout and activations none.
    for (name, parameters) in [("mlp", 32 * 24 + 24 + 48 + 24 * 5 + 5), ("mlp-cls", 33 * 8 + 9 * 2)] {
        assert_eq!(matches_pytorch(&[name]).run.module_parameters, parameters, "{name}");
    }
    matches_pytorch(&["mlp-tokens"]);
}

#[test]
fn a_bridge_between_two_widths_and_the_head_behind_it_match_pytorch() {
    for bridge in ["bridge", "bridge-script"] {
        let report = matches_pytorch(&[bridge, "after-bridge"]);
        let compared = &report.checks["golden"].figures["outputs"];
        assert!(compared["embedding"].is_number() && compared["logits"].is_number(), "{compared}");
    }
    // Without the bridge there is an embedding too, the backbone's own, and it is too wide.
    let alone = run(&job(Some(&fixture("tiny/bert/model")), &[&fixture("heads/after-bridge")], None));
    assert_eq!((alone.verdict, rules(&alone)), (Incompatible, vec!["shape_mismatch"]), "{alone:#?}");
    assert_eq!(alone.findings[0].after, Some(serde_json::json!([8, 32])));
}

#[test]
fn a_decoder_that_reads_hidden_states_matches_pytorch() {
    let report = matches_pytorch(&["decoder"]);
    let shape = &report.checks["output_contract"].figures["shapes"]["logits"];
    assert_eq!(shape, &serde_json::json!([3, 16, 23]));
}

#[test]
fn a_head_runs_by_itself_on_made_inputs() {
    for name in ["mlp", "mlp-tokens", "mlp-cls", "after-bridge", "decoder"] {
        let report = run(&job(None, &[&fixture(&format!("heads/{name}"))], None));
        assert_eq!((report.verdict, report.run.inputs.as_str()), (Compatible, "seed"), "{name}: {report:#?}");
    }
}

#[test]
fn tensors_of_no_layer_and_layers_without_tensors_are_named() {
    let floats = |shape: &[usize]| vec![0; 4 * shape.iter().product::<usize>()];
    let file = |tensors: &[(&str, &[usize])]| {
        let tensors: Vec<_> =
            tensors.iter().map(|(name, shape)| (*name, "F32", *shape, floats(shape))).collect();
        safetensors(&tensors, &serde_json::json!({}))
    };
    let whole: &[(&str, &[usize])] = &[("dense.weight", &[8, 32]), ("dense.bias", &[8])];
    let rest: &[(&str, &[usize])] = &[("out.weight", &[3, 8]), ("norm.weight", &[8])];
    let folder = with_file(&fixture("heads/mlp-cls"), "head.safetensors", &file(&[whole, rest].concat()));
    let report = run(&job(Some(&fixture("tiny/bert/model")), &[folder.path()], None));
    assert_eq!((report.verdict, status(&report, "keys")), (Incompatible, Failed));
    assert_eq!(rules(&report), ["shape_mismatch", "missing_key", "unexpected_key"], "{report:#?}");
    let said = |at: usize| report.findings[at].message.as_str();
    assert!(
        said(0).contains("`out.weight`") && said(0).contains("[3, 8]") && said(0).contains("[2, 8]"),
        "{}",
        said(0)
    );
    assert!(said(1).contains("`out.bias`") && said(2).contains("`norm.weight`"));
}

#[test]
fn a_config_whose_layers_do_not_meet_is_refused() {
    let config = fs::read_to_string(fixture("heads/mlp-cls/head_config.json")).unwrap();
    let config = config.replacen("\"in_features\": 8", "\"in_features\": 9", 1);
    let folder = with_file(&fixture("heads/mlp-cls"), "head_config.json", config.as_bytes());
    let report = run(&job(Some(&fixture("tiny/bert/model")), &[folder.path()], None));
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["config_malformed"]));
    assert!(report.findings[0].message.contains("takes 9 numbers"), "{}", report.findings[0].message);
}
