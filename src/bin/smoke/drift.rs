//! Judges how a composition behaves here against how it behaves on home, the backbone that it was made for.
//!
//! Three likenesses, each for another way to break. The *correlation* of the answers asks whether rows are told
//! apart as on home; what is common to all rows, or to all classes of a row, does not count, since it can be most of
//! an answer and says nothing. Their *cosine* keeps what is common: answers that all moved the same way keep their
//! correlation. The cosine of the *effect*, which is what adapters change in the backbone's own output, tells when
//! adapters that are a small part of the answers do something else. Thresholds are those that `docs/checks.md` shows
//! the data of.

use cambium::domain::finding::{Finding, Severity};
use cambium::domain::smoke::Job;
use serde_json::{Value, json};
use tch::TchError;

use crate::bench::{ANSWERS, Outputs};
use crate::judge::{called, subject};
use crate::outcome::{Outcome, from_torch};
use crate::probe::{Probe, Source};
use crate::values::{Values, correlation, cosine, difference, whole_cosine};

/// Below the first a likeness should be looked at, below the second the behaviour is another one.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    watched: f64,
    refused: f64,
}

/// What adapters change in the backbone's output.
const EFFECT: Bounds = Bounds { watched: 0.85, refused: 0.65 };
/// Bare outputs above this are told to be the same.
const BARE_IS_SAME: f64 = 0.97;

/// The bounds of correlation and cosine of the answers. Inputs that were `made` are unlike any that modules were
/// trained on: answers hardly differ from row to row, and the same change of a backbone moves them by more. Where the
/// effect of adapters is judged as well (`adapted`), answers have to tell less; they are also less fragile than those
/// of a head that reads the backbone's output.
const fn bounds(adapted: bool, made: bool) -> (Bounds, Bounds) {
    let (watched, correlation, cosine) = match (adapted, made) {
        (false, false) => (0.97, 0.95, 0.85),
        (false, true) => (0.95, 0.90, 0.70),
        (true, false) => (0.97, 0.93, 0.80),
        (true, true) => (0.90, 0.80, 0.40),
    };
    (Bounds { watched, refused: correlation }, Bounds { watched: 0.90, refused: cosine })
}

/// How bad a likeness is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Same,
    Watched,
    Refused,
}

impl Bounds {
    fn level(self, likeness: f64) -> Level {
        // A NaN is not at least anything.
        if likeness >= self.watched {
            Level::Same
        } else if likeness >= self.refused {
            Level::Watched
        } else {
            Level::Refused
        }
    }
}

/// What was given for the same inputs.
pub struct Seen<'a> {
    /// By the composition on the backbone.
    pub here: &'a Outputs,
    /// By the composition on home.
    pub home: &'a Outputs,
    /// By the backbone and by home without adapters, where there are some.
    pub bare: Option<(&'a Values, &'a Values)>,
}

/// How far the outputs on this backbone are from those on home. Where it is `decided` by its metric,
/// drift only informs.
pub fn judge(job: &Job, seen: &Seen, probe: &Probe, decided: bool, outcome: &mut Outcome) {
    let measured = answers(seen, probe).and_then(|answers| Ok((answers, effect(seen, probe)?)));
    let (answers, effect) = match measured {
        Ok(measured) => measured,
        Err(finding) if job.measures => return outcome.skip("drift", &finding.message),
        Err(finding) => return outcome.judge("drift", vec![], vec![finding]),
    };
    let bare = seen.bare.unwrap_or((&seen.here.backbone, &seen.home.backbone));
    let bare = (!job.modules.is_empty()).then(|| bare_correlation(bare, probe)).flatten();
    let bounds = bounds(effect.is_some(), probe.source == Source::Seed);
    let mut figures = answers.figures(bounds, &seen.here.answers);
    if let Some(bare) = bare {
        figures.push(("bare_correlation", json!(bare)));
    }
    if let Some(effect) = &effect {
        figures.extend([
            ("effect_cosine", json!(effect.cosine)),
            ("effect_ratio", json!(effect.ratio)),
            ("effect_output", json!(effect.output)),
        ]);
    }
    if job.measures {
        return outcome.judge("drift", figures, vec![]);
    }
    let effect = effect.and_then(|effect| effect.finding(job, bare));
    let findings = answers.finding(job, bounds).into_iter().chain(effect);
    let findings = findings.map(|finding| if decided { informs(finding) } else { finding });
    outcome.judge("drift", figures, findings.collect());
}

/// The same, where its metric decides.
fn informs(finding: Finding) -> Finding {
    let remedy = "Nothing by itself: its metric was measured on both, and that decides.";
    Finding { remedy: remedy.to_owned(), ..finding }.with_severity(Severity::Warning)
}

/// How like the answers are, at the worst of the outputs.
#[derive(Debug)]
struct Answers {
    correlation: Option<f64>,
    cosine: f64,
    least: f64,
    max_abs: f64,
}

fn answers(seen: &Seen, probe: &Probe) -> Result<Answers, Finding> {
    let mut all = Answers { correlation: None, cosine: 1.0, least: 1.0, max_abs: 0.0 };
    for name in &seen.here.answers {
        let (Some(here), Some(home)) = (seen.here.all.get(name), seen.home.all.get(name)) else {
            return Err(Finding::error(
                "behaviour_drift",
                name,
                format!("`{name}` is given on this backbone and not on home, so nothing can be compared."),
                "Make the module give the same outputs whatever its inputs are.",
            ));
        };
        if here.size() != home.size() {
            return Err(Finding::error(
                "shape_mismatch",
                name,
                format!("`{name}` has shape {:?} here and {:?} on home.", here.size(), home.size()),
                "Train the module again for this backbone.",
            ));
        }
        let measure = || -> Result<_, TchError> {
            let mask = probe.mask();
            let distance = difference(here, home, mask)?.0;
            Ok((correlation(here, home, mask)?, cosine(here, home, mask)?, distance))
        };
        let (correlation, (mean, least), distance) = measure().map_err(|error| from_torch(name, &error))?;
        if let Some(correlation) = correlation {
            all.correlation = Some(worst(all.correlation.unwrap_or(1.0), correlation));
        }
        all.cosine = worst(all.cosine, mean);
        all.least = worst(all.least, least);
        all.max_abs = all.max_abs.max(distance);
    }
    Ok(all)
}

/// The lower of two likenesses; a NaN, which `min` passes over, is the worst of all.
fn worst(a: f64, b: f64) -> f64 {
    if b.is_nan() { -1.0 } else { a.min(b) }
}

impl Answers {
    /// What they are judged by comes with its bounds: the correlation, or the cosine where there is none.
    fn figures(
        &self,
        (correlation, cosine): (Bounds, Bounds),
        outputs: &[String],
    ) -> Vec<(&'static str, Value)> {
        let bounds = if self.correlation.is_some() { correlation } else { cosine };
        let told = self.correlation.map(|found| ("correlation", json!(found)));
        let others = [
            ("cosine_mean", json!(self.cosine)),
            ("cosine_min", json!(self.least)),
            ("max_abs", json!(self.max_abs)),
            ("outputs", json!(outputs)),
            ("watched_below", json!(bounds.watched)),
            ("refused_below", json!(bounds.refused)),
            ("cosine_watched_below", json!(cosine.watched)),
            ("cosine_refused_below", json!(cosine.refused)),
        ];
        told.into_iter().chain(others).collect()
    }

    fn level(&self, (correlation, cosine): (Bounds, Bounds)) -> Level {
        let told = self.correlation.map_or(Level::Same, |found| correlation.level(found));
        told.max(cosine.level(self.cosine))
    }

    fn finding(&self, job: &Job, bounds: (Bounds, Bounds)) -> Option<Finding> {
        let (here, home) = (called(&job.backbone), called(&job.home));
        let told = self.correlation.map_or_else(String::new, |found| {
            format!("its answers tell rows apart otherwise than on {home} (correlation {found:.3}), and ")
        });
        let message = format!(
            "On {here} {told}the outputs have a mean cosine of {:.3} (lowest {:.3}) to those on {home}, for which it \
             was made.",
            self.cosine, self.least
        );
        by_level(self.level(bounds), || {
            let change = self.correlation.unwrap_or(self.cosine).min(self.cosine);
            Finding::error("behaviour_drift", subject(job), message, RETRAIN).with_change(1.0, change)
        })
    }
}

const RETRAIN: &str = "Train it again for this backbone, or keep it on the one it was made for.";

/// The finding that a likeness of this level leads to.
fn by_level(level: Level, finding: impl FnOnce() -> Finding) -> Option<Finding> {
    match level {
        Level::Same => None,
        Level::Watched => {
            let remedy = "Evaluate it on this backbone before relying on it.".to_owned();
            Some(Finding { remedy, ..finding() }.with_severity(Severity::Warning))
        }
        Level::Refused => Some(finding()),
    }
}

/// What adapters change in the backbone's own output, here against on home.
#[derive(Debug)]
struct Effect {
    output: &'static str,
    cosine: f64,
    /// How many times as large it is here.
    ratio: f64,
}

/// Measured where adapters move an output that the backbone gives by itself; classifiers of their own are no effect.
fn effect(seen: &Seen, probe: &Probe) -> Result<Option<Effect>, Finding> {
    let Some((bare_here, bare_home)) = seen.bare else { return Ok(None) };
    // What a head of the adapter's own gives instead of the backbone's is not what it does to the backbone.
    for output in ANSWERS.into_iter().filter(|output| *output != "logits" || !seen.here.has_new_head) {
        let given = [&seen.here.backbone, bare_here, &seen.home.backbone, bare_home].map(|by| by.get(output));
        let [Some(here), Some(bare_here), Some(home), Some(bare_home)] = given else { continue };
        // Nothing is comparable where an adapter changes the shape.
        if [bare_here, home, bare_home].iter().any(|other| other.size() != here.size()) {
            continue;
        }
        let measure = || whole_cosine(&here.f_sub(bare_here)?, &home.f_sub(bare_home)?, home, probe.mask());
        let found = measure().map_err(|error| from_torch(output, &error))?;
        return Ok(found.map(|(cosine, ratio)| Effect { output, cosine: worst(1.0, cosine), ratio }));
    }
    Ok(None)
}

impl Effect {
    fn finding(&self, job: &Job, bare: Option<f64>) -> Option<Finding> {
        let (here, home) = (called(&job.backbone), called(&job.home));
        let inside = bare.is_some_and(|bare| bare >= BARE_IS_SAME);
        let within = if inside {
            " The bare backbone gives the same on both: what is inside of it was reordered or rescaled."
        } else {
            ""
        };
        // Where the backbone's output became another one, so may what adapters change in it, and the answers tell.
        let level = EFFECT.level(self.cosine).min(if inside { Level::Refused } else { Level::Watched });
        let message = format!(
            "On {here} the adapters change `{}` otherwise than on {home}, for which they were made: the cosine of \
             both changes is {:.3}, and here it is {:.2} times as large.{within}",
            self.output, self.cosine, self.ratio
        );
        by_level(level, || {
            Finding::error("adapter_effect_drift", subject(job), message, RETRAIN)
                .with_change(1.0, self.cosine)
        })
    }
}

/// How like the backbone's own outputs are; a figure that nothing is judged by.
fn bare_correlation((here, home): (&Values, &Values), probe: &Probe) -> Option<f64> {
    let output = ANSWERS.iter().find(|name| here.contains_key(**name))?;
    let (here, home) = (here.get(*output)?, home.get(*output)?);
    let comparable = here.size() == home.size();
    comparable.then(|| correlation(here, home, probe.mask()).ok().flatten()).flatten()
}
