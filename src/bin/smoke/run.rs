//! The runs of a job: its compositions one after the other, on one load of the backbone.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::smoke::{Job, NEEDS_OWN_PROCESS, Part, Report, RunFigures, Step};
use serde_json::json;

use crate::bench::Bench;
use crate::evaluation;
use crate::judge::subject;
use crate::origin;
use crate::outcome::{Outcome, Stop};
use crate::part;
use crate::passes::{Bare, Passes};
use crate::probe::{self, Probe};
use crate::usage::{Clock, peak_memory};

/// Runs the job and tells each composition's report as it ends. `figures` are those that all share.
pub fn run(mut job: Job, figures: &RunFigures, mut tell: impl FnMut(Report)) {
    let mut batch = std::mem::take(&mut job.batch);
    if batch.is_empty() {
        batch.push(std::mem::take(&mut job.modules));
    }
    let mut ground = Ground { shared: batch.len() > 1, ..Ground::default() };
    for modules in batch {
        job.modules = modules;
        let (mut outcome, mut figures) = (Outcome::default(), figures.clone());
        // A panic is our bug, and a result: the outcome so far is kept.
        let ran = catch_unwind(AssertUnwindSafe(|| ground.compose(&job, &mut outcome, &mut figures)));
        if let Err(panic) = ran {
            let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            outcome.cannot_tell(Finding::warning(
                "engine_failed",
                "cambium-smoke",
                format!("The engine failed: {}.", excerpt(&why)),
                "Report this with the job that caused it.",
            ));
        }
        ground.bench.clear();
        if figures.peak_memory_bytes == 0 {
            figures.peak_memory_bytes = peak_memory();
        }
        tell(outcome.report(figures));
    }
}

/// Says on stderr what comes next, for whoever waits.
pub fn begin(step: Step) {
    // Where nobody listens, the run goes on.
    let _ = std::io::stderr().write_all(step.line().as_bytes());
}

/// What the compositions of a job share.
#[derive(Debug, Default)]
struct Ground {
    bench: Bench,
    /// Whether more than one composition runs here.
    shared: bool,
    /// What was found when it was loaded, and whether it can be used.
    loaded: Option<(Outcome, Soundness)>,
    /// What the bare backbone gave for the inputs of this file, or for made ones.
    bare: Option<(Option<PathBuf>, Bare)>,
}

/// Whether backbone and home can be used.
#[derive(Debug, Clone, Copy)]
struct Soundness {
    /// No file is refused for what it is.
    content: Result<(), Stop>,
    /// The backbone could be loaded.
    backbone: Result<(), Stop>,
    /// And home, where there is one.
    home: Result<(), Stop>,
    /// The backbone's weights are numbers.
    weights: Result<(), Stop>,
}

impl Ground {
    /// One composition, from its files to its judgement.
    fn compose(&mut self, job: &Job, outcome: &mut Outcome, figures: &mut RunFigures) -> Result<(), Stop> {
        let clock = Clock::start(job.limits);
        begin(Step::Loading);
        let sound = self.load(job, outcome);
        refuse_by_content(&job.modules, outcome).and(sound.content)?;
        if self.shared && job.modules.iter().any(part::is_code) {
            return Err(outcome.cannot_tell(code_alone(job)));
        }
        let bench = &mut self.bench;
        let probe = bench.net.as_ref().map(|net| probe::choose(job, Some(net), &[], outcome));
        let before = clock.seconds();
        let bare = match (&probe, &sound.weights) {
            (Some(Ok(probe)), Ok(())) => Some(bare(&mut self.bare, job, bench, probe)),
            _ => None,
        };
        let bare_seconds = clock.seconds() - before;
        let modules = bench.load_modules(job, outcome);
        sound.backbone.and(sound.home).and(modules)?;
        bench.check_modules(outcome).and(sound.weights)?;
        let fitted = bench.fit(outcome)?;
        outcome.findings.extend(origin::hints(job, bench));
        let probe = probe.unwrap_or_else(|| probe::choose(job, None, &bench.stages, outcome))?;
        let evaluation = evaluation::choose(job, bench.net.as_ref(), outcome);
        let refused = |finding, outcome: &mut Outcome| outcome.refuse("output_contract", vec![finding]);
        let bare = bare.transpose().map_err(|finding| refused(finding, outcome))?;
        if let Some(bare) = bare.as_ref().filter(|_| !job.modules.is_empty()) {
            bare.tell(figures);
        }
        probe.source.word().clone_into(&mut figures.inputs);
        figures.load_seconds = clock.seconds() - bare_seconds;
        figures.backbone_parameters = bench.net.as_ref().map_or(0, |net| net.parameters.count());
        figures.module_parameters = fitted.here.iter().map(|adapter| adapter.parameters).sum::<u64>()
            + bench.stages.iter().map(|stage| stage.parameters).sum::<u64>();
        outcome.judge("loads", vec![("seconds", json!(figures.load_seconds))], vec![]);
        let passes = Passes { job, probe: &probe, bare, evaluation, clock };
        passes.run(bench, fitted, outcome, figures).map_err(|finding| refused(finding, outcome))
    }

    /// Loads backbone and home, once; later compositions get what was found then.
    fn load(&mut self, job: &Job, outcome: &mut Outcome) -> Soundness {
        if let Some((found, sound)) = &self.loaded {
            *outcome = found.clone();
            return *sound;
        }
        let content = refuse_by_content(job.backbone.iter().chain(&job.home), outcome);
        let mut sound = Soundness { content, backbone: Ok(()), home: Ok(()), weights: Ok(()) };
        if content.is_ok() {
            sound.backbone = self.bench.load_backbone(job, outcome);
            sound.home = self.bench.load_home(job, outcome);
            sound.weights = self.bench.check_backbone(job, outcome);
        }
        self.loaded = Some((outcome.clone(), sound));
        sound
    }
}

/// What the bare backbone gives for the probe: from an earlier composition where that had the same.
fn bare(
    known: &mut Option<(Option<PathBuf>, Bare)>,
    job: &Job,
    bench: &mut Bench,
    probe: &Probe,
) -> Result<Bare, Finding> {
    if let Some((_, bare)) = known.as_ref().filter(|(file, _)| *file == probe.file) {
        return Ok(bare.again());
    }
    let bare = Bare::run(job, bench, probe)?;
    // The one that most have: a module that ships a probe of its own has it to itself.
    if known.is_none() {
        *known = Some((probe.file.clone(), bare.again()));
    }
    Ok(bare)
}

/// Code could change what its neighbours compute with.
fn code_alone(job: &Job) -> Finding {
    Finding::warning(
        NEEDS_OWN_PROCESS,
        subject(job),
        "It brings code, which runs in a process of its own and not with others.",
        "Run it by itself.",
    )
}

fn refuse_by_content<'a>(
    parts: impl IntoIterator<Item = &'a Part>,
    outcome: &mut Outcome,
) -> Result<(), Stop> {
    // Every part is looked at, so that one attempt shows all that is refused.
    parts.into_iter().map(|part| part::refuse_by_content(part, outcome)).fold(Ok(()), Result::and)
}
