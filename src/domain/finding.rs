//! Findings: one reason each, for machines first.

use std::collections::BTreeMap;

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

/// Findings as they are made, with a bound for each rule: hostile files could break one a million
/// times over.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<String, usize>,
}

impl Findings {
    /// The most findings kept of one rule.
    pub const MOST_PER_RULE: usize = 20;

    /// Adds one; beyond [`Self::MOST_PER_RULE`] of its rule it is only counted.
    pub fn push(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.rule.clone()).or_default();
        *count += 1;
        if *count <= Self::MOST_PER_RULE {
            self.kept.push(finding);
        }
    }

    /// The findings kept, and for each rule with more one that says how many.
    pub fn into_vec(mut self) -> Vec<Finding> {
        for (rule, count) in self.counts {
            let Some(more) = count.checked_sub(Self::MOST_PER_RULE).filter(|more| *more > 0) else {
                continue;
            };
            if let Some(last) = self.kept.iter().rfind(|finding| finding.rule == rule) {
                let message = format!("There are {more} more findings of this kind.");
                let (severity, remedy) = (last.severity, last.remedy.clone());
                let rest = Finding::error(&rule, last.subject.clone(), message, remedy);
                self.kept.push(rest.with_severity(severity));
            }
        }
        self.kept
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_findings_of_one_rule_become_twenty_and_a_count() {
        let mut findings = Findings::default();
        findings.extend((0..50).map(|i| Finding::error("a", format!("{i}"), "m", "r")));
        findings.push(Finding::warning("b", "s", "m", "r"));
        let findings = findings.into_vec();
        assert_eq!(findings.len(), 22);
        assert!(findings[21].message.contains("30 more") && findings[21].refuses());
    }

    #[test]
    fn excerpts_are_short_and_harmless() {
        assert_eq!(excerpt("a\u{1b}\nb"), "a\\u{1b}\\nb");
        assert_eq!(excerpt(&"x".repeat(500)).chars().count(), 121);
    }
}
