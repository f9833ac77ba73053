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
    /// Digest of the tokenizer's options, before and after, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<(Option<String>, Option<String>)>,
    /// Digest of the chat template, before and after, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_template: Option<(Option<String>, Option<String>)>,
    /// Quantisation, before and after, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<(Option<String>, Option<String>)>,
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
        tokenizer: differing(&before.tokenizer, &after.tokenizer),
        chat_template: differing(&before.chat_template, &after.chat_template),
        quantisation: differing(&before.quantisation, &after.quantisation),
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
#[path = "compare_tests.rs"]
mod tests;
