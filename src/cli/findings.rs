//! Findings for people.

use std::fmt::Write as _;

use crate::domain::finding::{Finding, Severity};

/// The findings as lines: severity, rule and place, then message and remedy.
pub fn rendered(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let Finding { rule, subject, message, remedy, .. } = finding;
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{severity} {rule}: {subject}\n  {message}\n  {remedy}");
    }
    text
}
