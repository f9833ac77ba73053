//! Reads a PEFT adapter's tensors into what they do to a network.

mod module;
mod prompt;
mod vera;

use std::collections::{BTreeMap, BTreeSet};

use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::peft::{PeftConfig, Place, Role, Rules};
use tch::{Kind, Tensor};

use crate::adapter::Adapter;
use crate::load::Tensors;
use crate::nets::{Net, misshapen};
use crate::outcome::{from_torch, list, listed};
use module::Given;

/// The PEFT methods that can be run, for refusals.
const SUPPORTED: &str = "LoRA (with rsLoRA, DoRA, rank and alpha patterns, biases and modules_to_save), \
     AdaLoRA, VeRA, IA3, prompt, P- and prefix tuning, and bottleneck adapters in AdapterHub's format";
/// Their words in `peft_type`.
const METHODS: [&str; 7] = ["LORA", "ADALORA", "VERA", "IA3", "PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING"];

/// How an adapter's tensors fit a network.
#[derive(Debug, Default)]
pub struct Fit {
    /// The adapter, ready to be put on.
    pub adapter: Adapter,
    /// What does not fit.
    pub findings: Vec<Finding>,
    /// Tensors that have a place.
    pub consumed: usize,
    /// Tensors that have none.
    pub unexpected: Vec<String>,
    /// Tensors that should be there.
    pub missing: Vec<String>,
}

impl Fit {
    /// The figures of the `keys` check.
    pub fn figures(&self) -> serde_json::Value {
        serde_json::json!({
            "consumed": self.consumed, "missing": list(&self.missing), "unexpected": list(&self.unexpected),
        })
    }
}

/// Why the engine cannot tell about this adapter, if it cannot.
pub fn unsupported(config: &PeftConfig, called: &str) -> Option<Finding> {
    let what = if !METHODS.contains(&config.peft_type.as_str()) {
        format!("the method {}", excerpt(&config.peft_type))
    } else if !config.unsupported.is_empty() {
        listed(config.unsupported.iter().map(String::as_str))
    } else {
        return None;
    };
    let remedy = format!("Supported are {SUPPORTED}; export other adapters as TorchScript.");
    Some(cannot_run(called, &what, remedy))
}

/// Why the engine cannot tell about this adapter on this network, if it cannot.
pub fn unsupported_on(config: &PeftConfig, net: &Net, called: &str) -> Option<Finding> {
    let takes = net.virtual_tokens();
    let what = match config.is_prompt().then(|| takes.map(|virtual_tokens| virtual_tokens.keys)) {
        None | Some(Some(Some(_))) => return None,
        Some(Some(None)) if !config.is_prefix() => return None,
        Some(Some(None)) => {
            "prefix tuning on this network, whose layers take no keys and values or are more in the encoder"
        }
        Some(None) => "virtual tokens on this architecture",
    };
    let remedy = "Supported are prompt and P-tuning on BERT, RoBERTa, DistilBERT, MPNet, GPT-2, GPT-NeoX, OPT, Phi, \
                  Llama and what follows it, and T5, and prefix tuning on these less DistilBERT and MPNet; export other \
                  adapters as TorchScript.";
    Some(cannot_run(called, what, remedy))
}

fn cannot_run(called: &str, what: &str, remedy: impl Into<String>) -> Finding {
    Finding::warning("unsupported_adapter", called, format!("The engine cannot run {what}."), remedy)
}

/// One module's tensors by what they do.
type Roles<'a> = BTreeMap<Role, (&'a str, &'a Tensor)>;

/// Fits an adapter to a network.
pub fn fit(config: &PeftConfig, rules: &Rules, tensors: &Tensors, net: &Net, called: &str) -> Fit {
    let mut fit = Fit::default();
    fit.adapter.labels_tokens = config.task_type.as_deref() == Some("TOKEN_CLS");
    let learnt = |name: &str| !matches!(Place::of(name, config), Some(place) if place.role.is_frozen());
    let learnt = tensors.iter().filter(|(name, _)| learnt(name));
    fit.adapter.parameters = learnt.map(|(_, tensor)| tensor.numel() as u64).sum();
    let mut modules: BTreeMap<&str, Roles> = BTreeMap::new();
    let mut whole = Roles::new();
    for (name, tensor) in tensors {
        match Place::of(name, config) {
            None => fit.unexpected.push(name.clone()),
            Some(place) if place.module.is_empty() => drop(whole.insert(place.role, (name, tensor))),
            Some(place) => match place.replaced() {
                Some(path) => fit.replace(&net.canonical(&path), tensor, net),
                None => drop(modules.entry(place.module).or_default().insert(place.role, (name, tensor))),
            },
        }
    }
    if !fit.unexpected.is_empty() {
        fit.findings.push(unexpected(&fit.unexpected, called));
    }
    let absent: BTreeSet<&str> =
        modules.keys().copied().filter(|module| matrix(net, module).is_none()).collect();
    fit.check_heads(net, called);
    if config.is_prompt() {
        fit.prompt(config, &whole, net, called);
        return fit;
    }
    fit.check_targets(rules, net, &modules, &absent, called);
    let shared = fit.shared(config, &whole, &modules, net, called);
    for (module, roles) in modules {
        if let Some(weight) = matrix(net, module) {
            let given = Given { config, rules, shared: shared.as_ref() };
            fit.update(given, module, &net.canonical(module), &roles, weight);
        }
    }
    fit
}

/// The weight of the network's module of this path, where it is a matrix.
fn matrix<'a>(net: &'a Net, module: &str) -> Option<&'a Tensor> {
    let weight = net.weights.all().get(&format!("{}.weight", net.canonical(module)));
    weight.filter(|weight| weight.dim() == 2)
}

impl Fit {
    fn replace(&mut self, path: &str, tensor: &Tensor, net: &Net) {
        let module = path.strip_suffix(".weight");
        let transposed = tensor.dim() == 2 && module.is_some_and(|module| net.is_transposed(module));
        let tensor = if transposed { tensor.f_transpose(0, 1) } else { Ok(tensor.shallow_clone()) };
        match tensor.and_then(|tensor| tensor.f_to_kind(Kind::Float)) {
            Ok(tensor) => {
                match net.weights.all().get(path) {
                    // A head may have other labels than the backbone's, or be new: see below.
                    _ if net.is_head(path) => {}
                    Some(own) if own.size() == tensor.size() => {}
                    Some(own) => self.findings.push(misshapen(path, &tensor, &own.size())),
                    None => self.findings.push(target_not_found(path, &[path], net.weights.all())),
                }
                self.adapter.replaced.push((path.to_owned(), tensor));
            }
            Err(error) => self.findings.push(from_torch(path, &error)),
        }
        self.consumed += 1;
    }

    /// Heads that the adapter brings are whole, and as wide as the network.
    fn check_heads(&mut self, net: &Net, called: &str) {
        let first = |path: &str| path.split_once('.').map_or(path, |(first, _)| first).to_owned();
        let brought: BTreeMap<&str, &Tensor> = self
            .adapter
            .replaced
            .iter()
            .filter(|(path, _)| net.is_head(path))
            .map(|(path, tensor)| (path.as_str(), tensor))
            .collect();
        let heads: BTreeSet<String> = brought.keys().map(|path| first(path)).collect();
        let mut together: Tensors =
            brought.iter().map(|(path, tensor)| ((*path).to_owned(), tensor.shallow_clone())).collect();
        let own = net.weights.all().iter().filter(|(path, _)| !heads.contains(&first(path)));
        together.extend(own.map(|(path, tensor)| (path.clone(), tensor.shallow_clone())));
        let expected = net.heads(&together);
        // A module comes whole; others of the same head may be the backbone's.
        let module = |path: &str| path.rsplit_once('.').map_or(path, |(module, _)| module).to_owned();
        let modules: BTreeSet<String> = brought.keys().map(|path| module(path)).collect();
        let mut findings = vec![];
        let mut missing = vec![];
        for (path, shape) in expected.iter().filter(|(path, _)| heads.contains(&first(path))) {
            match (brought.get(path.as_str()), net.weights.all().get(path)) {
                (Some(tensor), _) if tensor.size() == *shape => {}
                (Some(tensor), _) => findings.push(misshapen(path, tensor, shape)),
                (None, Some(own)) if own.size() == *shape && !modules.contains(&module(path)) => {}
                (None, _) => missing.push(path.clone()),
            }
        }
        let known = |path: &str| expected.iter().any(|(known, _)| known == path);
        let strange: Vec<&str> = brought.keys().copied().filter(|path| !known(path)).collect();
        if !strange.is_empty() {
            findings.push(target_not_found(called, &strange, net.weights.all()));
        }
        if !missing.is_empty() {
            findings.push(missing_keys(called, &missing, "the rest of the head is there"));
            self.missing.extend(missing);
        }
        self.findings.extend(findings);
    }

    /// Every module of the file is in the network, every target of the config names one, and every
    /// module that the config targets is in the file.
    fn check_targets(
        &mut self,
        rules: &Rules,
        net: &Net,
        modules: &BTreeMap<&str, Roles>,
        absent: &BTreeSet<&str>,
        called: &str,
    ) {
        // Patterns are about the model that was trained.
        let network = net.weights.all();
        let known = net.matrices_for(modules.keys().copied());
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let unmatched = rules.unmatched(&known);
        if !absent.is_empty() || !unmatched.is_empty() {
            let names: Vec<&str> = absent.iter().copied().chain(unmatched).collect();
            self.findings.push(target_not_found(called, &names, network));
        }
        let skipped =
            |path: &str| rules.is_all_linear() && (net.is_head(&net.canonical(path)) || is_table(path));
        let missing = known.iter().filter(|path| rules.targets(path) && !skipped(path));
        let missing: Vec<String> =
            missing.filter(|path| !modules.contains_key(**path)).map(|path| (*path).to_owned()).collect();
        if !missing.is_empty() && absent.is_empty() {
            self.findings.push(missing_keys(called, &missing, "the config targets them"));
            self.missing.extend(missing);
        }
    }

    fn update(&mut self, given: Given<'_>, module: &str, path: &str, roles: &Roles, weight: &Tensor) {
        let halves =
            roles.keys().filter_map(|role| role.other_half().filter(|half| !roles.contains_key(half)));
        let missing: Vec<String> =
            halves.filter_map(|half| half.suffix()).map(|suffix| format!("{module}{suffix}")).collect();
        if !missing.is_empty() {
            self.findings.push(missing_keys(module, &missing, "the other half is there"));
            self.missing.extend(missing);
            return;
        }
        if given.config.use_dora && roles.contains_key(&Role::LoraA) && !roles.contains_key(&Role::Magnitude)
        {
            let absent = format!("{module}{}", Role::Magnitude.suffix().unwrap_or_default());
            self.findings.push(missing_keys(module, std::slice::from_ref(&absent), "`use_dora` is set"));
            self.missing.push(absent);
            return;
        }
        match given.updates(module, roles, weight) {
            Ok(Ok(updates)) => {
                self.consumed += roles.len();
                self.adapter.updates.extend(updates.into_iter().map(|update| (path.to_owned(), update)));
            }
            Ok(Err(finding)) => self.findings.push(finding),
            Err(error) => self.findings.push(from_torch(module, &error)),
        }
    }
}

/// Whether a module looks rows up, which PEFT's `all-linear` leaves alone.
fn is_table(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    path.contains("embeddings.")
        || ["wte", "wpe", "shared", "embeddings"].contains(&last)
        || last.starts_with("embed_")
}

fn target_not_found(called: &str, names: &[&str], network: &Tensors) -> Finding {
    let modules: BTreeSet<&str> = network
        .iter()
        .filter(|(_, tensor)| tensor.dim() == 2)
        .filter_map(|(path, _)| path.strip_suffix(".weight")?.rsplit('.').next())
        .collect();
    Finding::error(
        "target_not_found",
        called,
        format!(
            "The backbone has no module for these targets of the adapter: {}.",
            listed(names.iter().copied())
        ),
        format!(
            "Use the backbone it was trained on, or target modules that this one has: {}.",
            listed(modules)
        ),
    )
}

/// The finding about tensors that nothing needs.
pub fn unexpected(names: &[String], called: &str) -> Finding {
    Finding::error(
        "unexpected_key",
        called,
        format!("Nothing uses these tensors: {}.", listed(names.iter().map(String::as_str))),
        "Remove them, or correct the config so that it explains them.",
    )
}

/// The finding about tensors that are needed and not there.
pub fn missing_keys(called: &str, names: &[String], why: &str) -> Finding {
    Finding::error(
        "missing_key",
        called,
        format!("These tensors are missing, and {why}: {}.", listed(names.iter().map(String::as_str))),
        "Save the weights again completely; nothing is ever filled in for them.",
    )
}
