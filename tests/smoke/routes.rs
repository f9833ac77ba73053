//! A router is given its candidates and chooses among them, and nothing else.

use std::fs;
use std::path::Path;

use cambium::domain::smoke::CheckStatus::{Failed, Passed, Skipped};
use cambium::domain::smoke::Report;
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{TOLERANCE, figure, fixture, job, rules, run, safetensors, status, with_file};

fn on_bert(router: &Path, probe: Option<&str>) -> Report {
    let probe = probe.map(|name| fixture(&format!("heads/{name}/reference.safetensors")));
    run(&job(Some(&fixture("tiny/bert/model")), &[router], probe.as_deref()))
}

/// A router of `heads.py` whose manifest says something else.
fn with_manifest(router: &str, change: impl Fn(String) -> String) -> TempDir {
    let folder = fixture(&format!("heads/{router}"));
    let text = change(fs::read_to_string(folder.join("cambium.toml")).unwrap());
    with_file(&folder, "cambium.toml", text.as_bytes())
}

#[test]
fn scores_and_places_are_choices_as_pytorch_makes_them() {
    for router in ["router", "router-picks", "router-layers"] {
        let report = on_bert(&fixture(&format!("heads/{router}")), Some(router));
        assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{router} {report:#?}");
        assert_eq!((status(&report, "routes"), status(&report, "golden")), (Passed, Passed), "{router}");
        assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE, "{router}");
        let chosen = &report.checks["routes"].figures["parts"][router]["chosen"];
        assert_eq!(chosen, &json!({"demo/short": 1, "demo/middle": 1, "demo/long": 1}), "{router}");
    }
    let head = on_bert(&fixture("heads/mlp"), None);
    assert_eq!(status(&head, "routes"), Skipped);
}

#[test]
fn what_is_no_candidate_cannot_be_chosen() {
    // Its third candidate is gone, and it chooses it all the same.
    let two = |text: String| text.replace(", \"demo/long\"", "");
    let report = on_bert(with_manifest("router-stubborn", two).path(), Some("router"));
    assert_eq!((report.verdict, status(&report, "routes")), (Incompatible, Failed));
    let finding = report.findings.iter().find(|finding| finding.rule == "router_out_of_candidates").unwrap();
    assert_eq!((finding.before.clone(), finding.after.clone()), (Some(json!([0, 1])), Some(json!([2]))));
    assert!(finding.message.contains("chose `2`"), "{}", finding.message);
    // All three are there, but not in the second pass, and it does not listen.
    let report = on_bert(&fixture("heads/router-stubborn"), None);
    assert!(rules(&report).contains(&"router_out_of_candidates"), "{report:#?}");
    assert!(
        report.findings[0].message.contains("was told to choose among"),
        "{}",
        report.findings[0].message
    );
}

#[test]
fn scores_that_are_not_one_for_each_candidate_are_refused() {
    let four = |text: String| text.replace("\"demo/long\"", "\"demo/long\", \"demo/longer\"");
    let report = on_bert(with_manifest("router-layers", four).path(), None);
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["router_width"]), "{report:#?}");
    assert_eq!(
        (report.findings[0].before.clone(), report.findings[0].after.clone()),
        (Some(4.into()), Some(3.into()))
    );
}

#[test]
fn a_router_without_candidates_or_a_choice_is_refused() {
    let none = |text: String| text.split("\n[router]").next().unwrap().to_owned();
    let report = on_bert(with_manifest("router-layers", none).path(), None);
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["router_candidates_missing"]));
    let other = |text: String| text + "output = \"last_hidden_state\"\n";
    let report = on_bert(with_manifest("router-layers", other).path(), None);
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["router_no_choice"]));
    let absent = |text: String| text + "output = \"chosen\"\n";
    assert_eq!(rules(&on_bert(with_manifest("router-layers", absent).path(), None)), ["router_no_choice"]);
}

#[test]
fn one_choice_for_everything_is_worth_a_look() {
    let bias: Vec<u8> = [0.0_f32, 9.0, 0.0].into_iter().flat_map(f32::to_le_bytes).collect();
    let weights: &[(&str, &str, &[usize], Vec<u8>)] =
        &[("weight", "F32", &[3, 32], vec![0; 4 * 96]), ("bias", "F32", &[3], bias)];
    let folder =
        with_file(&fixture("heads/router-layers"), "head.safetensors", &safetensors(weights, &json!({})));
    let report = on_bert(folder.path(), None);
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec!["router_one_choice"]), "{report:#?}");
    assert!(
        report.findings[0].message.contains("`demo/middle` in all of 8 rows"),
        "{}",
        report.findings[0].message
    );
}
