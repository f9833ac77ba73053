//! What takes part in a run, loaded and put together.

use cambium::domain::finding::Finding;
use cambium::domain::smoke::{Job, Part};

use crate::adapter::Adapter;
use crate::conflicts::conflicts;
use crate::load;
use crate::nets::Net;
use crate::outcome::{Outcome, Stop, from_torch};
use crate::parameters::Rounding;
use crate::part::{self, Loaded, LoadedAdapter};
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
}

/// Outputs of backbones, the one that tells most of what they are for first.
const ANSWERS: [&str; 5] = ["logits", "image_embeds", "mean_pooled", "pooler_output", "last_hidden_state"];

/// Everything that was loaded.
#[derive(Debug, Default)]
pub struct Bench {
    /// The backbone.
    pub net: Option<Net>,
    /// The backbone that the modules were made for, where it is another one.
    pub home: Option<Net>,
    home_is_sound: bool,
    /// What goes into the backbone.
    pub adapters: Vec<LoadedAdapter>,
    /// What comes after it.
    pub stages: Vec<Stage>,
}

/// Adapters fitted to the backbone and to home.
#[derive(Debug, Default)]
pub struct Fitted {
    /// To the backbone.
    pub here: Vec<Adapter>,
    /// To home; empty where there is none.
    pub home: Vec<Adapter>,
}

impl Bench {
    /// Loads the backbone alone.
    ///
    /// # Errors
    /// When it cannot be used; the outcome says why.
    pub fn load_backbone(&mut self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        let budget = weights_budget(job);
        self.net = job.backbone.as_ref().map(|part| part::backbone(part, budget, outcome)).transpose()?;
        Ok(())
    }

    /// Loads the backbone that the modules were made for, where it is another one.
    ///
    /// # Errors
    /// When it cannot be used; the outcome says why.
    pub fn load_home(&mut self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        let budget = weights_budget(job);
        self.home = job.home.as_ref().map(|part| part::backbone(part, budget, outcome)).transpose()?;
        Ok(())
    }

    /// Loads the modules, whatever is wrong with one of them.
    ///
    /// # Errors
    /// When one cannot be used; the outcome says why.
    pub fn load_modules(&mut self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        let mut stopped = false;
        for part in &job.modules {
            match part::module(part, outcome) {
                Ok(Loaded::Adapter(adapter)) => self.adapters.push(*adapter),
                Ok(Loaded::Stage(stage)) => self.stages.push(stage),
                Err(Stop) => stopped = true,
            }
        }
        if stopped { Err(Stop) } else { Ok(()) }
    }

    /// No weight of the backbone is a NaN or infinite.
    ///
    /// # Errors
    /// When one is; the outcome says which.
    pub fn check_backbone(&self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        check_net(self.net.as_ref(), job.backbone.as_ref(), outcome)
    }

    /// No weight of home is a NaN or infinite.
    ///
    /// # Errors
    /// When one is; the outcome says which.
    pub fn check_home(&mut self, job: &Job, outcome: &mut Outcome) -> Result<(), Stop> {
        if !self.home_is_sound {
            check_net(self.home.as_ref(), job.home.as_ref(), outcome)?;
            self.home_is_sound = true;
        }
        Ok(())
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

    /// One forward pass of the whole composition, on the backbone or on home.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn forward(&self, on_home: bool, inputs: &Values) -> Result<Outputs, Finding> {
        let net = if on_home { &self.home } else { &self.net };
        let has_updates = net.as_ref().is_some_and(|net| net.parameters.has_updates());
        let outputs = self.behind(run(net.as_ref(), inputs)?, inputs)?;
        Ok(Outputs { has_updates, ..outputs })
    }

    /// What the backbone gives.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn backbone(&self, inputs: &Values) -> Result<Values, Finding> {
        run(self.net.as_ref(), inputs)
    }

    /// What the stages make of what the backbone gave.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn behind(&self, backbone: Values, inputs: &Values) -> Result<Outputs, Finding> {
        let telling = ANSWERS.iter().find(|name| backbone.contains_key(**name));
        let mut answers: Vec<String> = telling.map(|name| (*name).to_owned()).into_iter().collect();
        let mut values = share(inputs);
        values.extend(share(&backbone));
        let mut all = share(&backbone);
        for stage in &self.stages {
            let given = stage.run(&values)?;
            answers = given.keys().cloned().collect();
            values.extend(share(&given));
            all.extend(given);
        }
        Ok(Outputs { backbone, all, answers, has_updates: false })
    }

    /// A pass with stages loaded from their files again: some keep state between calls.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn afresh(&mut self, inputs: &Values) -> Result<Outputs, Finding> {
        self.reload()?;
        self.forward(false, inputs)
    }

    /// Loads stages from their files again.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn reload(&mut self) -> Result<(), Finding> {
        self.stages.iter_mut().try_for_each(Stage::reload)
    }

    /// What `pass` gives when the backbone computes in half precision: with adapters, which are what is judged
    /// then, the backbone's own weights are left as they are.
    pub fn rounded<T>(&mut self, adapts: bool, pass: impl FnOnce(&mut Self) -> T) -> T {
        self.set_rounds(if adapts { Rounding::Adapters } else { Rounding::All });
        let given = pass(self);
        self.set_rounds(Rounding::None);
        given
    }

    fn set_rounds(&mut self, rounds: Rounding) {
        if let Some(net) = &mut self.net {
            net.parameters.rounds = rounds;
        }
    }

    /// Leaves backbone and home as they were loaded, for the next composition.
    pub fn clear(&mut self) {
        self.set_rounds(Rounding::None);
        self.adapters.clear();
        self.stages.clear();
        for net in self.net.iter_mut().chain(&mut self.home) {
            net.parameters.detach_all();
        }
    }

    /// Puts adapters on the backbone.
    pub fn attach(&mut self, adapters: Vec<Adapter>) {
        if let Some(net) = &mut self.net {
            adapters.into_iter().for_each(|adapter| net.parameters.attach(adapter));
        }
    }

    /// Takes off what adapters changed; heads that one of them brought stay.
    pub fn leave_heads(&mut self) {
        if let Some(net) = &mut self.net {
            net.leave_heads();
        }
    }

    /// Takes every adapter off.
    pub fn take_off(&mut self) {
        if let Some(net) = &mut self.net {
            net.parameters.detach_all();
        }
    }

    /// The same composition on home, where there is one.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub fn at_home(&mut self, adapters: Vec<Adapter>, inputs: &Values) -> Result<Option<Outputs>, Finding> {
        let Some(home) = &mut self.home else { return Ok(None) };
        adapters.into_iter().for_each(|adapter| home.parameters.attach(adapter));
        self.reload()?;
        self.forward(true, inputs).map(Some)
    }
}

/// Bytes of memory that a backbone's weights may take: half of the run's.
const fn weights_budget(job: &Job) -> u64 {
    job.limits.memory_bytes / 2
}

fn check_net(net: Option<&Net>, part: Option<&Part>, outcome: &mut Outcome) -> Result<(), Stop> {
    match (net, part) {
        (Some(net), Some(part)) => outcome.note_non_finite(&part.name, net.parameters.non_finite()),
        _ => Ok(()),
    }
}

fn run(net: Option<&Net>, inputs: &Values) -> Result<Values, Finding> {
    match net {
        Some(net) => net.forward(inputs).map_err(|error| from_torch("the backbone", &error)),
        None => Ok(Values::new()),
    }
}
