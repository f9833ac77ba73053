//! Whether a router chooses among its candidates, and which.

use std::collections::BTreeMap;

use cambium::domain::finding::{Finding, Severity};
use cambium::domain::module::Kind;
use cambium::domain::router::{self, CANDIDATES, RouterSection};
use cambium::domain::smoke::{Job, Part};
use serde_json::json;
use tch::{Kind as Element, TchError};

use crate::bench::{Bench, Outputs};
use crate::load::is_finite;
use crate::outcome::{Outcome, from_torch, listed};
use crate::probe::Probe;
use crate::stage::{Body, Stage};
use crate::values::share;

/// From this many rows on, one and the same choice for all of them is worth a look.
const ROWS_THAT_TELL: usize = 3;
/// A router that is told its candidates is run without one of them, where at least two are left.
const ENOUGH_TO_LEAVE_ONE_OUT: usize = 3;

/// Judges every router of the composition.
///
/// # Errors
/// The finding about whatever was raised when one chose among fewer.
pub fn judge(
    job: &Job,
    bench: &mut Bench<'_>,
    probe: &Probe,
    whole: &Outputs,
    outcome: &mut Outcome,
) -> Result<(), Finding> {
    let (mut any, mut findings) = (false, vec![]);
    for part in job.modules.iter().filter(|part| kind(part) == Some(Kind::Router)) {
        let Some(manifest) = &part.manifest else { continue };
        any = true;
        findings.extend(router::declared(manifest));
        let Some(section) = &manifest.router else { continue };
        match one(part, section, bench, probe, whole, outcome)? {
            Ok(finding) => findings.extend(finding),
            Err(finding) => findings.push(finding),
        }
    }
    if any {
        outcome.judge("routes", vec![], findings);
    }
    Ok(())
}

fn kind(part: &Part) -> Option<Kind> {
    part.manifest.as_ref().map(|manifest| manifest.module.kind).or(part.kind)
}

/// One router: the outer error ends the run, the inner one is what is wrong with its choices.
fn one(
    part: &Part,
    section: &RouterSection,
    bench: &mut Bench<'_>,
    probe: &Probe,
    whole: &Outputs,
    outcome: &mut Outcome,
) -> Result<Result<Option<Finding>, Finding>, Finding> {
    let Some(at) = bench.stages.iter().position(|stage| stage.name == part.name) else { return Ok(Ok(None)) };
    let output = section.output.clone().unwrap_or_else(|| bench.stages[at].answer());
    let all: Vec<i64> = (0_i64..).zip(&section.candidates).map(|(place, _)| place).collect();
    let chosen = match choices(part, section, &output, whole, &all) {
        Ok(chosen) => chosen,
        Err(finding) => return Ok(Err(finding)),
    };
    let mut counts: BTreeMap<&str, u64> =
        section.candidates.iter().map(|candidate| (candidate.as_str(), 0)).collect();
    for candidate in chosen.iter().filter_map(|place| section.candidates.get(usize::try_from(*place).ok()?)) {
        *counts.entry(candidate.as_str()).or_default() += 1;
    }
    let figures = json!({"output": output, "candidates": all.len(), "rows": probe.rows(), "chosen": counts});
    outcome.figures("routes", &part.name, figures);
    let (&favourite, _) = counts.iter().max_by_key(|(_, count)| **count).unwrap_or((&"", &0));
    let left: Vec<i64> = all
        .iter()
        .copied()
        .filter(|place| {
            let candidate = usize::try_from(*place).ok().and_then(|place| section.candidates.get(place));
            candidate.is_some_and(|candidate| candidate.as_str() != favourite)
        })
        .collect();
    if all.len() >= ENOUGH_TO_LEAVE_ONE_OUT && is_told(&bench.stages[at]) {
        tell(&mut bench.stages[at], left.clone());
        // Those behind it may count on all candidates.
        let again = bench.up_to(at + 1, share(&whole.backbone), &probe.inputs);
        tell(&mut bench.stages[at], all);
        if let Err(finding) = choices(part, section, &output, &again?, &left) {
            return Ok(Err(finding));
        }
    }
    let rows = usize::try_from(probe.rows()).unwrap_or(0);
    let same = counts.values().filter(|count| **count > 0).count() == 1 && rows >= ROWS_THAT_TELL;
    Ok(Ok(same.then(|| one_choice(part, favourite, rows))))
}

/// Whether the router is told its candidates.
fn is_told(stage: &Stage) -> bool {
    matches!(&stage.body, Body::Script { inputs, .. } if inputs.iter().any(|port| port.name == CANDIDATES))
}

fn tell(stage: &mut Stage, places: Vec<i64>) {
    if let Body::Script { candidates, .. } = &mut stage.body {
        *candidates = places;
    }
}

/// The places in the manifest's list that were chosen, of those that the router had to choose among.
fn choices(
    part: &Part,
    section: &RouterSection,
    output: &str,
    outputs: &Outputs,
    among: &[i64],
) -> Result<Vec<i64>, Finding> {
    let Some(value) = outputs.all.get(output) else {
        return Err(router::no_choice(&part.name, &format!("it does not give `{output}`")));
    };
    let raised = |error: TchError| from_torch(&part.name, &error);
    match (value.is_floating_point(), value.size().as_slice()) {
        (true, [_, width]) if i64::try_from(among.len()) != Ok(*width) => {
            let told = RouterSection { candidates: told(section, among), output: None };
            let width = u64::try_from(*width).unwrap_or(0);
            Err(router::width_finding(&part.name, &told, width)
                .unwrap_or_else(|| out_of(part, section, among, &[])))
        }
        (true, [_, _]) if !is_finite(value).map_err(raised)? => {
            Err(router::no_choice(&part.name, &format!("`{output}` holds a NaN or an infinity")))
        }
        (true, [_, _]) => {
            let largest =
                value.f_argmax(1, false).and_then(|places| Vec::<i64>::try_from(&places)).map_err(raised)?;
            let place = |at: &i64| usize::try_from(*at).ok().and_then(|at| among.get(at)).copied();
            Ok(largest.iter().filter_map(place).collect())
        }
        (_, [_] | [_, _]) if value.kind() == Element::Int64 => {
            let places: Vec<i64> =
                value.f_reshape([-1]).and_then(|flat| Vec::try_from(&flat)).map_err(raised)?;
            let outside: Vec<i64> = places.iter().copied().filter(|place| !among.contains(place)).collect();
            if outside.is_empty() { Ok(places) } else { Err(out_of(part, section, among, &outside)) }
        }
        (_, size) => {
            let why = format!("`{output}` is {} of shape {size:?}", crate::load::word(value.kind()));
            Err(router::no_choice(&part.name, &why))
        }
    }
}

fn told(section: &RouterSection, among: &[i64]) -> Vec<cambium::domain::name::ModuleName> {
    let candidate = |place: &i64| section.candidates.get(usize::try_from(*place).ok()?).cloned();
    among.iter().filter_map(candidate).collect()
}

fn out_of(part: &Part, section: &RouterSection, among: &[i64], outside: &[i64]) -> Finding {
    let name = &part.name;
    let places: Vec<String> = outside.iter().map(ToString::to_string).collect();
    let (times, all) = (outside.len(), section.candidates.len());
    let had = if among.len() == all {
        format!("has {all} candidates, at the places 0 to {}", all.saturating_sub(1))
    } else {
        let candidates = told(section, among);
        format!("was told to choose among {} only", listed(candidates.iter().map(|one| one.as_str())))
    };
    let mut unlike = places.clone();
    unlike.sort_unstable();
    unlike.dedup();
    Finding::error(
        "router_out_of_candidates",
        name,
        format!("{name} {had}, and chose {}: {times} times in all.", listed(unlike.iter().map(String::as_str))),
        "Choose among the candidates that the router is given: take the largest of their scores, or the place of \
         one that is in its input `candidates`.",
    )
    .with_change(among.iter().take(20).copied().collect::<Vec<i64>>(), outside.iter().take(20).copied().collect::<Vec<i64>>())
}

fn one_choice(part: &Part, favourite: &str, rows: usize) -> Finding {
    let name = &part.name;
    Finding::error(
        "router_one_choice",
        name,
        format!("{name} chose `{favourite}` in all of {rows} rows."),
        "Ship a probe.safetensors with inputs for which it should choose differently; if it still chooses one only, \
         look whether it has collapsed in training.",
    )
    .with_severity(Severity::Warning)
}
