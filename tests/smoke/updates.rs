//! What adapters change is what PEFT changes when it merges them; tests/fixtures/updates.py made the
//! figures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cambium::domain::smoke::{Report, Update};
use serde::Deserialize;

use crate::support::{fixture, job, minilm, rules, run};

#[derive(Deserialize)]
struct Expected {
    parameter: String,
    norm: f64,
    relative_norm: f64,
    effective_rank: Option<f64>,
    rank: Option<u64>,
}

fn expected(case: &str) -> Vec<Expected> {
    let text = std::fs::read_to_string(fixture("updates.json")).unwrap();
    serde_json::from_str::<BTreeMap<String, Vec<Expected>>>(&text).unwrap().remove(case).unwrap()
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-4 * expected.abs(), "{what}: {found} is not {expected}");
}

fn compare(found: &[Update], case: &str) {
    let expected = expected(case);
    let names =
        |updates: &[Update]| updates.iter().map(|update| update.parameter.clone()).collect::<Vec<_>>();
    let wanted: Vec<String> = expected.iter().map(|update| update.parameter.clone()).collect();
    assert_eq!(names(found), wanted, "{case}");
    for (found, expected) in found.iter().zip(expected) {
        let what = format!("{case}: {}", expected.parameter);
        close(found.norm, expected.norm, &what);
        close(found.relative_norm.unwrap(), expected.relative_norm, &what);
        assert_eq!(found.effective_rank.is_some(), expected.effective_rank.is_some(), "{what}");
        close(found.effective_rank.unwrap_or(1.0), expected.effective_rank.unwrap_or(1.0), &what);
        if let (Some(bound), Some(rank)) = (found.rank_bound, expected.rank) {
            assert_eq!(bound, rank, "{what}");
        }
    }
}

fn report(backbone: &Path, adapters: &[PathBuf]) -> Report {
    let adapters: Vec<&Path> = adapters.iter().map(PathBuf::as_path).collect();
    run(&job(Some(backbone), &adapters, None))
}

fn tiny(adapter: &str) -> PathBuf {
    fixture(&format!("tiny/bert/adapters/{adapter}"))
}

#[test]
fn each_method_changes_each_parameter_as_peft_does() {
    for adapter in ["lora", "rslora", "ia3", "modules_to_save"] {
        let report = report(&fixture("tiny/bert/model"), &[tiny(adapter)]);
        compare(&report.updates, &format!("tiny/{adapter}"));
        let bounded = |update: &&Update| update.rank_bound.is_some();
        let low_rank = report.updates.iter().filter(bounded).count();
        assert_eq!(low_rank, if adapter == "ia3" { 0 } else { 4 }, "{adapter}");
    }
}

#[test]
fn a_real_adapter_on_minilm_changes_what_it_changes_in_pytorch() {
    let report = report(&minilm(), &[fixture("minilm/adapters/lora_r8")]);
    compare(&report.updates, "minilm/lora_r8");
}

#[test]
fn two_adapters_are_one_change_of_each_parameter() {
    let adapter = |name: &str| fixture(&format!("nets/bert-base/adapters/{name}"));
    let report = report(&fixture("nets/bert-base"), &[adapter("first"), adapter("second")]);
    compare(&report.updates, "nets/first+second");
}

#[test]
fn where_nothing_adapts_or_weights_are_not_finite_there_are_no_figures() {
    assert_eq!(report(&fixture("tiny/bert/model"), &[]).updates, []);
    let broken = report(&fixture("tiny/bert/model"), &[fixture("bad/nan_weights")]);
    assert_eq!((broken.updates.len(), rules(&broken)), (0, vec!["non_finite_weights"]));
}
