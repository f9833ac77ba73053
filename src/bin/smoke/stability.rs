//! Whether outputs stay what they are when the same is run again, with other rows beside, without padding,
//! and in half precision.

use cambium::domain::finding::{Finding, Severity};
use cambium::domain::smoke::Job;
use serde_json::json;
use tch::TchError;

use crate::bench::{Bench, Outputs, half};
use crate::judge::subject;
use crate::nets::Takes;
use crate::outcome::{Outcome, from_torch};
use crate::parameters::Rounding;
use crate::probe::Probe;
use crate::sample::Sample;
use crate::stage::Body;
use crate::values::{Values, cosine, difference, first_unequal};

/// How much outputs may differ when only their surroundings do, against 1 or their largest number, whatever
/// is more: sums in another order.
const TOLERANCE: f64 = 1e-4;

/// Below this mean cosine to the outputs in float32, half precision gives something else.
const HALF: f64 = 0.98;

/// Runs rows of `whole`'s composition again and judges. `bare` is what the bare backbone gave for the sample,
/// in float32 and in half precision.
///
/// # Errors
/// The finding about whatever was raised.
pub async fn judge(
    job: &Job,
    bench: &mut Bench<'_>,
    (probe, sample): (&Probe, &Sample),
    whole: &Outputs,
    bare: Option<(&Values, &Values)>,
    outcome: &mut Outcome,
) -> Result<(), Finding> {
    let (first, second) = bench.twice(&sample.inputs).await?;
    deterministic(&first, &second, outcome).map_err(torch)?;
    if outcome.failed("deterministic") {
        for check in ["batch_independent", "padding_independent"] {
            outcome.skip(check, "it does not even repeat itself");
        }
    } else {
        surroundings(job, bench, probe, sample, (whole, &first), outcome).await?;
    }
    if bench.net().is_some() {
        let half = bench.afresh(&sample.inputs, half(job)).await?;
        half_precision(job, &first, &half, bare, sample, outcome).map_err(torch)?;
    }
    Ok(())
}

fn torch(error: TchError) -> Finding {
    from_torch("the outputs", &error)
}

/// The sample, alone and short, gives what it gave among other rows and with padding. Only where it does not
/// is it run once more to tell which of the two it was.
async fn surroundings(
    job: &Job,
    bench: &mut Bench<'_>,
    probe: &Probe,
    sample: &Sample,
    (whole, alone): (&Outputs, &Outputs),
    outcome: &mut Outcome,
) -> Result<(), Finding> {
    let rows = probe.rows();
    let expected = sample.of_outputs(&whole.all, rows).map_err(torch)?;
    let both = Apart::of(&alone.all, &expected).map_err(torch)?;
    if !sample.is_shorter() {
        batch_independent(job, rows, severity(bench), both, outcome);
        return added_padding(job, bench, sample, alone, outcome).await;
    }
    if !both.is_too_far() {
        outcome.judge("batch_independent", both.figures(), vec![]);
        outcome.judge("padding_independent", both.figures(), vec![]);
        return Ok(());
    }
    let long = bench.afresh(&sample.unshortened(probe).map_err(torch)?, Rounding::None).await?;
    let long = sample.of_sample(&long.all).map_err(torch)?;
    batch_independent(job, rows, severity(bench), Apart::of(&long, &expected).map_err(torch)?, outcome);
    padding_independent(job, severity(bench), Apart::of(&alone.all, &long).map_err(torch)?, outcome);
    Ok(())
}

/// The same with padding added, where the probe has none.
async fn added_padding(
    job: &Job,
    bench: &mut Bench<'_>,
    sample: &Sample,
    alone: &Outputs,
    outcome: &mut Outcome,
) -> Result<(), Finding> {
    let (id, longest) = match bench.net().map(|net| (net.padding(), net.takes())) {
        Some((id, Takes::Tokens { positions, .. })) => (id, positions),
        _ => (0, None),
    };
    let Some((inputs, columns)) = sample.padded(id, longest).map_err(torch)? else {
        outcome.skip("padding_independent", "the inputs have no mask, or no room for padding on the right");
        return Ok(());
    };
    let long = bench.afresh(&inputs, Rounding::None).await?;
    let long = sample.of_padded(&long.all, columns).map_err(torch)?;
    padding_independent(job, severity(bench), Apart::of(&alone.all, &long).map_err(torch)?, outcome);
    Ok(())
}

/// A second run, on fresh loads where a module could keep state, gives the same bits.
fn deterministic(first: &Outputs, second: &Outputs, outcome: &mut Outcome) -> Result<(), TchError> {
    let findings = first_unequal(&first.all, &second.all)?.map(|name| {
        Finding::error(
            "non_deterministic",
            &name,
            format!("Two runs on the same inputs gave different `{name}`."),
            "Switch dropout and sampling off in the exported module, or seed them inside of it.",
        )
    });
    outcome.judge("deterministic", vec![("runs", json!(2))], findings.into_iter().collect());
    Ok(())
}

/// How far apart outputs are: the one that is farthest beyond what is tolerated, or nearest to it.
#[derive(Debug, Default)]
struct Apart {
    name: String,
    by: f64,
    tolerance: f64,
}

impl Apart {
    /// Compares outputs that have the same shape; `expected` sets the scale.
    fn of(found: &Values, expected: &Values) -> Result<Self, TchError> {
        let mut worst = Self { tolerance: TOLERANCE, ..Self::default() };
        for (name, value) in found {
            let Some(other) = expected.get(name).filter(|other| other.size() == value.size()) else {
                continue;
            };
            if !value.is_floating_point() || value.numel() == 0 {
                continue;
            }
            let (by, _) = difference(value, other, None)?;
            let tolerance = TOLERANCE * other.f_abs()?.f_max()?.f_double_value(&[])?.max(1.0);
            if by.is_nan() || by / tolerance > worst.by / worst.tolerance {
                worst = Self { name: name.clone(), by, tolerance };
            }
        }
        Ok(worst)
    }

    fn is_too_far(&self) -> bool {
        self.by.is_nan() || self.by > self.tolerance
    }

    fn figures(&self) -> Vec<(&'static str, serde_json::Value)> {
        vec![("max_abs", json!(self.by)), ("tolerance", json!(self.tolerance))]
    }
}

/// Code is to blame for what it does. Weights alone are run as transformers and PEFT run them: where that
/// depends on padding, as with rotary frequencies that follow the length, people should know and are used to it.
fn severity(bench: &Bench<'_>) -> Severity {
    let code = bench.stages.iter().any(|stage| matches!(stage.body, Body::Script { .. }));
    if code { Severity::Error } else { Severity::Warning }
}

fn batch_independent(job: &Job, rows: i64, severity: Severity, apart: Apart, outcome: &mut Outcome) {
    let findings = apart.is_too_far().then(|| {
        Finding::error(
            "batch_dependent",
            subject(job),
            format!(
                "`{}` of the same row differs by {:.3e} when other rows are beside it than in the batch of {rows}.",
                apart.name, apart.by
            ),
            "Compute each row by itself: no statistics over the batch (batch norm in training mode, \
             normalisation over dimension 0), no reading of other rows.",
        )
        .with_change(apart.tolerance, apart.by)
        .with_severity(severity)
    });
    outcome.judge("batch_independent", apart.figures(), findings.into_iter().collect());
}

fn padding_independent(job: &Job, severity: Severity, apart: Apart, outcome: &mut Outcome) {
    let findings = apart.is_too_far().then(|| {
        Finding::error(
            "padding_dependent",
            subject(job),
            format!(
                "`{}` of the same tokens differs by {:.3e} with padding behind them.",
                apart.name, apart.by
            ),
            "Take the attention mask as an input and leave masked tokens out of sums, means and maxima.",
        )
        .with_change(apart.tolerance, apart.by)
        .with_severity(severity)
    });
    outcome.judge("padding_independent", apart.figures(), findings.into_iter().collect());
}

/// Outputs in half precision mean the same as those in float32.
fn half_precision(
    job: &Job,
    full: &Outputs,
    half: &Outputs,
    bare: Option<(&Values, &Values)>,
    sample: &Sample,
    outcome: &mut Outcome,
) -> Result<(), TchError> {
    let mask = sample.inputs.get("attention_mask").or_else(|| sample.inputs.get("mask"));
    let alike = |name: &String, full: &Values, half: &Values| -> Result<Option<f64>, TchError> {
        match (full.get(name), half.get(name)) {
            (Some(full), Some(half)) if full.size() == half.size() && full.is_floating_point() => {
                cosine(full, half, mask).map(|(mean, _)| Some(mean))
            }
            _ => Ok(None),
        }
    };
    let (mut least, mut of_bare) = (1.0_f64, None);
    for name in &full.answers {
        let Some(mean) = alike(name, &full.all, &half.all)? else { continue };
        // `min` passes over a NaN, which is the worst of all.
        least = if mean.is_nan() { -1.0 } else { least.min(mean) };
        if let Some((full, half)) = bare {
            of_bare = alike(name, full, half)?.or(of_bare);
        }
    }
    let meant = |part: &cambium::domain::smoke::Part| {
        let interface = part.manifest.as_ref()?.interface.as_ref()?;
        interface.precision.clone()
    };
    let part = job.modules.last().or(job.backbone.as_ref());
    let meant_for_half = part.and_then(meant).is_some_and(|word| word == "bfloat16" || word == "float16");
    let findings = (least < HALF).then(|| {
        let finding = Finding::error(
            "half_precision_unstable",
            subject(job),
            format!("In bfloat16 its outputs have a mean cosine of {least:.3} to those in float32."),
            "Serve it in float32, or train it in the precision that it is served in: large numbers that cancel \
             each other do not survive rounding to 8 bits.",
        );
        let finding = finding.with_change(1.0, least);
        if meant_for_half { finding } else { finding.with_severity(Severity::Warning) }
    });
    let mut figures = vec![("cosine_mean", json!(least)), ("cosine_at_least", json!(HALF))];
    if let Some(of_bare) = of_bare {
        figures.push(("cosine_mean_bare", json!(of_bare)));
    }
    outcome.judge("half_precision", figures, findings.into_iter().collect());
    Ok(())
}
