//! Smoke runs: the job that `cambium-smoke` reads on stdin, and the report that it writes on stdout.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::device::Device;
use super::finding::Finding;
use super::manifest::Manifest;
use super::module::Kind;
use super::verdict::Verdict;

/// One smoke run: a backbone, and what is put on it. At least one of the two is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What the modules attach to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backbone: Option<Part>,
    /// What is put on the backbone, all in one composition: adapters first, then heads and bridges
    /// on what the adapted backbone gives.
    #[serde(default)]
    pub modules: Vec<Part>,
    /// Compositions that run on the same load of the backbone, in place of `modules`, some at a time; each has
    /// a report of its own, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batch: Vec<Vec<Part>>,
    /// The backbone that the modules were made for, where `backbone` is another one: their outputs
    /// on `backbone` are judged by how far they drift from those on `home`, and by the metric on both
    /// where the last module ships an evaluation set that can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Part>,
    /// What drifts from `home` is only measured, and nothing is judged by it: the backbone alone is the next version of
    /// `home`, and its version says how far it may move.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub measures: bool,
    /// Inputs, and golden outputs where it has them: a safetensors file with `input.*` and
    /// `output.*`. Without one, the last module's or else the backbone's own `probe.safetensors`
    /// is used, and where none has one, inputs are made from `seed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<PathBuf>,
    /// An evaluation set in place of the one that the last module, or else the backbone, ships.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<PathBuf>,
    /// Seed of made inputs.
    pub seed: u64,
    /// Where it computes.
    #[serde(default, skip_serializing_if = "Device::is_cpu")]
    pub device: Device,
    /// Bounds of the run; of a batch, those of each composition.
    pub limits: Limits,
    /// Runs even where the machine lacks a mechanism that confines it; for files that are trusted.
    #[serde(default)]
    pub allow_partial_sandbox: bool,
}

/// A release, or a folder, that takes part in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What findings call it: `namespace/name@version`, or the folder's name.
    pub name: String,
    /// What it is, where that is known; otherwise its files tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Its manifest, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
    /// Its files: path in the release → where the bytes lie.
    pub files: BTreeMap<String, PathBuf>,
}

/// Bounds of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Memory of the process beyond libtorch and mapped files, in bytes.
    pub memory_bytes: u64,
    /// Wall time, in seconds.
    pub wall_seconds: u64,
    /// Processor time of all threads, in seconds.
    pub cpu_seconds: u64,
    /// Longest report, in bytes.
    pub output_bytes: u64,
    /// Threads that compute.
    pub threads: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 4 << 30, wall_seconds: 120, cpu_seconds: 240, output_bytes: 4 << 20, threads: 2 }
    }
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Compatible when every check that applies passed, incompatible when one failed, unknown when
    /// the run could not be made.
    pub verdict: Verdict,
    /// One reason each.
    pub findings: Vec<Finding>,
    /// By name: `loads`, `keys`, `finite`, `deterministic`, `output_contract`, `routes`, `batch_independent`,
    /// `padding_independent`, `half_precision`, `adapter_effect`, `restored`, `golden`, `evaluation`, `drift`.
    pub checks: BTreeMap<String, Check>,
    /// What the adapters do, all together, to each parameter that they change, in the order of the
    /// parameters' names; empty where nothing adapts the backbone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<Update>,
    /// How well it does on the evaluation set that the last module, or the backbone where it is alone,
    /// ships as `evaluation.safetensors`; absent where there is none, or it could not be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
    /// What is needed to run it again, and what it took.
    pub run: RunFigures,
}

/// What the adapters of a composition do to one parameter of the backbone, from their weights alone: what
/// it computes with in the parameter's place, less the parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Update {
    /// The parameter, as the backbone's checkpoint names it.
    pub parameter: String,
    /// Frobenius norm of the change of the parameter.
    pub norm: f64,
    /// That norm over the Frobenius norm of the parameter itself. Absent where the parameter is all
    /// zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_norm: Option<f64>,
    /// Entropy-based effective rank of the change (Roy and Vetterli, 2007): the exponential of the
    /// entropy of its singular values taken as shares. Absent for a change that is no matrix or
    /// nothing at all, and where finding the singular values would take too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_rank: Option<f64>,
    /// The rank that the change could have, where its method bounds it, as LoRA's `r`; that of several
    /// is their sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_bound: Option<u64>,
}

/// How well a composition does on an evaluation set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evaluation {
    /// The metric, as `accuracy`: between 0 and 1, more is better.
    pub metric: String,
    /// Rows that were run: those of the set, or as many of the first ones as the run's time allows, and
    /// 2000 at most.
    pub rows: u64,
    /// The metric of the whole composition.
    pub score: f64,
    /// The metric without the adapters, everything else the same, a classifier that one of them brings
    /// too; absent where nothing adapts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_without: Option<f64>,
    /// The same for each group of rows, by the group's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupScore>,
    /// The difference between the best and the worst group's score; absent where there are fewer than two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_gap: Option<f64>,
}

/// How well a composition does on one group of an evaluation set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupScore {
    /// The group.
    pub group: String,
    /// Its rows.
    pub rows: u64,
    /// The metric of the whole composition.
    pub score: f64,
    /// The metric without the adapters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_without: Option<f64>,
}

/// One check and its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// How it ended.
    pub status: CheckStatus,
    /// Its figures by name, as `max_abs_error`.
    #[serde(flatten)]
    pub figures: BTreeMap<String, serde_json::Value>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It does not apply, or could not be made.
    Skipped,
}

/// What the engine does at a time, in its order. It names each on stderr as it begins: `step: loading`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Files become weights, and each tensor gets its place.
    Loading,
    /// The backbone runs before anything is put on it.
    BarePass,
    /// What adapters change is measured from their weights.
    Updates,
    /// Everything runs together.
    Composition,
    /// It runs again: the same, other rows beside, no padding, in half precision.
    Repetition,
    /// It answers the evaluation set.
    Evaluation,
    /// Adapters are taken off, and the backbone has to be what it was.
    Restoring,
    /// The same runs on the backbone that it was made for.
    Drift,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Loading,
        Self::BarePass,
        Self::Updates,
        Self::Composition,
        Self::Repetition,
        Self::Evaluation,
        Self::Restoring,
        Self::Drift,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::BarePass => "bare_pass",
            Self::Updates => "updates",
            Self::Composition => "composition",
            Self::Repetition => "repetition",
            Self::Evaluation => "evaluation",
            Self::Restoring => "restoring",
            Self::Drift => "drift",
        }
    }

    /// The step of that word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// The line that names it.
    pub fn line(self) -> String {
        format!("step: {}\n", self.as_str())
    }

    /// The step that a line names, if it names one. Modules can print such lines too, so a step is what
    /// the engine says of itself and nothing to decide by.
    pub fn of_line(line: &[u8]) -> Option<Self> {
        let word = line.strip_prefix(b"step: ")?;
        Self::ALL.into_iter().find(|step| word == [step.as_str().as_bytes(), b"\n"].concat())
    }
}

/// What is needed to run it again, and what it took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunFigures {
    /// `cambium-smoke`'s version and libtorch's.
    pub engine: String,
    /// Seed of made inputs.
    pub seed: u64,
    /// `cpu`, `cuda:0`, …
    pub device: String,
    /// Threads that computed.
    pub threads: u32,
    /// Where the inputs came from: `probe` (given), `release` (shipped) or `seed` (made).
    pub inputs: String,
    /// Bounds it ran under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Mechanisms that confined it, as `landlock` and `seccomp`.
    pub sandbox: Vec<String>,
    /// Seconds for loading.
    pub load_seconds: f64,
    /// Seconds of the forward pass of the whole composition.
    pub forward_seconds: f64,
    /// Seconds of the bare backbone's forward pass over the same inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bare_forward_seconds: Option<f64>,
    /// Largest resident memory of the process up to the end of the composition's passes over the inputs, in
    /// bytes; in a batch those before it have their part in it. An evaluation set and the backbone that it was made for come later and are not in it.
    pub peak_memory_bytes: u64,
    /// Largest resident memory up to the end of the bare backbone's pass over the same inputs, in bytes:
    /// nothing else was loaded by then, so that the rest is what the modules take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bare_peak_memory_bytes: Option<u64>,
    /// Parameters of the backbone.
    pub backbone_parameters: u64,
    /// Parameters of what was put on it.
    pub module_parameters: u64,
    /// Multiplications in the linear layers and the attention of the backbone in that pass; what adapters and TorchScript
    /// add is not in it. Twice as many floating-point operations.
    #[serde(default)]
    pub multiplications: u64,
    /// The same of the bare backbone's pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bare_multiplications: Option<u64>,
    /// For how many compositions of a batch that pass was made as one, where there were several: its seconds
    /// and multiplications are a share of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_shared_by: Option<u64>,
}

/// The most compositions of a batch that run at a time. Their reports come together.
pub const AT_A_TIME: usize = 16;

/// The most compositions that one process of the engine is given.
pub const MOST_IN_A_BATCH: usize = 256;

/// The rule of a composition in a batch that brings code: it has to run in a process of its own.
pub const NEEDS_OWN_PROCESS: &str = "needs_own_process";

impl Job {
    /// How many reports it gives: one, or as many as the batch has compositions.
    pub fn reports(&self) -> usize {
        self.batch.len().max(1)
    }

    /// Everything whose files the job names.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.backbone.iter().chain(&self.home).chain(&self.modules).chain(self.batch.iter().flatten())
    }
}

impl Report {
    /// The report of a run that ended without one, with the finding that says why.
    pub fn without_run(verdict: Verdict, finding: Finding) -> Self {
        Self {
            verdict,
            findings: vec![finding],
            checks: BTreeMap::new(),
            updates: Vec::new(),
            evaluation: None,
            run: RunFigures::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_one_word_each_and_are_told_by_their_whole_line() {
        for step in Step::ALL {
            assert_eq!(Step::of_line(step.line().as_bytes()), Some(step));
            assert_eq!(serde_json::to_value(step).unwrap(), step.as_str());
        }
        assert!(Step::ALL.is_sorted());
        for line in ["", "step: ", "step: drift", "step: drifting\n", " step: drift\n", "step: \u{1b}[2J\n"] {
            assert_eq!(Step::of_line(line.as_bytes()), None, "{line:?}");
        }
    }
}
