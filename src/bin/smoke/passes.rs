//! The passes of a run, in an order that needs few of them, and what they say.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use cambium::domain::finding::{Finding, Severity};
use cambium::domain::smoke::{Job, RunFigures, Step};

use crate::adapter::Adapter;
use crate::bench::{Bench, Fitted, Form, Outputs, half};
use crate::drift::{self, Seen};
use crate::evaluation::Set;
use crate::ground::Ground;
use crate::inert;
use crate::judge;
use crate::nets::Net;
use crate::outcome::{Outcome, Stop, from_torch};
use crate::parameters::Rounding;
use crate::pool::On;
use crate::probe::{Probe, Source};
use crate::routes;
use crate::run::begin;
use crate::sample::Sample;
use crate::scores::Scores;
use crate::stability;
use crate::updates;
use crate::usage::{Clock, peak_memory};
use crate::values::{Values, share};

/// What the backbone gave before anything was put on it.
#[derive(Debug, Clone)]
pub struct Bare(Rc<Gave>);

#[derive(Debug)]
struct Gave {
    inputs: Values,
    outputs: Values,
    /// What home gives for these inputs by itself, once that was asked for.
    home: RefCell<Option<Values>>,
    /// The rows that are repeated, and what it gave for them, in float32 and as half precision has it.
    rows: Sample,
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
    pub async fn run(job: &Job, bench: &Bench<'_>, probe: &Probe) -> Result<Self, Finding> {
        begin(if job.modules.is_empty() { Step::Composition } else { Step::BarePass });
        let rows = sample(probe)?;
        let pass = |inputs, rounds| bench.bare(On::Here, inputs, rounds);
        // First, because the first pass of a process is slow and the other one is timed.
        let sample = pass(&rows.inputs, Rounding::None).await?.outputs.pop().unwrap_or_default();
        let half = pass(&rows.inputs, half(job)).await?.outputs.pop().unwrap_or_default();
        let mut whole = pass(&probe.inputs, Rounding::None).await?;
        Ok(Self(Rc::new(Gave {
            inputs: share(&probe.inputs),
            outputs: whole.outputs.pop().unwrap_or_default(),
            home: RefCell::default(),
            rows,
            sample,
            half,
            seconds: whole.seconds,
            peak_memory: peak_memory(),
            multiplications: whole.multiplications,
        })))
    }

    /// What home gives for the same inputs by itself.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    async fn at_home(&self, bench: &Bench<'_>) -> Result<Values, Finding> {
        let known = self.0.home.borrow().as_ref().map(share);
        if let Some(known) = known {
            return Ok(known);
        }
        // Compositions that ask at the same time have the same inputs, and one pass.
        let mut given = bench.bare(On::Home, &self.0.inputs, Rounding::None).await?.outputs;
        let outputs = given.pop().unwrap_or_default();
        self.0.home.replace(Some(share(&outputs)));
        Ok(outputs)
    }

    /// Multiplications of one pass over the probe.
    pub fn multiplications(&self) -> u64 {
        self.0.multiplications
    }

    /// Numbers that one pass over the probe gives.
    pub fn numbers(&self) -> usize {
        self.0.outputs.values().map(tch::Tensor::numel).sum()
    }

    /// Puts what it took into the report of a composition that has more than the backbone.
    pub fn tell(&self, figures: &mut RunFigures) {
        figures.bare_forward_seconds = Some(self.0.seconds);
        figures.bare_peak_memory_bytes = Some(self.0.peak_memory);
        figures.bare_multiplications = Some(self.0.multiplications);
    }
}

fn sample(probe: &Probe) -> Result<Sample, Finding> {
    Sample::of(probe).map_err(|error| from_torch("the probe", &error))
}

/// What a run is about, when everything is loaded.
pub struct Passes<'a> {
    /// What it shares with other compositions.
    pub ground: &'a Ground,
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
    pub async fn run(
        mut self,
        bench: &mut Bench<'_>,
        fitted: Fitted,
        outcome: &mut Outcome,
        figures: &mut RunFigures,
    ) -> Result<(), Finding> {
        let (job, probe) = (self.job, self.probe);
        let bare = self.bare.take();
        let adapted = !fitted.here.is_empty();
        inert::judge(&bench.adapters, &fitted.here, outcome);
        measure_updates(bench.net(), &fitted.here, outcome);
        bench.attach(fitted);
        let mut whole = self.whole(bench, bare.as_ref().filter(|_| !adapted), figures).await?;
        if let (Some(bare), Some(_)) = (bare.as_ref().filter(|_| adapted), figures.pass_shared_by)
            && judge::is_weak(&bare.0.outputs, &whole).map_err(|error| from_torch("the outputs", &error))?
        {
            // Sums in another order are no effect: what is that small is compared with a pass of the same shape.
            bench.shares = false;
            whole = self.whole(bench, None, figures).await?;
        }
        judge::finite(&whole, outcome);
        judge::contract(job, probe, &whole, outcome);
        routes::judge(job, bench, probe, &whole, outcome)?;
        begin(Step::Repetition);
        let own;
        let rows = match &bare {
            Some(bare) => &bare.0.rows,
            None => {
                own = sample(probe)?;
                &own
            }
        };
        let of_bare = bare.as_ref().map(|bare| (&bare.0.sample, &bare.0.half));
        stability::judge(job, bench, (probe, rows), &whole, of_bare, outcome).await?;
        figures.peak_memory_bytes = peak_memory();
        let mut scores = self.score(bench, adapted, outcome).await;
        if let Some(bare) = bare.as_ref().filter(|_| adapted) {
            begin(Step::Restoring);
            let mut after = bench.bare(On::Here, &rows.inputs, Rounding::None).await?.outputs;
            judge::effect(&bare.0.outputs, &whole, probe, outcome);
            judge::restored(&bare.0.sample, &after.pop().unwrap_or_default(), outcome);
        }
        if bench.has_home() {
            begin(Step::Drift);
        }
        // Read here and not before, so that its weights do not count as the composition's memory.
        if let Err(Stop) = self.ground.check_home(job, outcome) {
            return Ok(());
        }
        let bare_home = match bare.as_ref().filter(|_| adapted && bench.has_home()) {
            Some(bare) => Some(bare.at_home(bench).await?),
            None => None,
        };
        let home = self.at_home(bench).await?;
        // Golden outputs are about home, or about what the backbone gives by itself.
        let own = bare.as_ref().filter(|_| probe.source == Source::Backbone).map(|bare| &bare.0.outputs);
        let judged = home.as_ref().map_or(&whole.all, |home| &home.all);
        judge::golden(job, probe, own.unwrap_or(judged), bench.virtual_tokens(), outcome);
        if let (Some(set), Some(scores)) = (&self.evaluation, &mut scores) {
            if home.is_some() && !job.measures {
                scores.at_home(set, bench, &self.clock, outcome).await;
            }
            scores.judge(job, set, outcome);
        }
        if let Some(home) = &home {
            let decided = scores.is_some_and(|scores| scores.decide());
            let bare = bare.as_ref().map(|bare| &bare.0.outputs).zip(bare_home.as_ref());
            drift::judge(job, &Seen { here: &whole, home, bare }, probe, decided, outcome);
        }
        Ok(())
    }

    /// The same composition on home, where there is one.
    async fn at_home(&self, bench: &mut Bench<'_>) -> Result<Option<Outputs>, Finding> {
        if !bench.has_home() {
            return Ok(None);
        }
        bench.reload()?;
        Ok(Some(bench.forward(Form::Home, &self.probe.inputs).await?.0))
    }

    /// The pass of the whole composition over all inputs; `bare` is what the backbone gave, where nothing
    /// adapts it.
    async fn whole(
        &self,
        bench: &Bench<'_>,
        bare: Option<&Bare>,
        figures: &mut RunFigures,
    ) -> Result<Outputs, Finding> {
        if !self.job.modules.is_empty() {
            begin(Step::Composition);
        }
        let inputs = &self.probe.inputs;
        if let Some(Bare(bare)) = bare {
            // It is what the stages make of the bare pass.
            let started = Instant::now();
            let whole = bench.behind(share(&bare.outputs), inputs)?;
            figures.forward_seconds = bare.seconds + started.elapsed().as_secs_f64();
            figures.multiplications = bare.multiplications;
            return Ok(whole);
        }
        let (whole, pass) = bench.forward(Form::Here, inputs).await?;
        figures.forward_seconds = pass.seconds;
        figures.multiplications = pass.multiplications;
        figures.pass_shared_by = (pass.shared_by > 1).then_some(pass.shared_by as u64);
        Ok(whole)
    }

    /// The composition's answers to the evaluation set, and those without its adapters.
    async fn score(&self, bench: &mut Bench<'_>, adapted: bool, outcome: &mut Outcome) -> Option<Scores> {
        let set = self.evaluation.as_ref()?;
        begin(Step::Evaluation);
        Scores::here(set, bench, adapted, &self.clock, outcome).await
    }
}

/// Notes what the adapters do to each parameter. Where that cannot be measured, the run goes on without.
fn measure_updates(net: Option<&Net>, adapters: &[Adapter], outcome: &mut Outcome) {
    let Some(net) = net.filter(|_| !adapters.is_empty()) else { return };
    begin(Step::Updates);
    match updates::measure(&net.weights, adapters) {
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
