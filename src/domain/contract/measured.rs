//! What a backbone's measured drift from the release before demands of its version.

use serde_json::{Value, json};

use super::Demand;
use super::edits::{Edit, Field, How, Part};
use super::rules::rule;
use crate::domain::smoke::{Check, CheckStatus, Report};

/// What a run that measured its drift demands; none where nothing was measured, or nothing moved.
///
/// The likenesses (a correlation where there are several rows, and a mean cosine) come with their bounds: those that the
/// drift of modules is judged by, since a backbone that its modules would be refused on is a new one to them. `docs/checks.md`
/// has the data that they were chosen by.
pub fn measured(report: &Report) -> Option<Demand> {
    let drift = report.checks.get("drift").filter(|drift| drift.status == CheckStatus::Passed)?;
    let bounds = [
        ("correlation", "watched_below", "refused_below"),
        ("cosine_mean", "cosine_watched_below", "cosine_refused_below"),
    ];
    let hows = bounds.iter().filter_map(|(likeness, watched, refused)| {
        let found = drift.figures.get(*likeness)?;
        how(found, figure(drift, watched)?, figure(drift, refused)?)
    });
    // Of the two the one that says more.
    let how = hows.min_by_key(|how| *how != How::Changed)?;
    let after = json!({ "correlation": drift.figures.get("correlation"), "cosine": drift.figures.get("cosine_mean") });
    let edit = Edit {
        part: Part::Behaviour,
        name: String::new(),
        field: Field::Outputs,
        how,
        before: None,
        after: Some(after),
    };
    let rule = rule(&edit)?;
    Some(Demand { bump: rule.bump, finding: rule.finding(&edit) })
}

fn figure(check: &Check, name: &str) -> Option<f64> {
    check.figures.get(name)?.as_f64()
}

/// A likeness that is no number is none.
fn how(found: &Value, watched: f64, refused: f64) -> Option<How> {
    match found.as_f64() {
        Some(found) if found >= watched => None,
        Some(found) if found >= refused => Some(How::Moved),
        _ => Some(How::Changed),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::measured;
    use crate::domain::contract::Bump;
    use crate::domain::finding::Finding;
    use crate::domain::smoke::Report;
    use crate::domain::verdict::Verdict;

    fn report(status: &str, correlation: Option<f64>, cosine: f64) -> Report {
        let finding = Finding::warning("x", "x", "x", "x");
        let mut report = Report::without_run(Verdict::Compatible, finding);
        let mut drift = json!({
            "status": status, "cosine_mean": cosine, "watched_below": 0.95, "refused_below": 0.9,
            "cosine_watched_below": 0.9, "cosine_refused_below": 0.7,
        });
        if let Some(correlation) = correlation {
            drift["correlation"] = json!(correlation);
        }
        report.checks.insert("drift".to_owned(), serde_json::from_value(drift).unwrap());
        report
    }

    #[test]
    fn what_moved_demands_the_more_the_further() {
        for (correlation, cosine, expected) in [
            (Some(0.99), 0.98, None),
            (Some(0.93), 0.98, Some((Bump::Minor, "outputs_moved"))),
            (Some(0.99), 0.85, Some((Bump::Minor, "outputs_moved"))),
            (Some(0.93), 0.2, Some((Bump::Major, "outputs_replaced"))),
            (Some(0.1), 0.99, Some((Bump::Major, "outputs_replaced"))),
            (Some(f64::NAN), 0.99, Some((Bump::Major, "outputs_replaced"))),
            // A probe of one row has no correlation.
            (None, 0.95, None),
            (None, 0.5, Some((Bump::Major, "outputs_replaced"))),
        ] {
            let demand = measured(&report("passed", correlation, cosine));
            let found = demand.as_ref().map(|demand| (demand.bump, demand.finding.rule.as_str()));
            assert_eq!(found, expected, "{correlation:?} {cosine}");
        }
    }

    #[test]
    fn what_was_not_measured_demands_nothing() {
        assert_eq!(measured(&report("skipped", Some(0.1), 0.1)), None);
        let finding = Finding::warning("x", "x", "x", "x");
        assert_eq!(measured(&Report::without_run(Verdict::Unknown, finding)), None);
    }
}
