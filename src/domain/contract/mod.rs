//! What a release owes those who use it: how its interface changed, what each change demands of its version, and
//! whether the version gives it.
//!
//! [`edits`] tells two interfaces apart, [`RULES`] says what each kind of edit means, [`demand`] puts them together,
//! and [`judge`] holds the demand against the version.

mod bump;
mod edits;
mod measured;
mod rules;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use bump::{Bump, baseline, smallest};
pub use edits::{Edit, Field, How, Part, edits};
pub use measured::measured;
pub use rules::{RULES, Rule, rule};

use super::finding::{Finding, Severity};
use super::interface::Interface;
use super::manifest::Requirement;
use super::version::Version;

/// A release as far as its contract goes.
#[derive(Debug, Clone, Copy)]
pub struct Contract<'a> {
    /// What it takes, gives and offers to attach to.
    pub interface: &'a Interface,
    /// What it attaches to.
    pub requires: &'a [Requirement],
}

/// One change of a contract, and what it demands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Demand {
    /// How much of the version has to change.
    pub bump: Bump,
    /// What changed: rule, place, before and after.
    pub finding: Finding,
}

/// The most places that one finding names; what is more is counted.
const MOST_NAMED: usize = 8;

/// What the way from one contract to another demands, the most first. Attach points that share a rule are one.
pub fn demand(before: Contract<'_>, after: Contract<'_>) -> Vec<Demand> {
    let mut demands: Vec<Demand> = Vec::new();
    let mut points: Vec<(&'static Rule, Vec<Edit>)> = Vec::new();
    for edit in edits(before, after) {
        let Some(rule) = rule(&edit) else { continue };
        if edit.part != Part::AttachPoint {
            demands.push(Demand { bump: rule.bump, finding: rule.finding(&edit) });
        } else if let Some((_, alike)) = points.iter_mut().find(|(other, _)| other.id == rule.id) {
            alike.push(edit);
        } else {
            points.push((rule, vec![edit]));
        }
    }
    demands.extend(
        points
            .into_iter()
            .map(|(rule, alike)| Demand { bump: rule.bump, finding: rule.finding(&together(alike)) }),
    );
    // Stable: what demands the same stays in the order of the interface.
    demands.sort_by_key(|demand| std::cmp::Reverse(demand.bump));
    demands
}

/// Many edits of one kind as one that names some of them.
fn together(mut edits: Vec<Edit>) -> Edit {
    let count = edits.len();
    if count == 1 {
        return edits.remove(0);
    }
    let named: Vec<&str> = edits.iter().take(MOST_NAMED).map(|edit| edit.name.as_str()).collect();
    let more = count.saturating_sub(MOST_NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let name = format!("{}{rest}", named.join(", "));
    Edit { name, ..edits.remove(0) }
}

/// What the way from one release to another demands, and what its version gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Appraisal {
    /// How far the versions are apart; absent where the second is not the later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Bump>,
    /// The most that a change demands; absent where nothing changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demanded: Option<Bump>,
    /// Each change and what it demands, the most first.
    pub demands: Vec<Demand>,
}

/// Appraises the way from one release to another.
pub fn appraise(from: (Contract<'_>, &Version), to: (Contract<'_>, &Version)) -> Appraisal {
    let demands = demand(from.0, to.0);
    Appraisal {
        given: (from.1 < to.1).then(|| Bump::between(from.1, to.1)),
        demanded: demands.iter().map(|demand| demand.bump).max(),
        demands,
    }
}

/// A version that is too small for what changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TooSmall {
    /// The release that it is held against.
    pub baseline: Version,
    /// What the changes demand.
    pub demanded: Bump,
    /// The smallest version that would do.
    pub smallest: Version,
}

/// Holds what changed since `baseline` against a version: every demand that it does not give is an error, unless its
/// rule only warns. `published` has all versions of the module that are taken.
pub fn judge(
    demands: &[Demand],
    baseline: &Version,
    version: &Version,
    published: &[Version],
) -> (Vec<Finding>, Option<TooSmall>) {
    let given = Bump::between(baseline, version);
    let unmet: Vec<&Demand> = demands.iter().filter(|demand| demand.bump > given).collect();
    let refusing = unmet.iter().filter(|demand| demand.finding.severity == Severity::Error);
    let Some(demanded) = refusing.map(|demand| demand.bump).max() else {
        return (unmet.into_iter().map(|demand| demand.finding.clone()).collect(), None);
    };
    let smallest = smallest(baseline, demanded, version, published);
    let findings = unmet.into_iter().map(|demand| {
        let mut finding = demand.finding.clone();
        finding.remedy = match finding.remedy.as_str() {
            rules::TELL => format!("Publish it as {smallest} or later."),
            other => format!("{}, or publish it as {smallest} or later.", other.trim_end_matches('.')),
        };
        finding
    });
    (findings.collect(), Some(TooSmall { baseline: baseline.clone(), demanded, smallest: smallest.clone() }))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
