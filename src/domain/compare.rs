//! Two releases side by side.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::finding::Finding;
use super::interface::{AttachPoint, Port};
use super::smoke::{Check, Evaluation, RunFigures};

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
