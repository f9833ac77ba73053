//! The passes of a run, in an order that needs few of them, and what they say.

use std::time::Instant;

use cambium::domain::finding::{Finding, Severity};
use cambium::domain::smoke::{Job, RunFigures, Step};

use crate::adapter::Adapter;
use crate::bench::{Bench, Fitted};
use crate::evaluation::{Scores, Set};
use crate::judge;
use crate::outcome::{Outcome, Stop, from_torch};
use crate::probe::{Probe, Source};
use crate::run::begin;
use crate::updates;
use crate::usage::{Clock, peak_memory};
use crate::values::{Values, first_rows, share};

/// Rows of the probe that the checks which repeat a run use: repeating all would only take longer.
const REPEATED_ROWS: i64 = 8;

/// What the backbone gave before anything was put on it.
#[derive(Debug)]
pub struct Bare {
    outputs: Values,
    /// For the rows that are repeated, where they are fewer.
    few: Option<Values>,
    seconds: f64,
}

impl Bare {
    /// Runs the bare backbone.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn run(job: &Job, bench: &Bench, probe: &Probe, figures: &mut RunFigures) -> Result<Self, Finding> {
        begin(if job.modules.is_empty() { Step::Composition } else { Step::BarePass });
        let adapts = job.modules.iter().any(|part| part.files.contains_key("adapter_config.json"));
        // The first pass of a process is slow; where there are two, the other one is timed.
        let few =
            (adapts && probe.rows() > REPEATED_ROWS).then(|| bench.backbone(&few(probe)?)).transpose()?;
        let started = Instant::now();
        let outputs = bench.backbone(&probe.inputs)?;
        let seconds = started.elapsed().as_secs_f64();
        if !job.modules.is_empty() {
            figures.bare_forward_seconds = Some(seconds);
            figures.bare_peak_memory_bytes = Some(peak_memory());
        }
        Ok(Self { outputs, few, seconds })
    }
}

fn few(probe: &Probe) -> Result<Values, Finding> {
    first_rows(&probe.inputs, probe.rows(), REPEATED_ROWS).map_err(|error| from_torch("the probe", &error))
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
        let few = few(probe)?;
        let bare = self.bare.take();
        let adapted = !fitted.here.is_empty();
        let sums = if adapted { bench.checksums()? } else { vec![] };
        measure_updates(bench, &fitted.here, outcome);
        bench.attach(fitted.here);
        if !job.modules.is_empty() {
            begin(Step::Composition);
        }
        let started = Instant::now();
        let whole = match &bare {
            // Without adapters it is what the stages make of the bare pass.
            Some(bare) if !adapted => bench.behind(share(&bare.outputs), &probe.inputs)?,
            _ => bench.forward(false, &probe.inputs)?,
        };
        let before = bare.as_ref().filter(|_| !adapted).map_or(0.0, |bare| bare.seconds);
        figures.forward_seconds = before + started.elapsed().as_secs_f64();
        begin(Step::Repetition);
        let first = (probe.rows() > REPEATED_ROWS).then(|| bench.afresh(&few)).transpose()?;
        let second = bench.afresh(&few)?;
        figures.peak_memory_bytes = peak_memory();
        judge::finite(&whole, outcome);
        judge::deterministic(first.as_ref().unwrap_or(&whole), &second, outcome);
        judge::contract(job, probe, &whole, outcome);
        let mut scores = self.score(bench, adapted, outcome);
        if let Some(bare) = bare.as_ref().filter(|_| adapted) {
            begin(Step::Restoring);
            bench.take_off();
            let started = Instant::now();
            let after = bench.backbone(&few)?;
            if bare.few.is_none() {
                figures.bare_forward_seconds = Some(started.elapsed().as_secs_f64());
            }
            judge::effect(&bare.outputs, &whole, probe, outcome);
            let outputs = bare.few.as_ref().unwrap_or(&bare.outputs);
            judge::restored(outputs, &after, bench.checksums()? == sums, outcome);
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
        judge::golden(job, probe, own.unwrap_or(judged), outcome);
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
