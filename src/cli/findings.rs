//! Findings for people.

use std::fmt::Write as _;

use console::Style;

use super::terminal;
use crate::domain::finding::{Finding, Severity};

/// Findings, a paragraph each: the rule and the place, what is wrong, what to do.
pub fn rendered(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (word, style) = match finding.severity {
            Severity::Error => ("error", Style::new().red()),
            Severity::Warning => ("warning", Style::new().yellow()),
            Severity::Info => ("info", Style::new().cyan()),
        };
        let _ = writeln!(
            text,
            "\n{} {}: {}\n  {}\n  {}",
            style.apply_to(word),
            terminal::strong(&finding.rule),
            terminal::plain(&finding.subject),
            terminal::plain(&finding.message),
            terminal::plain(&finding.remedy),
        );
    }
    text
}
