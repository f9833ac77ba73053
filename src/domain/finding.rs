//! Findings: one reason each, for machines first.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; changes no verdict.
    Info,
    /// Probably wrong; changes no verdict.
    Warning,
    /// Refuses: a verdict with an error is incompatible, a release with one is rejected.
    Error,
}

/// One reason for a verdict or a refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "rule": "target_not_found", "severity": "error", "subject": "adapter_config.json: target_modules",
    "message": "The backbone has no module named `q_lin`.",
    "remedy": "Name modules that the backbone has, such as `query`.",
}))]
pub struct Finding {
    /// Stable id of the rule that found it, in snake case.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The place: a file, a tensor, a release, a field.
    pub subject: String,
    /// What is wrong and why, in a sentence.
    pub message: String,
    /// What to do about it, in a sentence.
    pub remedy: String,
    /// What was expected or was there before, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// What was found instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
}

impl Finding {
    /// A finding that refuses.
    pub fn error(
        rule: &str,
        subject: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.to_owned(),
            severity: Severity::Error,
            subject: subject.into(),
            message: message.into(),
            remedy: remedy.into(),
            before: None,
            after: None,
        }
    }

    /// A finding that tells without refusing.
    pub fn warning(
        rule: &str,
        subject: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::error(rule, subject, message, remedy).with_severity(Severity::Warning)
    }

    /// The same with another severity.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The same with what was expected and what was found.
    #[must_use]
    pub fn with_change(
        mut self,
        before: impl Into<serde_json::Value>,
        after: impl Into<serde_json::Value>,
    ) -> Self {
        self.before = Some(before.into());
        self.after = Some(after.into());
        self
    }

    /// Whether it refuses.
    pub fn refuses(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Text from an upload as findings show it: at most 120 characters, control characters escaped.
pub fn excerpt(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = text.chars().take(LONGEST).flat_map(escaped).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn escaped(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}
