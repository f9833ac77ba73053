//! How a composition scores on its evaluation set: here, without its adapters and on home, and what that means.

use std::collections::BTreeMap;

use cambium::domain::evaluation::{LOSS_ERROR, Loss, MOST_ROWS};
use cambium::domain::finding::{Finding, Severity};
use cambium::domain::smoke::{Evaluation, GroupScore, Job};
use serde_json::{Value, json};

use crate::bench::{Bench, Form};
use crate::evaluation::{CLASS_SCORES, Set, Tally, Unscored};
use crate::judge::{called, subject};
use crate::outcome::Outcome;
use crate::usage::Clock;

/// The share of the run's time that may be spent when the last of the scores here is made, and when the
/// one on home is.
const TIME_HERE: f64 = 0.6;
const TIME_HOME: f64 = 0.9;

/// The scores of a composition.
#[derive(Debug)]
pub struct Scores {
    here: Tally,
    without: Option<Tally>,
    home: Option<Tally>,
}

impl Scores {
    /// Answers the set with the composition, and without its adapters where it has some. `None` when that
    /// cannot be done; the outcome says why.
    pub async fn here(
        set: &Set,
        bench: &mut Bench<'_>,
        adapted: bool,
        clock: &Clock,
        outcome: &mut Outcome,
    ) -> Option<Self> {
        let scorings = 1 + usize::from(adapted) + usize::from(bench.has_home());
        let begun = clock.spent();
        let until = begun + (TIME_HERE - begun) / scorings as f64;
        let here = set.tally(bench, Form::Here, None, || clock.spent() < until).await;
        let here = here.map_err(|unscored| note(set, unscored, outcome)).ok()?;
        let mut without = None;
        if adapted {
            let rows = Some(here.right.len());
            let tally = set.tally(bench, Form::Heads, rows, || clock.spent() < TIME_HERE).await;
            without = tally.map_err(|unscored| note(set, unscored, outcome)).ok();
        }
        Some(Self { here, without, home: None })
    }

    /// Answers the same rows with the composition on home.
    pub async fn at_home(&mut self, set: &Set, bench: &mut Bench<'_>, clock: &Clock, outcome: &mut Outcome) {
        let rows = Some(self.here.right.len());
        let tally = set.tally(bench, Form::Home, rows, || clock.spent() < TIME_HOME).await;
        self.home = tally.map_err(|unscored| note(set, unscored, outcome)).ok();
    }

    /// Whether the metric on this backbone and on home tells how it does here.
    pub fn decide(&self) -> bool {
        self.home.as_ref().is_some_and(|home| self.loss(home).decides())
    }

    fn loss(&self, home: &Tally) -> Loss {
        Loss {
            rows: self.here.right.len(),
            lost: home.ahead_of(&self.here),
            gained: self.here.ahead_of(home),
        }
    }

    /// Puts the scores into the report, and judges them against home's.
    pub fn judge(&self, job: &Job, set: &Set, outcome: &mut Outcome) {
        let (rows, of) = (self.here.right.len(), set.outline.rows);
        let mut figures: Vec<(&str, Value)> = vec![
            ("metric", json!(set.outline.metric)),
            ("rows", json!(rows)),
            ("rows_in_file", json!(of)),
            ("score", json!(self.here.score())),
        ];
        if let Some(without) = &self.without {
            figures.push(("score_without", json!(without.score())));
        }
        let mut findings = vec![];
        if (rows as u64) < of {
            findings.push(cut(set, rows));
        }
        if let Some(home) = &self.home {
            let loss = self.loss(home);
            figures.extend([
                ("home_score", json!(home.score())),
                ("home_groups", json!(self.home_groups(set, home))),
                ("rows_lost", json!(loss.lost)),
                ("rows_gained", json!(loss.gained)),
                ("loss", json!(loss.share())),
                ("loss_at_most", json!(loss.at_most())),
            ]);
            findings.extend(loss_finding(job, self.here.score(), home.score(), loss));
            findings.extend(doubt(set, loss));
        }
        outcome.evaluation = Some(self.report(set));
        outcome.judge("evaluation", figures, findings);
    }

    fn report(&self, set: &Set) -> Evaluation {
        let last = set.groups.iter().max().map_or(0, |most| most + 1);
        let group = |number: usize| {
            let (score, rows) = self.here.of_group(&set.groups, number);
            let score_without = self.without.as_ref().map(|without| without.of_group(&set.groups, number).0);
            GroupScore { group: set.outline.group(number), rows: rows as u64, score, score_without }
        };
        let groups: Vec<GroupScore> = (0..last).map(group).filter(|group| group.rows > 0).collect();
        let scores = || groups.iter().map(|group| group.score);
        let (best, worst) = (scores().fold(0.0, f64::max), scores().fold(1.0, f64::min));
        Evaluation {
            metric: set.outline.metric.clone(),
            rows: self.here.right.len() as u64,
            score: self.here.score(),
            score_without: self.without.as_ref().map(Tally::score),
            largest_gap: (groups.len() > 1).then_some(best - worst),
            groups,
        }
    }

    fn home_groups(&self, set: &Set, home: &Tally) -> BTreeMap<String, f64> {
        let last = set.groups.iter().max().map_or(0, |most| most + 1);
        let scores = (0..last).map(|group| (set.outline.group(group), home.of_group(&set.groups, group)));
        scores.filter(|(_, (_, rows))| *rows > 0).map(|(name, (score, _))| (name, score)).collect()
    }
}

/// Says why there is no score.
fn note(set: &Set, unscored: Unscored, outcome: &mut Outcome) {
    let finding = match unscored {
        Unscored::Refused(finding) => return outcome.judge("evaluation", vec![], vec![finding]),
        Unscored::NoScores(what) => Finding::warning(
            "evaluation_without_scores",
            &set.called,
            format!("The evaluation set was not run: {what}, and accuracy needs scores [rows, classes]."),
            format!(
                "Call the output `logits`, or declare it with semantics = \"{CLASS_SCORES}\" in cambium.toml."
            ),
        ),
        Unscored::TooSlow => Finding::warning(
            "evaluation_too_slow",
            &set.called,
            "The evaluation set was not run to its end: the time that the run may take did not suffice.",
            "Raise the run's time limit, or ship a set with fewer or shorter rows.",
        ),
    };
    outcome.skip(
        "evaluation",
        if finding.rule == "evaluation_too_slow" { "too slow" } else { "no class scores" },
    );
    outcome.findings.push(finding);
}

fn cut(set: &Set, rows: usize) -> Finding {
    let why = if rows as u64 == MOST_ROWS {
        format!("no more than {MOST_ROWS} are")
    } else {
        "the run may not take longer".to_owned()
    };
    Finding::warning(
        "evaluation_cut",
        &set.called,
        format!("Of its {} rows the first {rows} were run: {why}.", set.outline.rows),
        "Mix the rows, so that the first ones stand for all, or ship fewer.",
    )
    .with_severity(Severity::Info)
}

/// What losing that much against home means.
fn loss_finding(job: &Job, here: f64, home: f64, loss: Loss) -> Option<Finding> {
    let remedy = if loss.refuses() {
        "Train it again for this backbone, or keep it on the one it was made for."
    } else {
        "See which group lost most, and decide whether that is acceptable."
    };
    let message = format!(
        "On {} its accuracy is {here:.3}, and {home:.3} on {}, for which it was made: {:.3} less.",
        called(&job.backbone),
        called(&job.home),
        loss.share()
    );
    let finding = Finding::error("metric_loss", subject(job), message, remedy).with_change(home, here);
    loss.warns().then(|| if loss.refuses() { finding } else { finding.with_severity(Severity::Warning) })
}

/// That the set is too small to tell whether too much was lost.
fn doubt(set: &Set, loss: Loss) -> Option<Finding> {
    let finding = Finding::warning(
        "metric_inconclusive",
        &set.called,
        format!(
            "On {} rows its accuracy is {:.3} less than on the backbone that it was made for, which may as well \
             mean {:.3} less: that does not tell, and the drift of its outputs decides.",
            loss.rows,
            loss.share(),
            loss.at_most()
        ),
        format!(
            "Ship more rows: a loss of more than {LOSS_ERROR} has to be excluded with a confidence of 95 %."
        ),
    );
    (!loss.decides()).then_some(finding)
}
