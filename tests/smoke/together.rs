//! Several adapters on one backbone: what PEFT gives with all of them active, and which exclude each
//! other.

use std::path::{Path, PathBuf};

use cambium::domain::smoke::CheckStatus::Passed;
use cambium::domain::smoke::Report;
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};

use crate::support::{TOLERANCE, figure, fixture, job, rules, run, status};

fn on(network: &str, adapters: &[&str], probe: Option<&Path>) -> Report {
    let folder = fixture(network);
    let adapters: Vec<PathBuf> = adapters.iter().map(|name| folder.join("adapters").join(name)).collect();
    let adapters: Vec<&Path> = adapters.iter().map(PathBuf::as_path).collect();
    run(&job(Some(&folder), &adapters, probe))
}

#[test]
fn two_loras_add_up_as_in_peft() {
    let probe = fixture("nets/bert-base/together/first+second/reference.safetensors");
    for order in [["first", "second"], ["second", "first"]] {
        let report = on("nets/bert-base", &order, Some(&probe));
        assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{report:#?}");
        assert_eq!(status(&report, "golden"), Passed);
        assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE);
        assert_eq!(status(&report, "restored"), Passed);
    }
}

#[test]
fn adapters_of_different_kinds_go_together() {
    for (network, pair) in [
        ("nets/bert-base", ["first", "houlsby"]),
        ("nets/bert-tokens", ["pfeiffer", "prefix"]),
        ("nets/gpt2", ["adalora", "prompt"]),
        ("nets/gpt2", ["vera", "prefix"]),
    ] {
        let report = on(network, &pair, None);
        assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{network} {pair:?} {report:#?}");
        assert_eq!(status(&report, "restored"), Passed);
    }
}

#[test]
fn what_only_one_adapter_can_bring_is_a_conflict_of_two() {
    for (network, pair, what) in [
        ("nets/bert-tokens", ["dora", "vera"], "`classifier`"),
        ("nets/gpt2", ["prompt", "prefix"], "virtual tokens"),
        ("nets/gpt2", ["dora", "adalora"], "DoRA"),
        ("nets/mistral", ["houlsby", "parallel"], "bottleneck"),
    ] {
        let report = on(network, &pair, None);
        assert_eq!(report.verdict, Incompatible, "{network} {pair:?}");
        let conflicts: Vec<_> =
            report.findings.iter().filter(|finding| finding.rule == "adapters_conflict").collect();
        let named = |name: &str| conflicts.iter().all(|finding| finding.message.contains(name));
        assert!(!conflicts.is_empty() && pair.iter().all(|name| named(name)), "{report:#?}");
        assert!(conflicts.iter().any(|finding| finding.message.contains(what)), "{report:#?}");
    }
}
