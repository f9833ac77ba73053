use serde_json::json;

use super::*;
use crate::domain::digest::Digest;
use crate::domain::finding::Severity;
use crate::domain::verdict::Verdict;

fn manifest(version: &str, rest: Value) -> Manifest {
    let mut manifest = json!({"module": {"name": "acme/tiny", "kind": "adapter", "version": version}});
    for (section, value) in rest.as_object().unwrap() {
        match section.as_str() {
            "module" => {
                manifest["module"].as_object_mut().unwrap().extend(value.as_object().unwrap().clone())
            }
            _ => manifest[section] = value.clone(),
        }
    }
    serde_json::from_value(manifest).unwrap()
}

/// Lines of `path change before after`.
fn told(before: Value, after: Value) -> Vec<String> {
    let changes = manifests(&manifest("1.0.0", before), &manifest("1.1.0", after)).unwrap();
    let shown = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.to_string());
    changes
        .into_iter()
        .map(|one| format!("{} {:?} {} {}", one.path, one.change, shown(one.before), shown(one.after)))
        .collect()
}

#[test]
fn manifests_that_differ_in_version_and_interface_alone_are_the_same() {
    assert_eq!(told(json!({}), json!({"interface": {"precision": "float32"}})), [""; 0]);
}

#[test]
fn values_are_found_by_pointers_with_what_they_were_and_are() {
    let before = json!({
        "module": {"license": "MIT", "labels": {"a/b": "1", "m~n": "2"}},
        "requires": [{"module": "acme/tiny", "version": "^1"}],
    });
    let after = json!({
        "module": {"description": "New", "labels": {"a/b": "3"}},
        "requires": [{"module": "acme/tiny", "version": "^2"}, {"module": "acme/head", "version": "^1"}],
        "smoke": {"tolerance": 0.001},
    });
    assert_eq!(
        told(before, after),
        [
            r#"/module/description Added - "New""#,
            r#"/module/labels/a~1b Changed "1" "3""#,
            r#"/module/labels/m~0n Removed "2" -"#,
            r#"/module/license Removed "MIT" -"#,
            r#"/requires/0/version Changed "^1" "^2""#,
            r#"/requires/1 Added - {"module":"acme/head","version":"^1"}"#,
            r#"/smoke Added - {"tolerance":0.001}"#,
        ]
    );
}

#[test]
fn a_word_that_moved_in_a_list_is_no_change() {
    let sets = |sets: Value| json!({"provenance": {"datasets": sets}});
    assert_eq!(told(sets(json!(["a", "b"])), sets(json!(["b", "a"]))), [""; 0]);
    assert_eq!(
        told(sets(json!(["a", "b", "c"])), sets(json!(["x", "b", "c"]))),
        [r#"/provenance/datasets/0 Removed "a" -"#, r#"/provenance/datasets/0 Added - "x""#]
    );
    assert_eq!(told(sets(json!(["a"])), json!({})), [r#"/provenance Removed {"datasets":["a"]} -"#]);
}

fn port(name: &str, dtype: &str) -> Value {
    json!({"name": name, "dtype": dtype, "dims": ["batch", 8]})
}

fn interface(value: Value) -> Interface {
    serde_json::from_value(value).unwrap()
}

#[test]
fn ports_are_told_apart_by_direction_and_name_inputs_first() {
    let before = interface(json!({
        "inputs": [port("mask", "bool"), port("ids", "int64")], "outputs": [port("ids", "float32")],
        "precision": "float32",
    }));
    let after = interface(json!({
        "inputs": [port("ids", "int32"), port("types", "int64"), port("mask", "bool")],
        "outputs": [port("logits", "float32")], "precision": "float32", "architecture": "bert",
    }));
    let change = interfaces(&before, &after);
    let ports: Vec<_> =
        change.ports.iter().map(|port| (port.direction.as_str(), port.name.as_str(), port.change)).collect();
    assert_eq!(
        ports,
        [
            ("input", "mask", Change::Same),
            ("input", "ids", Change::Changed),
            ("input", "types", Change::Added),
            ("output", "ids", Change::Removed),
            ("output", "logits", Change::Added),
        ]
    );
    assert_eq!(change.ports[1].before.as_ref().unwrap().dtype, "int64");
    assert_eq!(change.ports[1].after.as_ref().unwrap().dtype, "int32");
    assert_eq!((change.precision, change.architecture), (None, Some((None, Some("bert".into())))));
}

#[test]
fn attach_points_that_are_the_same_are_counted_only() {
    let points = |points: &[(&str, u64)]| {
        let point = |(name, size): &(&str, u64)| json!({"name": name, "dtype": "float32", "shape": [size]});
        interface(json!({"attach_points": points.iter().map(point).collect::<Vec<_>>()}))
    };
    let change =
        interfaces(&points(&[("a", 1), ("b", 1), ("d", 1)]), &points(&[("b", 2), ("c", 1), ("d", 1)]));
    let differing: Vec<_> =
        change.attach_points.iter().map(|point| (point.name.as_str(), point.change)).collect();
    assert_eq!(differing, [("a", Change::Removed), ("b", Change::Changed), ("c", Change::Added)]);
    assert_eq!(change.attach_points_same, 1);
    assert_eq!(change.attach_points[1].after.as_ref().unwrap().shape, [2]);
}

#[test]
fn files_are_told_apart_by_path_and_changed_by_digest() {
    let file = |path: &str, bytes: &str| FileEntry {
        path: path.parse().unwrap(),
        size: bytes.len() as u64,
        digest: Digest::of(bytes.as_bytes()),
    };
    let before = [file("z", "1"), file("a", "1"), file("m", "12")];
    let changes = files(&before, &[file("b", "1"), file("m", "21"), file("z", "1")]);
    let told: Vec<_> = changes.iter().map(|one| (one.path.as_str(), one.change)).collect();
    assert_eq!(
        told,
        [("a", Change::Removed), ("b", Change::Added), ("m", Change::Changed), ("z", Change::Same)]
    );
    assert_ne!(changes[2].before.as_ref().unwrap().digest, changes[2].after.as_ref().unwrap().digest);
    assert_eq!(changes[1].before, None);
}

#[test]
fn a_finding_is_the_same_by_rule_and_place_whatever_it_says() {
    let finding = |rule: &str, subject: &str, message: &str| {
        Finding::error(rule, subject, message, "r").with_severity(Severity::Info)
    };
    let before = [finding("a", "x", "1"), finding("a", "y", "1"), finding("b", "x", "1")];
    let after = [finding("c", "x", "2"), finding("a", "x", "2")];
    let change = findings(&before, &after);
    assert_eq!(change.resolved, before[1..]);
    assert_eq!((change.introduced.as_slice(), change.persisting.as_slice()), (&after[..1], &after[1..]));
}

#[test]
fn runs_are_told_check_by_check_also_when_one_is_missing() {
    let report = |checks: Value, seconds: f64| -> Report {
        let mut report = Report::without_run(Verdict::Compatible, Finding::error("a", "b", "c", "d"));
        report.checks = serde_json::from_value(checks).unwrap();
        report.run.forward_seconds = seconds;
        report
    };
    let before = report(json!({"loads": {"status": "passed"}, "drift": {"status": "skipped"}}), 1.0);
    let after = report(json!({"loads": {"status": "failed"}, "golden": {"status": "passed"}}), 2.0);
    let both = runs(Some(before.clone()), Some(after));
    let names: Vec<_> = both
        .checks
        .iter()
        .map(|check| (check.name.as_str(), check.before.is_some(), check.after.is_some()))
        .collect();
    assert_eq!(names, [("drift", true, false), ("golden", false, true), ("loads", true, true)]);
    assert_eq!((both.before.unwrap().forward_seconds, both.after.unwrap().forward_seconds), (1.0, 2.0));
    let alone = runs(Some(before), None);
    assert_eq!((alone.checks.len(), alone.after, alone.evaluation_before), (2, None, None));
    assert_eq!(runs(None, None), RunPair::default());
}
