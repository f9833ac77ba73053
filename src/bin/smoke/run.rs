//! One run: load, put together, execute, judge.

use std::io::Write;

use cambium::domain::smoke::{Job, RunFigures, Step};
use serde_json::json;

use crate::bench::Bench;
use crate::evaluation;
use crate::outcome::{Outcome, Stop};
use crate::part;
use crate::passes::{Bare, Passes};
use crate::probe;
use crate::usage::Clock;

/// Runs the job; checks and findings go to `outcome`, figures to `figures`.
///
/// # Errors
/// When it had to end early; the outcome says why.
pub fn run(job: &Job, outcome: &mut Outcome, figures: &mut RunFigures) -> Result<(), Stop> {
    let clock = Clock::start(job.limits);
    begin(Step::Loading);
    refuse_by_content(job, outcome)?;
    let mut bench = Bench::default();
    let backbone = bench.load_backbone(job, outcome);
    let probe = bench.net.as_ref().map(|net| probe::choose(job, Some(net), &[], outcome));
    let sound = bench.check_backbone(job, outcome);
    // Before anything else is loaded, so that what it takes is the backbone's alone.
    let before = clock.seconds();
    let bare = match (&probe, &sound) {
        (Some(Ok(probe)), Ok(())) => Some(Bare::run(job, &bench, probe, figures)),
        _ => None,
    };
    let bare_seconds = clock.seconds() - before;
    let modules = bench.load_modules(job, outcome);
    backbone.and(modules)?;
    bench.check_modules(outcome).and(sound)?;
    let fitted = bench.fit(outcome)?;
    let probe = probe.unwrap_or_else(|| probe::choose(job, None, &bench.stages, outcome))?;
    let evaluation = evaluation::choose(job, bench.net.as_ref(), outcome);
    let refused = |finding, outcome: &mut Outcome| outcome.refuse("output_contract", vec![finding]);
    let bare = bare.transpose().map_err(|finding| refused(finding, outcome))?;
    probe.source.word().clone_into(&mut figures.inputs);
    figures.load_seconds = clock.seconds() - bare_seconds;
    figures.backbone_parameters = bench.net.as_ref().map_or(0, |net| net.parameters.count());
    figures.module_parameters = fitted.here.iter().map(|adapter| adapter.parameters).sum::<u64>()
        + bench.stages.iter().map(|stage| stage.parameters).sum::<u64>();
    outcome.judge("loads", vec![("seconds", json!(figures.load_seconds))], vec![]);
    let passes = Passes { job, probe: &probe, bare, evaluation, clock };
    passes.run(&mut bench, fitted, outcome, figures).map_err(|finding| refused(finding, outcome))
}

/// Says on stderr what comes next, for whoever waits.
pub fn begin(step: Step) {
    // Where nobody listens, the run goes on.
    let _ = std::io::stderr().write_all(step.line().as_bytes());
}

fn refuse_by_content(job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
    let parts = job.backbone.iter().chain(&job.home).chain(&job.modules);
    // Every part is looked at, so that one attempt shows all that is refused.
    parts.map(|part| part::refuse_by_content(part, outcome)).fold(Ok(()), Result::and)
}
