//! Judges what the passes gave, one check per function.

use std::collections::BTreeMap;

use cambium::domain::finding::Finding;
use cambium::domain::smoke::{Job, Part};
use serde_json::json;
use tch::{TchError, Tensor};

use crate::bench::Outputs;
use crate::contract;
use crate::load::non_finite;
use crate::outcome::{Outcome, from_torch, listed};
use crate::probe::Probe;
use crate::values::{Values, difference, first_unequal, share};

/// A difference no larger than this is none.
const NO_EFFECT: f64 = 1e-6;
/// Against the largest output, or 1: more than sums in another order differ by.
const WEAK: f64 = 1e-3;
/// Golden outputs pass within this where a release asks for nothing else.
const TOLERANCE: f64 = 1e-4;
/// No release gets more: beyond this a golden output tells nothing.
const MOST_TOLERANCE: f64 = 1e-2;

/// Outputs are finite; weights were checked before.
pub fn finite(outputs: &Outputs, outcome: &mut Outcome) {
    let bad = match non_finite(&outputs.all) {
        Ok(bad) => bad,
        Err(error) => return outcome.judge("finite", vec![], vec![from_torch("the outputs", &error)]),
    };
    let findings = if bad.is_empty() {
        vec![]
    } else {
        vec![Finding::error(
            "non_finite_output",
            listed(bad.iter().map(String::as_str)),
            format!("These outputs hold a NaN or an infinity: {}.", listed(bad.iter().map(String::as_str))),
            "Look for overflow in the module: a scale that is too large, or a division by zero.",
        )]
    };
    outcome.judge("finite", vec![("outputs", json!(outputs.all.len()))], findings);
}

/// Outputs are what the interfaces declare, and follow the batch.
pub fn contract(job: &Job, probe: &Probe, outputs: &Outputs, outcome: &mut Outcome) {
    let mut findings = vec![];
    let mut inputs = share(&probe.inputs);
    inputs.extend(share(&outputs.backbone));
    let mut declared = 0;
    let mut check = |part: &Part, given: &Values| {
        let Some(interface) = part.manifest.as_ref().and_then(|manifest| manifest.interface.as_ref()) else {
            return;
        };
        declared += interface.outputs.len();
        match contract::check(&part.name, interface, &inputs, given) {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(from_torch(&part.name, &error)),
        }
    };
    if let Some(part) = &job.backbone {
        check(part, &outputs.backbone);
    }
    for part in &job.modules {
        check(part, &outputs.all);
    }
    // Every output has one row per row of the probe, whether declared or not.
    let rows = probe.rows();
    for (name, value) in &outputs.all {
        if value.size().first() != Some(&rows) {
            findings.push(Finding::error(
                "output_contract",
                name,
                format!("`{name}` has shape {:?} for {rows} rows of input.", value.size()),
                "Keep the batch as the first dimension of every output.",
            ));
        }
    }
    let shapes: BTreeMap<&String, Vec<i64>> =
        outputs.all.iter().map(|(name, value)| (name, value.size())).collect();
    outcome.judge(
        "output_contract",
        vec![("declared", json!(declared)), ("shapes", json!(shapes))],
        findings,
    );
}

/// Whether what adapters change is so small beside the outputs that a pass of another shape could have made it.
///
/// # Errors
/// When libtorch fails.
pub fn is_weak(bare: &Values, adapted: &Outputs) -> Result<bool, TchError> {
    for (name, value) in &adapted.backbone {
        let Some(before) = bare.get(name).filter(|before| before.size() == value.size()) else { continue };
        if before.is_floating_point() && before.numel() > 0 {
            let size = before.f_abs()?.f_max()?.f_double_value(&[])?.max(1.0);
            // A NaN is judged elsewhere.
            let largest = difference(value, before, None)?.0;
            if largest.is_nan() || largest > WEAK * size {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The adapter changes what the backbone gives.
pub fn effect(bare: &Values, adapted: &Outputs, probe: &Probe, outcome: &mut Outcome) {
    let (mut max, mut mean) = (0.0_f64, 0.0_f64);
    for (name, value) in &adapted.backbone {
        let Some(before) = bare.get(name).filter(|before| before.size() == value.size()) else { continue };
        match difference(value, before, probe.mask()) {
            Ok((largest, average)) => (max, mean) = (max.max(largest), mean.max(average)),
            Err(error) => return outcome.judge("adapter_effect", vec![], vec![from_torch(name, &error)]),
        }
    }
    let new: Vec<&String> = adapted.backbone.keys().filter(|name| !bare.contains_key(*name)).collect();
    let nothing = max <= NO_EFFECT && (new.is_empty() || adapted.has_updates);
    let findings = if nothing {
        vec![Finding::error(
            "adapter_no_effect",
            "adapter",
            format!("The outputs with and without the adapter differ by {max:.3e} at most: it does nothing."),
            "Check that it was trained and saved: LoRA's B matrices begin at zero.",
        )]
    } else {
        vec![]
    };
    let figures = vec![("max_abs", json!(max)), ("mean_abs", json!(mean)), ("new_outputs", json!(new))];
    outcome.judge("adapter_effect", figures, findings);
}

/// Taking the adapter off leaves the backbone bit for bit as it was. Its weights lie in pages that nothing
/// can write to, so that its outputs are what there is to compare.
pub fn restored(before: &Values, after: &Values, outcome: &mut Outcome) {
    let changed = match first_unequal(before, after) {
        Ok(name) => name,
        Err(error) => return outcome.judge("restored", vec![], vec![from_torch("the backbone", &error)]),
    };
    let findings = changed.iter().map(|name| {
        Finding::error(
            "not_restored",
            "backbone",
            format!("After the adapter was taken off, output `{name}` of the backbone is not what it was."),
            "Adapters must not write into the backbone; export this one without in-place changes.",
        )
    });
    let findings = findings.collect();
    outcome.judge("restored", vec![("outputs", json!(before.len()))], findings);
}

/// Outputs are the golden ones that came with the probe. PEFT gives what is per token for `virtual_tokens` too,
/// the first ones: of golden outputs that have them the others are compared.
pub fn golden(job: &Job, probe: &Probe, outputs: &Values, virtual_tokens: i64, outcome: &mut Outcome) {
    if probe.golden.is_empty() {
        return outcome.skip("golden", "the probe has no golden outputs");
    }
    let asked = job.modules.last().or(job.backbone.as_ref()).and_then(|part| part.manifest.as_ref());
    let tolerance = asked.map_or(TOLERANCE, |manifest| manifest.smoke.tolerance).min(MOST_TOLERANCE);
    let mut errors = BTreeMap::new();
    let mut findings = vec![];
    for (name, expected) in &probe.golden {
        match golden_error(expected, outputs.get(name), virtual_tokens, probe.mask()) {
            Ok(error) if error <= tolerance => drop(errors.insert(name, error)),
            Ok(error) => {
                errors.insert(name, error);
                let why = format!("differs by {error:.3e} at most, and {tolerance:.1e} is tolerated");
                findings.push(mismatch(name, &why).with_change(tolerance, error));
            }
            Err(why) => findings.push(mismatch(name, &why)),
        }
    }
    let largest = errors.values().copied().fold(0.0, f64::max);
    let figures =
        vec![("max_abs_error", json!(largest)), ("tolerance", json!(tolerance)), ("outputs", json!(errors))];
    outcome.judge("golden", figures, findings);
}

/// The largest difference; golden outputs may have fewer rows than there are inputs.
fn golden_error(
    expected: &Tensor,
    actual: Option<&Tensor>,
    virtual_tokens: i64,
    mask: Option<&Tensor>,
) -> Result<f64, String> {
    let actual = actual.ok_or("is not given by this composition")?;
    let have = actual.size();
    let cut = match (expected.size().as_slice(), have.as_slice()) {
        ([_, want, _, ..], [_, tokens, _, ..]) if virtual_tokens > 0 && *want == tokens + virtual_tokens => {
            expected.f_narrow(1, virtual_tokens, *tokens)
        }
        _ => Ok(expected.shallow_clone()),
    };
    let expected = cut.map_err(|error| format!("cannot be compared ({error})"))?;
    let want = expected.size();
    if want.contains(&0) {
        return Err(format!("has the shape {want:?} among the golden outputs, which compares nothing"));
    }
    let comparable =
        want.len() == have.len() && want.get(1..) == have.get(1..) && want.first() <= have.first();
    if !comparable {
        return Err(format!("has shape {have:?} where {want:?} is expected"));
    }
    let compare = || -> Result<f64, TchError> {
        let actual = match want.first() {
            Some(rows) => actual.f_narrow(0, 0, *rows)?,
            None => actual.shallow_clone(),
        };
        Ok(difference(&actual, &expected, mask)?.0)
    };
    let error = compare().map_err(|error| format!("cannot be compared ({error})"))?;
    if error.is_nan() { Err("is not a number".to_owned()) } else { Ok(error) }
}

fn mismatch(name: &str, why: &str) -> Finding {
    Finding::error(
        "golden_mismatch",
        name,
        format!("`{name}` {why}: it is not the golden output that came with the probe."),
        "Make the golden outputs again with these weights, or find out which file is not the one that was tested.",
    )
}

/// What findings call a backbone.
pub fn called(part: &Option<Part>) -> String {
    part.as_ref().map_or_else(|| "it".to_owned(), |part| part.name.clone())
}

/// What the run is about.
pub fn subject(job: &Job) -> String {
    job.modules.last().map_or_else(|| called(&job.backbone), |part| part.name.clone())
}
