//! What the compositions of a job have in common: the backbones and what they give by themselves.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use cambium::domain::finding::Finding;
use cambium::domain::smoke::{Job, NEEDS_OWN_PROCESS, Part, RunFigures, Step};
use serde_json::json;

use crate::bench::Bench;
use crate::evaluation;
use crate::judge::subject;
use crate::nets::Net;
use crate::origin;
use crate::outcome::{Outcome, Stop};
use crate::part;
use crate::passes::{Bare, Passes};
use crate::pool::{Nets, Pool};
use crate::probe::{self, Probe, Source};
use crate::run::begin;
use crate::usage::Clock;

/// Loaded backbones.
#[derive(Debug)]
pub struct Ground {
    /// The backbones.
    pub nets: Nets,
    /// Whether more than one composition runs here.
    shared: bool,
    /// What was found when they were loaded, and whether they can be used.
    found: Outcome,
    sound: Soundness,
    home_is_sound: Cell<bool>,
    /// What the bare backbone gave for the inputs that compositions have in common; of a backbone that is judged
    /// by itself and of one with modules, which round otherwise.
    bare: RefCell<BTreeMap<bool, Bare>>,
    /// The most multiplications of a bare pass, and the most numbers that it gave.
    largest: Cell<Option<(u64, usize)>>,
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
    /// Loads the job's backbones; what is wrong with them is told with each composition. `shared` is whether
    /// there will be more than one.
    pub fn load(job: &Job, shared: bool) -> Self {
        begin(Step::Loading);
        let (mut found, mut nets) = (Outcome::default(), Nets::default());
        let content = refuse_by_content(job.backbone.iter().chain(&job.home), &mut found);
        let mut sound = Soundness { content, backbone: Ok(()), home: Ok(()), weights: Ok(()) };
        if content.is_ok() {
            // Half of the run's memory is for weights.
            let budget = job.limits.memory_bytes / 2;
            let mut load = |part: &Option<Part>, net: &mut Option<Net>| -> Result<(), Stop> {
                *net = part.as_ref().map(|part| part::backbone(part, budget, &mut found)).transpose()?;
                Ok(())
            };
            sound.backbone = load(&job.backbone, &mut nets.here);
            sound.home = load(&job.home, &mut nets.home);
            sound.weights = check(nets.here.as_ref(), job.backbone.as_ref(), &mut found);
        }
        let home_is_sound = Cell::new(false);
        let (bare, largest) = (RefCell::default(), Cell::default());
        Self { nets, shared, found, sound, home_is_sound, bare, largest }
    }

    /// The most multiplications that a bare pass has taken, and the most numbers that it gave, once a composition
    /// has run.
    pub fn largest(&self) -> Option<(u64, usize)> {
        self.largest.get()
    }

    /// One composition, from its files to its judgement.
    ///
    /// # Errors
    /// When it ended early; the outcome says why.
    pub async fn compose(
        &self,
        pool: &Pool<'_>,
        job: &Job,
        clock: Clock,
        outcome: &mut Outcome,
        figures: &mut RunFigures,
    ) -> Result<(), Stop> {
        let loading = Clock::start(job.limits);
        *outcome = self.found.clone();
        refuse_by_content(&job.modules, outcome).and(self.sound.content)?;
        if self.shared && job.modules.iter().any(part::is_code) {
            return Err(outcome.cannot_tell(code_alone(job)));
        }
        let mut bench = Bench::new(pool);
        let probe = bench.net().map(|net| probe::choose(job, Some(net), &[], outcome));
        let mut load_seconds = figures.load_seconds + loading.seconds();
        let bare = match (&probe, &self.sound.weights) {
            (Some(Ok(probe)), Ok(())) => Some(self.bare_for(job, &bench, probe).await),
            _ => None,
        };
        let loading = Clock::start(job.limits);
        let modules = bench.load_modules(job, outcome);
        self.sound.backbone.and(self.sound.home).and(modules)?;
        bench.check_modules(outcome).and(self.sound.weights)?;
        let fitted = bench.fit(outcome)?;
        outcome.findings.extend(origin::hints(job, &bench, self.nets.home.as_ref()));
        let probe = probe.unwrap_or_else(|| probe::choose(job, None, &bench.stages, outcome))?;
        let evaluation = evaluation::choose(job, bench.net(), outcome);
        let refused = |finding, outcome: &mut Outcome| outcome.refuse("output_contract", vec![finding]);
        let bare = bare.transpose().map_err(|finding| refused(finding, outcome))?;
        if let Some(bare) = bare.as_ref().filter(|_| !job.modules.is_empty()) {
            bare.tell(figures);
            if self.shared {
                // The process's, and so that of others too.
                figures.bare_peak_memory_bytes = None;
            }
        }
        probe.source.word().clone_into(&mut figures.inputs);
        load_seconds += loading.seconds();
        figures.load_seconds = load_seconds;
        figures.backbone_parameters = bench.net().map_or(0, |net| net.weights.count());
        figures.module_parameters = fitted.here.iter().map(|adapter| adapter.parameters).sum::<u64>()
            + bench.stages.iter().map(|stage| stage.parameters).sum::<u64>();
        outcome.judge("loads", vec![("seconds", json!(load_seconds))], vec![]);
        let passes = Passes { ground: self, job, probe: &probe, bare, evaluation, clock };
        let ran = passes.run(&mut bench, fitted, outcome, figures).await;
        ran.map_err(|finding| refused(finding, outcome))
    }

    /// No weight of home is a NaN or infinite.
    ///
    /// # Errors
    /// When one is; the outcome says which.
    pub fn check_home(&self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        if !self.home_is_sound.get() {
            check(self.nets.home.as_ref(), job.home.as_ref(), outcome)?;
            self.home_is_sound.set(true);
        }
        Ok(())
    }

    /// What the bare backbone gives for the probe: from an earlier composition where that had the same.
    async fn bare_for(&self, job: &Job, bench: &Bench<'_>, probe: &Probe) -> Result<Bare, Finding> {
        // A module that ships a probe has it to itself.
        let own = probe.source == Source::Module;
        let alone = job.modules.is_empty();
        let known = self.bare.borrow().get(&alone).filter(|_| !own).cloned();
        if let Some(bare) = known {
            return Ok(bare);
        }
        let bare = Bare::run(job, bench, probe).await?;
        let (work, numbers) = self.largest.get().unwrap_or_default();
        self.largest.set(Some((work.max(bare.multiplications()), numbers.max(bare.numbers()))));
        if !own {
            self.bare.borrow_mut().insert(alone, bare.clone());
        }
        Ok(bare)
    }
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

fn check(net: Option<&Net>, part: Option<&Part>, outcome: &mut Outcome) -> Result<(), Stop> {
    match (net, part) {
        (Some(net), Some(part)) => outcome.note_non_finite(&part.name, net.weights.non_finite()),
        _ => Ok(()),
    }
}
