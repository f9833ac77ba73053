//! Two releases side by side.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::finding::Finding;
use super::interface::{AttachPoint, Interface, Port};
use super::manifest::{FileEntry, Manifest};
use super::smoke::{Check, Evaluation, Report, RunFigures};

/// What became of something from one release to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Both have it, and it differs.
    Changed,
    /// Both have the same.
    Same,
}

/// A value of the manifest that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ValueChange {
    /// Where it is, as a JSON pointer (RFC 6901): `/provenance/datasets/0`.
    pub path: String,
    /// What became of it.
    pub change: Change,
    /// The first release's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// The second's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
}

/// A port, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortChange {
    /// `input` or `output`.
    pub direction: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: Change,
    /// In the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Port>,
    /// In the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Port>,
}

/// An attach point that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttachPointChange {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: Change,
    /// In the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<AttachPoint>,
    /// In the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<AttachPoint>,
}

/// What became of the interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InterfaceChange {
    /// All ports of both, inputs first.
    pub ports: Vec<PortChange>,
    /// Attach points that differ, by name.
    pub attach_points: Vec<AttachPointChange>,
    /// How many attach points are the same.
    pub attach_points_same: usize,
    /// Precision, before and after, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<(Option<String>, Option<String>)>,
    /// Architecture, before and after, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<(Option<String>, Option<String>)>,
}

/// A file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// What became of it.
    pub change: Change,
    /// Length and digest in the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<FileFigures>,
    /// In the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<FileFigures>,
}

/// Length and digest of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileFigures {
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub digest: String,
}

/// A check of the smoke run, in both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckPair {
    /// Its name.
    pub name: String,
    /// In the first release's run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Check>,
    /// In the second's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Check>,
}

/// The smoke runs of both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunPair {
    /// Checks of either, by name.
    pub checks: Vec<CheckPair>,
    /// What the first's run took; absent when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<RunFigures>,
    /// What the second's took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RunFigures>,
    /// How well the first does on its evaluation set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation_before: Option<Evaluation>,
    /// How well the second does on its.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation_after: Option<Evaluation>,
}

/// What became of the findings; the same rule at the same place is the same finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FindingsChange {
    /// Only the first has them.
    pub resolved: Vec<Finding>,
    /// Only the second has them.
    pub introduced: Vec<Finding>,
    /// Both have them, as the second says it.
    pub persisting: Vec<Finding>,
}

impl Change {
    fn between<T: PartialEq>(before: Option<&T>, after: Option<&T>) -> Self {
        match (before, after) {
            (None, _) => Self::Added,
            (_, None) => Self::Removed,
            (before, after) if before == after => Self::Same,
            _ => Self::Changed,
        }
    }
}

/// What differs of the manifests, but for the version, which always does, and the interface, which is told
/// apart by itself.
///
/// # Errors
/// Never for manifests that were read from JSON or TOML.
pub fn manifests(before: &Manifest, after: &Manifest) -> Result<Vec<ValueChange>, serde_json::Error> {
    let rest = |manifest: &Manifest| -> Result<Value, serde_json::Error> {
        let mut value = serde_json::to_value(manifest)?;
        if let Some(sections) = value.as_object_mut() {
            sections.remove("interface");
            if let Some(module) = sections.get_mut("module").and_then(Value::as_object_mut) {
                module.remove("version");
            }
        }
        Ok(value)
    };
    let mut changes = Vec::new();
    values("", Some(&rest(before)?), Some(&rest(after)?), &mut changes);
    Ok(changes)
}

fn values(path: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<ValueChange>) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => objects(path, before, after, changes),
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            if before.iter().chain(after).all(Value::is_string) {
                words(path, before, after, changes);
            } else {
                for at in 0..before.len().max(after.len()) {
                    values(&format!("{path}/{at}"), before.get(at), after.get(at), changes);
                }
            }
        }
        _ => {
            let change = Change::between(before, after);
            if change != Change::Same {
                let (before, after) = (before.cloned(), after.cloned());
                changes.push(ValueChange { path: path.to_owned(), change, before, after });
            }
        }
    }
}

fn objects(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    changes: &mut Vec<ValueChange>,
) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        values(&format!("{path}/{escaped}"), before.get(name), after.get(name), changes);
    }
}

/// Lists of words are sets: what moved in one is the same, and what left it or came is told with its place.
fn words(path: &str, before: &[Value], after: &[Value], changes: &mut Vec<ValueChange>) {
    let only_in = |these: &[Value], others: &[Value]| -> Vec<(String, Value)> {
        let others: BTreeSet<&str> = others.iter().filter_map(Value::as_str).collect();
        let is_new = |word: &Value| word.as_str().is_none_or(|word| !others.contains(word));
        let only = these.iter().enumerate().filter(|(_, word)| is_new(word));
        only.map(|(at, word)| (format!("{path}/{at}"), word.clone())).collect()
    };
    let removed = only_in(before, after).into_iter().map(|(path, word)| ValueChange {
        path,
        change: Change::Removed,
        before: Some(word),
        after: None,
    });
    let added = only_in(after, before).into_iter().map(|(path, word)| ValueChange {
        path,
        change: Change::Added,
        before: None,
        after: Some(word),
    });
    changes.extend(removed.chain(added));
}

/// What became of an interface.
pub fn interfaces(before: &Interface, after: &Interface) -> InterfaceChange {
    let mut change = InterfaceChange {
        ports: ports("input", &before.inputs, &after.inputs),
        precision: differing(&before.precision, &after.precision),
        architecture: differing(&before.architecture, &after.architecture),
        ..InterfaceChange::default()
    };
    change.ports.extend(ports("output", &before.outputs, &after.outputs));
    let points = |interface: &Interface| -> BTreeMap<String, AttachPoint> {
        interface.attach_points.iter().map(|point| (point.name.clone(), point.clone())).collect()
    };
    for (name, before, after) in paired(points(before), points(after)) {
        match Change::between(before.as_ref(), after.as_ref()) {
            Change::Same => change.attach_points_same += 1,
            differs => {
                change.attach_points.push(AttachPointChange { name, change: differs, before, after });
            }
        }
    }
    change
}

fn differing(before: &Option<String>, after: &Option<String>) -> Option<(Option<String>, Option<String>)> {
    (before != after).then(|| (before.clone(), after.clone()))
}

/// The first release's ports in their order, then those that only the second has.
fn ports(direction: &str, before: &[Port], after: &[Port]) -> Vec<PortChange> {
    let port = |before: Option<&Port>, after: Option<&Port>| PortChange {
        direction: direction.to_owned(),
        name: before.or(after).map(|port| port.name.clone()).unwrap_or_default(),
        change: Change::between(before, after),
        before: before.cloned(),
        after: after.cloned(),
    };
    fn named(ports: &[Port]) -> BTreeMap<&str, &Port> {
        ports.iter().map(|port| (port.name.as_str(), port)).collect()
    }
    let (old, new) = (named(before), named(after));
    let kept = before.iter().map(|one| port(Some(one), new.get(one.name.as_str()).copied()));
    let added =
        after.iter().filter(|one| !old.contains_key(one.name.as_str())).map(|one| port(None, Some(one)));
    kept.chain(added).collect()
}

/// What became of the files, by path.
pub fn files(before: &[FileEntry], after: &[FileEntry]) -> Vec<FileChange> {
    let figures = |files: &[FileEntry]| -> BTreeMap<String, FileFigures> {
        let figures = |file: &FileEntry| FileFigures { size: file.size, digest: file.digest.to_string() };
        files.iter().map(|file| (file.path.to_string(), figures(file))).collect()
    };
    paired(figures(before), figures(after))
        .into_iter()
        .map(|(path, before, after)| FileChange {
            path,
            change: Change::between(before.as_ref(), after.as_ref()),
            before,
            after,
        })
        .collect()
}

/// What became of the findings.
pub fn findings(before: &[Finding], after: &[Finding]) -> FindingsChange {
    fn place(finding: &Finding) -> (&str, &str) {
        (&finding.rule, &finding.subject)
    }
    let (old, new): (BTreeSet<_>, BTreeSet<_>) =
        (before.iter().map(place).collect(), after.iter().map(place).collect());
    let (persisting, introduced) = after.iter().cloned().partition(|finding| old.contains(&place(finding)));
    let resolved = before.iter().filter(|finding| !new.contains(&place(finding))).cloned().collect();
    FindingsChange { resolved, introduced, persisting }
}

/// The smoke runs of both, check by check.
pub fn runs(before: Option<Report>, after: Option<Report>) -> RunPair {
    let checks =
        |report: &Option<Report>| report.as_ref().map(|report| report.checks.clone()).unwrap_or_default();
    let checks = paired(checks(&before), checks(&after));
    let (before, evaluation_before) = before.map(|report| (report.run, report.evaluation)).unzip();
    let (after, evaluation_after) = after.map(|report| (report.run, report.evaluation)).unzip();
    RunPair {
        checks: checks.into_iter().map(|(name, before, after)| CheckPair { name, before, after }).collect(),
        before,
        after,
        evaluation_before: evaluation_before.flatten(),
        evaluation_after: evaluation_after.flatten(),
    }
}

/// What either has under each name.
fn paired<T>(
    before: BTreeMap<String, T>,
    mut after: BTreeMap<String, T>,
) -> Vec<(String, Option<T>, Option<T>)> {
    let mut pairs: Vec<_> = before
        .into_iter()
        .map(|(name, value)| {
            let other = after.remove(&name);
            (name, Some(value), other)
        })
        .collect();
    pairs.extend(after.into_iter().map(|(name, value)| (name, None, Some(value))));
    pairs.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    pairs
}

#[cfg(test)]
mod tests {
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
        let ports: Vec<_> = change
            .ports
            .iter()
            .map(|port| (port.direction.as_str(), port.name.as_str(), port.change))
            .collect();
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
            let point =
                |(name, size): &(&str, u64)| json!({"name": name, "dtype": "float32", "shape": [size]});
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
}
