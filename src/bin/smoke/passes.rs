//! The passes of a run, in an order that needs few of them, and what they say.

use std::time::Instant;

use cambium::domain::finding::{Finding, Severity};
use cambium::domain::smoke::{Job, RunFigures, Step};

use crate::adapter::Adapter;
use crate::bench::{Bench, Fitted, Outputs};
use crate::evaluation::{Scores, Set};
use crate::inert;
use crate::judge;
use crate::outcome::{Outcome, Stop, from_torch};
use crate::probe::{Probe, Source};
use crate::routes;
use crate::run::begin;
use crate::sample::Sample;
use crate::stability;
use crate::updates;
use crate::usage::{Clock, peak_memory, work};
use crate::values::{Values, share};

/// What the backbone gave before anything was put on it.
#[derive(Debug)]
pub struct Bare {
    outputs: Values,
    /// For the rows that are repeated, in float32 and as half precision has it.
    sample: Values,
    half: Values,
    seconds: f64,
    peak_memory: u64,
    multiplications: u64,
}

impl Bare {
    /// Runs the bare backbone.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn run(job: &Job, bench: &mut Bench, probe: &Probe) -> Result<Self, Finding> {
        begin(if job.modules.is_empty() { Step::Composition } else { Step::BarePass });
        let inputs = sample(probe)?.inputs;
        // First, because the first pass of a process is slow and the other one is timed.
        let sample = bench.backbone(&inputs)?;
        let half = bench.rounded(!job.modules.is_empty(), |bench| bench.backbone(&inputs))?;
        work();
        let started = Instant::now();
        let outputs = bench.backbone(&probe.inputs)?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(Self { outputs, sample, half, seconds, peak_memory: peak_memory(), multiplications: work() })
    }

    /// The same, for the next composition.
    pub fn again(&self) -> Self {
        let (outputs, sample, half) = (share(&self.outputs), share(&self.sample), share(&self.half));
        Self { outputs, sample, half, ..*self }
    }

    /// Puts what it took into the report of a composition that has more than the backbone.
    pub fn tell(&self, figures: &mut RunFigures) {
        figures.bare_forward_seconds = Some(self.seconds);
        figures.bare_peak_memory_bytes = Some(self.peak_memory);
        figures.bare_multiplications = Some(self.multiplications);
    }
}

fn sample(probe: &Probe) -> Result<Sample, Finding> {
    Sample::of(probe).map_err(|error| from_torch("the probe", &error))
}

/// What a run is about, when everything is loaded.
pub struct Passes<'a> {
    /// The job.
    pub job: &'a Job,
    /// Its inputs.
    pub probe: &'a Probe,
    /// What the bare backbone gave, where there is one.
    pub bare: Option<Bare>,
    /// The evaluation set, where there is a sound one.
    pub evaluation: Option<Set>,
    /// The time that is left.
    pub clock: Clock,
}

impl Passes<'_> {
    /// Makes the passes and judges them.
    ///
    /// # Errors
    /// The finding that ended them early.
    pub fn run(
        mut self,
        bench: &mut Bench,
        fitted: Fitted,
        outcome: &mut Outcome,
        figures: &mut RunFigures,
    ) -> Result<(), Finding> {
        let (job, probe) = (self.job, self.probe);
        let bare = self.bare.take();
        let adapted = !fitted.here.is_empty();
        measure_updates(bench, &fitted.here, outcome);
        bench.attach(fitted.here);
        let virtual_tokens = bench.net.as_ref().map_or(0, |net| net.parameters.virtual_tokens());
        let whole = self.whole(bench, bare.as_ref().filter(|_| !adapted), figures)?;
        judge::finite(&whole, outcome);
        judge::contract(job, probe, &whole, outcome);
        routes::judge(job, bench, probe, &whole, outcome)?;
        begin(Step::Repetition);
        stability::judge(
            job,
            bench,
            probe,
            &whole,
            bare.as_ref().map(|bare| (&bare.sample, &bare.half)),
            outcome,
        )?;
        figures.peak_memory_bytes = peak_memory();
        let mut scores = self.score(bench, adapted, outcome);
        if let Some(bare) = bare.as_ref().filter(|_| adapted) {
            begin(Step::Restoring);
            bench.take_off();
            let after = bench.backbone(&sample(probe)?.inputs)?;
            judge::effect(&bare.outputs, &whole, probe, outcome);
            judge::restored(&bare.sample, &after, outcome);
        }
        if bench.home.is_some() {
            begin(Step::Drift);
        }
        // Read here and not before, so that its weights do not count as the composition's memory.
        if let Err(Stop) = bench.check_home(job, outcome) {
            return Ok(());
        }
        let home = bench.at_home(fitted.home, &probe.inputs)?;
        // Golden outputs are about home, or about what the backbone gives by itself.
        let own = bare.as_ref().filter(|_| probe.source == Source::Backbone).map(|bare| &bare.outputs);
        let judged = home.as_ref().map_or(&whole.all, |home| &home.all);
        judge::golden(job, probe, own.unwrap_or(judged), virtual_tokens, outcome);
        if let (Some(set), Some(scores)) = (&self.evaluation, &mut scores) {
            if home.is_some() {
                scores.at_home(set, bench, &self.clock, outcome);
            }
            scores.judge(job, set, outcome);
        }
        if let Some(home) = &home {
            let decided = scores.is_some_and(|scores| scores.decide());
            judge::drift(job, &whole, home, probe, decided, outcome);
        }
        Ok(())
    }

    /// The pass of the whole composition over all inputs; `bare` is what the backbone gave, where nothing
    /// adapts it.
    fn whole(
        &self,
        bench: &mut Bench,
        bare: Option<&Bare>,
        figures: &mut RunFigures,
    ) -> Result<Outputs, Finding> {
        if !self.job.modules.is_empty() {
            begin(Step::Composition);
        }
        work();
        let started = Instant::now();
        let whole = match bare {
            // It is what the stages make of the bare pass.
            Some(bare) => bench.behind(share(&bare.outputs), &self.probe.inputs)?,
            None => bench.forward(false, &self.probe.inputs)?,
        };
        figures.forward_seconds = bare.map_or(0.0, |bare| bare.seconds) + started.elapsed().as_secs_f64();
        figures.multiplications = bare.map_or(0, |bare| bare.multiplications) + work();
        Ok(whole)
    }

    /// The composition's answers to the evaluation set, and those without its adapters. Adapters may be
    /// off afterwards.
    fn score(&self, bench: &mut Bench, adapted: bool, outcome: &mut Outcome) -> Option<Scores> {
        let set = self.evaluation.as_ref()?;
        begin(Step::Evaluation);
        Scores::here(set, bench, adapted, &self.clock, outcome)
    }
}

/// Notes what the adapters do to each parameter. Where that cannot be measured, the run goes on without.
fn measure_updates(bench: &Bench, adapters: &[Adapter], outcome: &mut Outcome) {
    let Some(net) = bench.net.as_ref().filter(|_| !adapters.is_empty()) else { return };
    begin(Step::Updates);
    inert::judge(bench, adapters, outcome);
    match updates::measure(net.parameters.all(), adapters) {
        Ok(mut updates) => {
            for update in &mut updates {
                update.parameter = net.name_in_file(&update.parameter);
            }
            updates.sort_by(|a, b| a.parameter.cmp(&b.parameter));
            outcome.updates = updates;
        }
        Err(error) => {
            let finding = from_torch("measuring what the adapters change", &error);
            outcome.findings.push(finding.with_severity(Severity::Warning));
        }
    }
}
