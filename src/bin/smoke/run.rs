//! One run: load, put together, execute, judge.

use std::io::Write;
use std::time::Instant;

use cambium::domain::finding::Finding;
use cambium::domain::smoke::{Job, RunFigures, Step};
use serde_json::json;

use crate::adapter::Adapter;
use crate::judge;
use crate::load;
use crate::nets::bert::Bert;
use crate::outcome::{Outcome, Stop, from_torch};
use crate::part::{self, Loaded, LoadedAdapter};
use crate::peft;
use crate::probe::{self, Probe, Source};
use crate::stage::Stage;
use crate::values::{Values, first_rows, share};

/// Rows of the probe that the checks which repeat a run use: repeating all would only take longer.
const REPEATED_ROWS: i64 = 8;

/// What one forward pass of a composition gave.
#[derive(Debug)]
pub struct Outputs {
    /// The backbone's own.
    pub backbone: Values,
    /// The backbone's and those of the stages after it.
    pub all: Values,
    /// Names of the outputs that answer: the last stage's, or the classifier's, or else the embedding.
    pub answers: Vec<String>,
    /// Whether an adapter changes modules, beyond bringing some of its own.
    pub has_updates: bool,
}

/// Everything that was loaded.
struct Bench {
    net: Option<Bert>,
    home: Option<Bert>,
    adapters: Vec<LoadedAdapter>,
    stages: Vec<Stage>,
}

/// Runs the job; checks and findings go to `outcome`, figures to `figures`.
///
/// # Errors
/// When it had to end early; the outcome says why.
pub fn run(job: &Job, outcome: &mut Outcome, figures: &mut RunFigures) -> Result<(), Stop> {
    let started = Instant::now();
    begin(Step::Loading);
    let mut bench = load(job, outcome)?;
    bench.check_weights(job, outcome)?;
    let fitted = bench.fit(outcome)?;
    let probe = probe::choose(job, bench.net.as_ref(), &bench.stages, outcome)?;
    probe.source.word().clone_into(&mut figures.inputs);
    figures.load_seconds = started.elapsed().as_secs_f64();
    figures.backbone_parameters = bench.net.as_ref().map_or(0, |net| net.parameters.count());
    figures.module_parameters = fitted.here.iter().map(Adapter::parameters).sum::<u64>()
        + bench.stages.iter().map(|stage| stage.parameters).sum::<u64>();
    outcome.judge("loads", vec![("seconds", json!(figures.load_seconds))], vec![]);
    passes(job, &mut bench, fitted, &probe, outcome, figures)
        .map_err(|finding| outcome.refuse("output_contract", vec![finding]))
}

/// Says on stderr what comes next, for whoever waits.
fn begin(step: Step) {
    // Where nobody listens, the run goes on.
    let _ = std::io::stderr().write_all(step.line().as_bytes());
}

fn load(job: &Job, outcome: &mut Outcome) -> Result<Bench, Stop> {
    let mut stopped = false;
    let mut bench = Bench { net: None, home: None, adapters: vec![], stages: vec![] };
    for part in job.backbone.iter().chain(&job.home).chain(&job.modules) {
        stopped |= part::refuse_by_content(part, outcome).is_err();
    }
    if stopped {
        return Err(Stop);
    }
    let mut keep = |loaded: Result<Bert, Stop>| loaded.map_err(|Stop| stopped = true).ok();
    bench.net = job.backbone.as_ref().and_then(|part| keep(part::backbone(part, outcome)));
    bench.home = job.home.as_ref().and_then(|part| keep(part::backbone(part, outcome)));
    for part in &job.modules {
        match part::module(part, outcome) {
            Ok(Loaded::Adapter(adapter)) => bench.adapters.push(*adapter),
            Ok(Loaded::Stage(stage)) => bench.stages.push(stage),
            Err(Stop) => stopped = true,
        }
    }
    if stopped { Err(Stop) } else { Ok(bench) }
}

/// Adapters fitted to the backbone and to home.
struct Fitted {
    here: Vec<Adapter>,
    home: Vec<Adapter>,
}

impl Bench {
    /// No weight is a NaN or infinite.
    fn check_weights(&self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        let mut checked = Ok(());
        let nets = [(&self.net, &job.backbone), (&self.home, &job.home)];
        for (net, part) in nets {
            if let (Some(net), Some(part)) = (net, part) {
                let bad = load::non_finite(net.parameters.all());
                checked = outcome.note_non_finite(&part.name, bad).and(checked);
            }
        }
        for adapter in &self.adapters {
            checked = outcome.note_non_finite(&adapter.name, load::non_finite(&adapter.tensors)).and(checked);
        }
        for stage in &self.stages {
            if let crate::stage::Body::Linear { tensors, .. } = &stage.body {
                checked = outcome.note_non_finite(&stage.name, load::non_finite(tensors)).and(checked);
            }
        }
        checked
    }

    /// Every tensor of every adapter has its place in the backbone, and in home.
    fn fit(&self, outcome: &mut Outcome) -> Result<Fitted, Stop> {
        let mut fitted = Fitted { here: vec![], home: vec![] };
        let mut findings = vec![];
        for adapter in &self.adapters {
            let Some(net) = &self.net else {
                return Err(outcome.cannot_tell(Finding::warning(
                    "backbone_missing",
                    &adapter.name,
                    format!("{} is an adapter and cannot be run without a backbone.", adapter.name),
                    "Give the backbone that it attaches to.",
                )));
            };
            for (net, kept) in [(Some(net), &mut fitted.here), (self.home.as_ref(), &mut fitted.home)] {
                let Some(net) = net else { continue };
                let (config, rules) = (&adapter.config, &adapter.rules);
                let fit = peft::fit(config, rules, &adapter.tensors, net.parameters.all(), &adapter.name);
                outcome.figures("keys", &adapter.name, fit.figures());
                findings.extend(fit.findings);
                kept.push(fit.adapter);
            }
        }
        // An adapter that fits neither says so once.
        findings.dedup();
        if findings.is_empty() {
            outcome.judge("keys", vec![], vec![]);
            Ok(fitted)
        } else {
            Err(outcome.refuse("keys", findings))
        }
    }

    /// One forward pass of the whole composition.
    fn forward(&self, on_home: bool, inputs: &Values) -> Result<Outputs, Finding> {
        let net = if on_home { &self.home } else { &self.net };
        let mut backbone = Values::new();
        if let Some(net) = net {
            backbone = net.forward(inputs).map_err(|error| from_torch("the backbone", &error))?;
        }
        let mut answers =
            vec![if backbone.contains_key("logits") { "logits" } else { "mean_pooled" }.to_owned()];
        let mut values = share(inputs);
        values.extend(share(&backbone));
        let mut all = share(&backbone);
        for stage in &self.stages {
            let given = stage.run(&values)?;
            answers = given.keys().cloned().collect();
            values.extend(share(&given));
            all.extend(given);
        }
        let has_updates = net.as_ref().is_some_and(|net| net.parameters.has_updates());
        Ok(Outputs { backbone, all, answers, has_updates })
    }

    fn bare(&self, inputs: &Values) -> Result<Values, Finding> {
        match &self.net {
            Some(net) => net.forward(inputs).map_err(|error| from_torch("the backbone", &error)),
            None => Ok(Values::new()),
        }
    }
}

/// The passes, in an order that needs each of them once, and what they say.
///
/// # Errors
/// The finding that ended them early.
fn passes(
    job: &Job,
    bench: &mut Bench,
    fitted: Fitted,
    probe: &Probe,
    outcome: &mut Outcome,
    figures: &mut RunFigures,
) -> Result<(), Finding> {
    let few = first_rows(&probe.inputs, probe.rows(), REPEATED_ROWS)
        .map_err(|error| from_torch("the probe", &error))?;
    let adapted = !fitted.here.is_empty();
    if adapted {
        begin(Step::BarePass);
    }
    let before = if adapted { Some(bench.bare_state(&few)?) } else { None };
    let alone =
        (adapted && probe.source == Source::Backbone).then(|| bench.bare(&probe.inputs)).transpose()?;
    if let Some(net) = &mut bench.net {
        fitted.here.into_iter().for_each(|adapter| net.parameters.attach(adapter));
    }
    begin(Step::Composition);
    let started = Instant::now();
    let whole = bench.forward(false, &probe.inputs)?;
    figures.forward_seconds = started.elapsed().as_secs_f64();
    begin(Step::Repetition);
    let first = (probe.rows() > REPEATED_ROWS).then(|| bench.afresh(&few)).transpose()?;
    let first = first.as_ref().unwrap_or(&whole);
    let second = bench.afresh(&few)?;
    judge::finite(&whole, outcome);
    judge::deterministic(first, &second, outcome);
    judge::contract(job, probe, &whole, outcome);
    if let Some(before) = before {
        begin(Step::Restoring);
        bench.take_off();
        let started = Instant::now();
        let after = bench.bare_state(&few)?;
        if probe.rows() <= REPEATED_ROWS {
            figures.bare_forward_seconds = Some(started.elapsed().as_secs_f64());
        }
        judge::effect(&before.outputs, first, probe, outcome);
        judge::restored(&before.outputs, &after.outputs, before.sums == after.sums, outcome);
    }
    let home = bench.at_home(fitted.home, &probe.inputs)?;
    let judged = home.as_ref().map_or(&whole.all, |home| &home.all);
    judge::golden(job, probe, alone.as_ref().unwrap_or(judged), outcome);
    if let Some(home) = &home {
        judge::drift(job, &whole, home, probe, outcome);
    }
    Ok(())
}

/// The backbone without anything on it: what it gives, and its parameters' checksums.
struct BareState {
    outputs: Values,
    sums: Vec<i64>,
}

impl Bench {
    fn bare_state(&self, inputs: &Values) -> Result<BareState, Finding> {
        let outputs = self.bare(inputs)?;
        let tensors = self.net.iter().flat_map(|net| net.parameters.all().values());
        let sums = load::checksums(tensors).map_err(|error| from_torch("the backbone", &error))?;
        Ok(BareState { outputs, sums })
    }

    /// A pass with stages loaded from their files again: some keep state between calls.
    fn afresh(&mut self, inputs: &Values) -> Result<Outputs, Finding> {
        self.stages.iter_mut().try_for_each(Stage::reload)?;
        self.forward(false, inputs)
    }

    fn take_off(&mut self) {
        if let Some(net) = &mut self.net {
            net.parameters.detach_all();
        }
    }

    /// The same composition on home, where there is one.
    fn at_home(&mut self, adapters: Vec<Adapter>, inputs: &Values) -> Result<Option<Outputs>, Finding> {
        let Some(home) = &mut self.home else { return Ok(None) };
        begin(Step::Drift);
        adapters.into_iter().for_each(|adapter| home.parameters.attach(adapter));
        self.stages.iter_mut().try_for_each(Stage::reload)?;
        self.forward(true, inputs).map(Some)
    }
}
