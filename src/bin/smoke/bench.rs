//! What takes part in a run, loaded and put together.

use std::rc::Rc;
use std::time::Instant;

use cambium::domain::finding::Finding;
use cambium::domain::smoke::Job;

use crate::adapter::{Adapter, Attached};
use crate::conflicts::conflicts;
use crate::load;
use crate::nets::Net;
use crate::outcome::{Outcome, Stop};
use crate::parameters::Rounding;
use crate::part::{self, Loaded, LoadedAdapter};
use crate::pool::{Ask, Given, On, Pool};
use crate::stage::{Body, Stage};
use crate::values::{Values, share};

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
    /// Whether one brought a head.
    pub has_new_head: bool,
}

/// Outputs of backbones, the one that tells most of what they are for first.
pub const ANSWERS: [&str; 5] =
    ["logits", "image_embeds", "mean_pooled", "pooler_output", "last_hidden_state"];

/// A form of the composition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// All of it, on the backbone.
    Here,
    /// On the backbone without what adapters change; heads that one of them brought stay.
    Heads,
    /// All of it, on the backbone that it was made for.
    Home,
}

/// A composition: the backbones, and what is put on them and behind them.
#[derive(Debug)]
pub struct Bench<'a> {
    pool: &'a Pool<'a>,
    /// What goes into the backbone.
    pub adapters: Vec<LoadedAdapter>,
    /// What comes after it.
    pub stages: Vec<Stage>,
    here: Option<Rc<Attached>>,
    home: Option<Rc<Attached>>,
    /// Whether its passes may be made as one with those of other compositions.
    pub shares: bool,
}

/// How the networks of a composition round: with adapters, which are what is judged then, the backbone's own
/// weights are left as they are.
pub const fn half(job: &Job) -> Rounding {
    if job.modules.is_empty() { Rounding::All } else { Rounding::Adapters }
}

/// Adapters fitted to the backbone and to home.
#[derive(Debug, Default)]
pub struct Fitted {
    /// To the backbone.
    pub here: Vec<Adapter>,
    /// To home; empty where there is none.
    pub home: Vec<Adapter>,
}

impl<'a> Bench<'a> {
    /// Nothing is loaded but the backbones.
    pub fn new(pool: &'a Pool<'a>) -> Self {
        Self { pool, adapters: vec![], stages: vec![], here: None, home: None, shares: true }
    }

    /// The backbone.
    pub fn net(&self) -> Option<&'a Net> {
        self.pool.net(On::Here)
    }

    /// Whether the modules were made for another backbone.
    pub fn has_home(&self) -> bool {
        self.pool.net(On::Home).is_some()
    }

    /// Loads the modules, whatever is wrong with one of them.
    ///
    /// # Errors
    /// When one cannot be used; the outcome says why.
    pub fn load_modules(&mut self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        let mut stopped = false;
        for part in &job.modules {
            match part::module(part, outcome) {
                Ok(all) => all.into_iter().for_each(|loaded| match loaded {
                    Loaded::Adapter(adapter) => self.adapters.push(*adapter),
                    Loaded::Stage(stage) => self.stages.push(stage),
                }),
                Err(Stop) => stopped = true,
            }
        }
        if stopped { Err(Stop) } else { Ok(()) }
    }

    /// No weight of a module is a NaN or infinite.
    ///
    /// # Errors
    /// When one is; the outcome says which.
    pub fn check_modules(&self, outcome: &mut Outcome) -> Result<(), Stop> {
        let mut checked = Ok(());
        for adapter in &self.adapters {
            checked = outcome.note_non_finite(&adapter.name, load::non_finite(&adapter.tensors)).and(checked);
        }
        for stage in &self.stages {
            if let Body::Layers { tensors, .. } = &stage.body {
                checked = outcome.note_non_finite(&stage.name, load::non_finite(tensors)).and(checked);
            }
        }
        checked
    }

    /// Every tensor of every adapter has its place in the backbone, and in home.
    ///
    /// # Errors
    /// When one has none; the outcome says which.
    pub fn fit(&self, outcome: &mut Outcome) -> Result<Fitted, Stop> {
        let mut fitted = Fitted::default();
        let mut findings = vec![];
        for adapter in &self.adapters {
            let Some(net) = self.net() else {
                return Err(outcome.cannot_tell(Finding::warning(
                    "backbone_missing",
                    &adapter.name,
                    format!("{} is an adapter and cannot be run without a backbone.", adapter.name),
                    "Give the backbone that it attaches to.",
                )));
            };
            for (net, kept) in [(Some(net), &mut fitted.here), (self.pool.net(On::Home), &mut fitted.home)] {
                let Some(net) = net else { continue };
                if let Some(finding) = adapter.method.unsupported_on(net, &adapter.name) {
                    return Err(outcome.cannot_tell(finding));
                }
                let fit = adapter.fit(net);
                outcome.figures("keys", &adapter.name, fit.figures());
                findings.extend(fit.findings);
                kept.push(fit.adapter);
            }
        }
        let names = self.adapters.iter().map(|adapter| adapter.name.as_str());
        findings.extend(conflicts(&names.zip(&fitted.here).collect::<Vec<_>>()));
        // An adapter that fits neither says so once.
        findings.dedup();
        if findings.is_empty() {
            outcome.judge("keys", vec![], vec![]);
            Ok(fitted)
        } else {
            Err(outcome.refuse("keys", findings))
        }
    }

    /// Puts adapters on the backbones.
    pub fn attach(&mut self, fitted: Fitted) {
        let attached = |adapters: Vec<Adapter>| match adapters.as_slice() {
            [] => None,
            _ => Some(Rc::new(Attached::of(adapters))),
        };
        (self.here, self.home) = (attached(fitted.here), attached(fitted.home));
    }

    /// How many embeddings adapters put in front of the input's.
    pub fn virtual_tokens(&self) -> i64 {
        self.here.as_ref().map_or(0, |attached| attached.virtual_tokens())
    }

    /// What the composition's backbone gives in this form, `times` times.
    async fn ask(
        &self,
        form: Form,
        inputs: &Values,
        rounds: Rounding,
        times: usize,
    ) -> Result<Given, Finding> {
        let (on, attached) = match (form, &self.here, self.net()) {
            (Form::Here, here, _) => (On::Here, here.clone()),
            (Form::Home, ..) => (On::Home, self.home.clone()),
            (Form::Heads, Some(here), Some(net)) => {
                let heads = here.heads(|path| net.is_head(path));
                (On::Here, Some(Rc::new(heads)).filter(|heads| !heads.replaced.is_empty()))
            }
            (Form::Heads, ..) => (On::Here, None),
        };
        self.pool.pass(Ask { on, attached, inputs: share(inputs), rounds, times, shares: self.shares }).await
    }

    /// One forward pass of the composition in this form, and what it took, less the backbone's outputs.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub async fn forward(&self, form: Form, inputs: &Values) -> Result<(Outputs, Given), Finding> {
        let mut given = self.ask(form, inputs, Rounding::None, 1).await?;
        let started = Instant::now();
        let outputs = self.behind(given.outputs.pop().unwrap_or_default(), inputs)?;
        let attached = if form == Form::Home { &self.home } else { &self.here };
        let has_updates =
            form != Form::Heads && attached.as_ref().is_some_and(|attached| attached.has_updates());
        given.seconds += started.elapsed().as_secs_f64();
        let brings = |attached: &Rc<Attached>| {
            attached.replaced.keys().any(|path| self.net().is_some_and(|net| net.is_head(path)))
        };
        let has_new_head = attached.as_ref().is_some_and(brings);
        Ok((Outputs { has_updates, has_new_head, ..outputs }, given))
    }

    /// What a backbone gives by itself.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub async fn bare(&self, on: On, inputs: &Values, rounds: Rounding) -> Result<Given, Finding> {
        let inputs = share(inputs);
        self.pool.pass(Ask { on, attached: None, inputs, rounds, times: 1, shares: true }).await
    }

    /// What the stages make of what the backbone gave.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn behind(&self, backbone: Values, inputs: &Values) -> Result<Outputs, Finding> {
        self.up_to(self.stages.len(), backbone, inputs)
    }

    /// What the first so many stages make of it.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn up_to(&self, stages: usize, backbone: Values, inputs: &Values) -> Result<Outputs, Finding> {
        let telling = ANSWERS.iter().find(|name| backbone.contains_key(**name));
        let mut answers: Vec<String> = telling.map(|name| (*name).to_owned()).into_iter().collect();
        let mut values = share(inputs);
        values.extend(share(&backbone));
        let mut all = share(&backbone);
        for stage in self.stages.iter().take(stages) {
            let given = stage.run(&values)?;
            answers = given.keys().cloned().collect();
            values.extend(share(&given));
            all.extend(given);
        }
        Ok(Outputs { backbone, all, answers, has_updates: false, has_new_head: false })
    }

    /// A pass with stages loaded from their files again: some keep state between calls.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub async fn afresh(&mut self, inputs: &Values, rounds: Rounding) -> Result<Outputs, Finding> {
        let backbone = self.ask(Form::Here, inputs, rounds, 1).await?.outputs.pop().unwrap_or_default();
        self.reload()?;
        self.behind(backbone, inputs)
    }

    /// Two such passes, in the same company.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub async fn twice(&mut self, inputs: &Values) -> Result<(Outputs, Outputs), Finding> {
        let mut given = self.ask(Form::Here, inputs, Rounding::None, 2).await?.outputs;
        let (second, first) = (given.pop().unwrap_or_default(), given.pop().unwrap_or_default());
        self.reload()?;
        let first = self.behind(first, inputs)?;
        self.reload()?;
        Ok((first, self.behind(second, inputs)?))
    }

    /// Loads stages from their files again.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn reload(&mut self) -> Result<(), Finding> {
        self.stages.iter_mut().try_for_each(Stage::reload)
    }
}
