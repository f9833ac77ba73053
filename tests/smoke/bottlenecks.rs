//! Bottleneck adapters in AdapterHub's format that cannot be used, and why.

use std::fs;
use std::path::Path;

use cambium::domain::smoke::Report;
use cambium::domain::verdict::Verdict::{Incompatible, Unknown};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{fixture, job, rules, run};

const HOULSBY: &str = "nets/bert-base/adapters/houlsby";

/// The adapter with its config changed, on a network.
fn changed(network: &str, change: impl FnOnce(&mut Value)) -> Report {
    let folder = TempDir::new().unwrap();
    let mut config: Value =
        serde_json::from_slice(&fs::read(fixture(HOULSBY).join("adapter_config.json")).unwrap()).unwrap();
    change(&mut config);
    fs::write(folder.path().join("adapter_config.json"), config.to_string()).unwrap();
    fs::copy(fixture(HOULSBY).join("adapter.safetensors"), folder.path().join("adapter.safetensors"))
        .unwrap();
    on(network, folder.path())
}

fn on(network: &str, adapter: &Path) -> Report {
    run(&job(Some(&fixture(network)), &[adapter], None))
}

#[test]
fn what_the_engine_does_not_compute_is_unknown() {
    for (field, value) in [
        ("phm_layer", json!(true)),
        ("inv_adapter", json!("nice")),
        ("non_linearity", json!("mish")),
        ("scaling", json!("guessed")),
        ("residual_before_ln", json!("sometimes")),
    ] {
        let report = changed("nets/bert-base", |config| config["config"][field] = value);
        assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["unsupported_adapter"]), "{field}");
    }
    let report = on("nets/t5", &fixture(HOULSBY));
    assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["unsupported_adapter"]));
}

/// An adapter with its head, whose config is changed, on the network that it was made for.
fn with_head(change: impl FnOnce(&mut Value)) -> Report {
    let (from, folder) = (fixture("nets/bert-base/adapters/classified"), TempDir::new().unwrap());
    for file in ["adapter_config.json", "adapter.safetensors", "model_head.safetensors"] {
        fs::copy(from.join(file), folder.path().join(file)).unwrap();
    }
    let mut config: Value =
        serde_json::from_slice(&fs::read(from.join("head_config.json")).unwrap()).unwrap();
    change(&mut config);
    fs::write(folder.path().join("head_config.json"), config.to_string()).unwrap();
    on("nets/bert-base", folder.path())
}

#[test]
fn of_a_head_that_is_not_computed_the_run_says_that_it_cannot_tell() {
    for head_type in ["multiple_choice", "question_answering", "masked_lm", "dependency_parsing"] {
        let report = with_head(|config| config["config"]["head_type"] = json!(head_type));
        assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["unsupported_module"]), "{head_type}");
        assert!(report.findings[0].message.contains(head_type), "{}", report.findings[0].message);
    }
    let report = with_head(|config| config["config"] = Value::Null);
    assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["unsupported_module"]));
}

#[test]
fn tensors_of_a_head_are_those_that_its_config_asks_for() {
    let report = with_head(|config| config["config"]["layers"] = json!(1));
    assert_eq!(report.verdict, Incompatible);
    assert!(rules(&report).contains(&"unexpected_key"), "{:?}", rules(&report));
    let report = with_head(|config| config["config"]["num_labels"] = json!(7));
    assert!(rules(&report).contains(&"shape_mismatch"), "{:?}", rules(&report));
}

#[test]
fn tensors_are_those_that_the_config_asks_for() {
    for (field, value, wrong) in [
        ("leave_out", json!([0]), "unexpected_key"),
        ("ln_after", json!(true), "missing_key"),
        ("reduction_factor", json!(3), "shape_mismatch"),
        ("reduction_factor", json!(0), "config_malformed"),
        ("mh_adapter", json!(null), "config_malformed"),
    ] {
        let report = changed("nets/bert-base", |config| config["config"][field] = value);
        assert_eq!(report.verdict, Incompatible, "{field}");
        assert!(rules(&report).iter().all(|rule| *rule == wrong), "{field} {:?}", rules(&report));
    }
    let report = changed("nets/bert-base", |config| config["name"] = json!("another"));
    assert_eq!(rules(&report), ["missing_key", "unexpected_key"]);
}

#[test]
fn an_adapter_that_is_only_there_as_a_pickle_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::copy(fixture(HOULSBY).join("adapter_config.json"), folder.path().join("adapter_config.json"))
        .unwrap();
    let pickle = fixture("bad/pickle_adapter/adapter_model.bin");
    fs::copy(pickle, folder.path().join("pytorch_adapter.bin")).unwrap();
    let report = on("nets/bert-base", folder.path());
    assert_eq!(report.verdict, Incompatible);
    assert!(rules(&report).contains(&"pickle_refused"), "{report:#?}");
}
