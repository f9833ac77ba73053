//! Collects checks and findings on the way to the report.

use std::collections::BTreeMap;

use cambium::domain::finding::{Finding, Severity, excerpt};
use cambium::domain::smoke::{Check, CheckStatus, Evaluation, Report, RunFigures, Update};
use cambium::domain::verdict::Verdict;
use serde_json::Value;
use tch::TchError;

/// The most names that a list in a finding or a check shows.
const LISTED: usize = 20;

/// The most findings in a report: a broken file can be broken in a hundred thousand places.
const MOST_FINDINGS: usize = 100;

/// Every check, and why it was not made where it was not.
const CHECKS: [(&str, &str); 14] = [
    ("loads", "the run ended before it"),
    ("keys", "the run ended before it"),
    ("finite", "the run ended before it"),
    ("deterministic", "the run ended before it"),
    ("output_contract", "the run ended before it"),
    ("routes", "there is no router, or the run ended before it"),
    ("batch_independent", "the run ended before it"),
    ("padding_independent", "the run ended before it"),
    ("half_precision", "there is no backbone, or the run ended before it"),
    ("adapter_effect", "there is no adapter, or the run ended before it"),
    ("restored", "there is no adapter, or the run ended before it"),
    ("golden", "there are no golden outputs, or the run ended before it"),
    ("evaluation", "no evaluation set came with it, or the run ended before it"),
    ("drift", "no home was given, or the run ended before it"),
];

/// The run, or a part of it, cannot go on; the reasons are in the [`Outcome`].
#[derive(Debug, Clone, Copy)]
pub struct Stop;

/// What was found so far.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Reasons.
    pub findings: Vec<Finding>,
    /// Checks by name.
    pub checks: BTreeMap<String, Check>,
    /// What adapters do to each parameter.
    pub updates: Vec<Update>,
    /// How well it does on its evaluation set.
    pub evaluation: Option<Evaluation>,
    unknown: bool,
    /// Figures of parts, by check and part, for when the check is judged.
    pending: BTreeMap<String, serde_json::Map<String, Value>>,
}

impl Outcome {
    /// Notes that a check holds, or does not because of `findings` that refuse.
    pub fn judge(&mut self, check: &str, figures: Vec<(&str, Value)>, findings: Vec<Finding>) {
        let failed = findings.iter().any(Finding::refuses);
        let room = MOST_FINDINGS.saturating_sub(self.findings.len());
        self.findings.extend(findings.into_iter().take(room));
        self.record(check, if failed { CheckStatus::Failed } else { CheckStatus::Passed }, figures);
    }

    /// Notes that a check does not apply, or could not be made.
    pub fn skip(&mut self, check: &str, reason: &str) {
        if !self.checks.contains_key(check) {
            self.record(check, CheckStatus::Skipped, vec![("reason", reason.into())]);
        }
    }

    /// Whether this check was made and does not hold.
    pub fn failed(&self, check: &str) -> bool {
        self.checks.get(check).is_some_and(|check| check.status == CheckStatus::Failed)
    }

    /// Notes findings that refute, and stops.
    pub fn refuse(&mut self, check: &str, findings: Vec<Finding>) -> Stop {
        self.judge(check, vec![], findings);
        Stop
    }

    /// Notes that nothing can be proven for a reason that is not the modules' fault, and stops.
    pub fn cannot_tell(&mut self, finding: Finding) -> Stop {
        self.unknown = true;
        self.findings.push(finding.with_severity(Severity::Warning));
        Stop
    }

    /// Adds a part's figures to a check without judging it.
    pub fn figures(&mut self, check: &str, part: &str, figures: Value) {
        let entry = self.pending.entry(check.to_owned()).or_default();
        entry.insert(part.to_owned(), figures);
    }

    /// Notes tensors of a part that hold a NaN or an infinity.
    ///
    /// # Errors
    /// When there are any.
    pub fn note_non_finite(&mut self, part: &str, bad: Result<Vec<String>, TchError>) -> Result<(), Stop> {
        let bad = bad.map_err(|error| self.refuse("finite", vec![from_torch(part, &error)]))?;
        let finding = |name: &String| {
            Finding::error(
                "non_finite_weights",
                format!("{part}: {}", excerpt(name)),
                format!("Tensor `{}` holds a NaN or an infinity.", excerpt(name)),
                "Go back to a checkpoint from before the training diverged.",
            )
        };
        let findings: Vec<Finding> = bad.iter().take(LISTED).map(finding).collect();
        if findings.is_empty() { Ok(()) } else { Err(self.refuse("finite", findings)) }
    }

    /// Compatible, unless something refuses or nothing could be proven.
    pub fn verdict(&self) -> Verdict {
        let failed = self.checks.values().any(|check| check.status == CheckStatus::Failed);
        if failed || self.findings.iter().any(Finding::refuses) {
            Verdict::Incompatible
        } else if self.unknown {
            Verdict::Unknown
        } else {
            Verdict::Compatible
        }
    }

    /// The report: checks that were not made say why.
    pub fn report(mut self, run: RunFigures) -> Report {
        for (check, reason) in CHECKS {
            self.skip(check, reason);
        }
        Report {
            verdict: self.verdict(),
            findings: self.findings,
            checks: self.checks,
            updates: self.updates,
            evaluation: self.evaluation,
            run,
        }
    }

    fn record(&mut self, check: &str, status: CheckStatus, figures: Vec<(&str, Value)>) {
        let mut figures: BTreeMap<String, Value> =
            figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if let Some(parts) = self.pending.get(check) {
            figures.insert("parts".to_owned(), Value::Object(parts.clone()));
        }
        // A check that failed once stays failed.
        let failed = self.checks.get(check).is_some_and(|check| check.status == CheckStatus::Failed);
        let status = if failed { CheckStatus::Failed } else { status };
        self.checks.insert(check.to_owned(), Check { status, figures });
    }
}

/// The finding about an exception of libtorch while `subject` did something.
pub fn from_torch(subject: &str, error: &TchError) -> Finding {
    let text = match error {
        TchError::Torch(text) => text.clone(),
        other => other.to_string(),
    };
    // The rest is a C++ stack trace with addresses.
    let lines: Vec<&str> =
        text.lines().take_while(|line| !line.starts_with("Exception raised from")).collect();
    let line = telling(&lines);
    let message = excerpt(line).trim_end_matches('.').to_owned();
    if text.contains("can't allocate memory")
        || text.contains("bad_alloc")
        || text.contains("not enough memory")
    {
        return Finding::error(
            "memory_limit",
            subject,
            format!("{subject} asked for more memory than the run may use: {message}."),
            "Raise the run's memory limit, or make the module or the probe smaller.",
        );
    }
    if let Some(opened) = denied(line) {
        return Finding::error(
            "sandbox_denied",
            subject,
            format!("{subject} tried to open {opened}, and the sandbox denied it: {message}."),
            "A module sees no file but its own, and writes none; keep what it needs as a parameter, a buffer or a \
             constant of the module.",
        );
    }
    Finding::error(
        "module_failed",
        subject,
        format!("{subject} raised an error: {message}."),
        "Run the module on the probe where it was made; the shapes and types it is given here are those of \
         its declared interface and of the backbone.",
    )
}

/// What could not be opened, where that is what an exception says: libtorch ends such texts with the
/// system's words and number, and puts the file into angle brackets.
fn denied(line: &str) -> Option<String> {
    let refused = ["Permission denied (13)", "Operation not permitted (1)"];
    if !refused.iter().any(|words| line.ends_with(words)) {
        return None;
    }
    let named = line.split_once('<').and_then(|(_, rest)| Some(rest.split_once('>')?.0));
    Some(named.map_or_else(|| "a file".to_owned(), |path| format!("the file `{}`", excerpt(path))))
}

/// The line that says most: of a TorchScript trace the last one that names an error, else the first.
fn telling<'a>(lines: &[&'a str]) -> &'a str {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let last = lines.iter().rev().find(|line| line.contains("Error: ") || line.contains("Exception: "));
    last.or(lines.first()).unwrap_or(&"no message")
}

/// At most twenty of the names, and how many more there are.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{}`", excerpt(name))).collect();
    let more = names.len().saturating_sub(LISTED);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// The same as a JSON list for a check's figures.
pub fn list(names: &[String]) -> Value {
    names.iter().take(LISTED).map(|name| Value::from(excerpt(name))).collect::<Vec<_>>().into()
}
