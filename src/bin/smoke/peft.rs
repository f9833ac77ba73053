//! Reads a PEFT adapter's tensors into what they do to a network.

use std::collections::{BTreeMap, BTreeSet};

use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::peft::{PeftConfig, Place, Role, Rules};
use tch::{Kind, TchError, Tensor};

use crate::adapter::{Adapter, Update};
use crate::load::Tensors;
use crate::nets::{Net, misshapen};
use crate::outcome::{from_torch, list, listed};

/// The PEFT methods that can be run, for refusals.
const SUPPORTED: &str =
    "LoRA (with rsLoRA, DoRA, rank and alpha patterns, biases and modules_to_save), AdaLoRA and IA3";

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
    let what = if !["LORA", "ADALORA", "IA3"].contains(&config.peft_type.as_str()) {
        format!("the method {}", excerpt(&config.peft_type))
    } else if !config.unsupported.is_empty() {
        listed(config.unsupported.iter().map(String::as_str))
    } else {
        return None;
    };
    Some(Finding::warning(
        "unsupported_adapter",
        called,
        format!("The engine cannot run {what}."),
        format!("Supported are {SUPPORTED}; export other adapters as TorchScript."),
    ))
}

/// One module's tensors by what they do.
type Roles<'a> = BTreeMap<Role, (&'a str, &'a Tensor)>;

/// Fits an adapter to a network.
pub fn fit(config: &PeftConfig, rules: &Rules, tensors: &Tensors, net: &Net, called: &str) -> Fit {
    let mut fit = Fit::default();
    fit.adapter.labels_tokens = config.task_type.as_deref() == Some("TOKEN_CLS");
    let mut modules: BTreeMap<&str, Roles> = BTreeMap::new();
    for (name, tensor) in tensors {
        match Place::of(name, config) {
            None => fit.unexpected.push(name.clone()),
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
    fit.check_targets(rules, net, &modules, &absent, called);
    for (module, roles) in modules {
        if let Some(weight) = matrix(net, module) {
            fit.update((config, rules), module, &net.canonical(module), &roles, weight);
        }
    }
    fit
}

/// The weight of the network's module of this path, where it is a matrix.
fn matrix<'a>(net: &'a Net, module: &str) -> Option<&'a Tensor> {
    let weight = net.parameters.all().get(&format!("{}.weight", net.canonical(module)));
    weight.filter(|weight| weight.dim() == 2)
}

impl Fit {
    fn replace(&mut self, path: &str, tensor: &Tensor, net: &Net) {
        let module = path.strip_suffix(".weight");
        let transposed = tensor.dim() == 2 && module.is_some_and(|module| net.is_transposed(module));
        let tensor = if transposed { tensor.f_transpose(0, 1) } else { Ok(tensor.shallow_clone()) };
        match tensor.and_then(|tensor| tensor.f_to_kind(Kind::Float)) {
            Ok(tensor) => {
                match net.parameters.all().get(path) {
                    // A head may have other labels than the backbone's, or be new: see below.
                    _ if net.is_head(path) => {}
                    Some(own) if own.size() == tensor.size() => {}
                    Some(own) => self.findings.push(misshapen(path, &tensor, &own.size())),
                    None => self.findings.push(target_not_found(path, &[path], net.parameters.all())),
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
        let own = net.parameters.all().iter().filter(|(path, _)| !heads.contains(&first(path)));
        together.extend(own.map(|(path, tensor)| (path.clone(), tensor.shallow_clone())));
        let expected = net.heads(&together);
        // A module comes whole; others of the same head may be the backbone's.
        let module = |path: &str| path.rsplit_once('.').map_or(path, |(module, _)| module).to_owned();
        let modules: BTreeSet<String> = brought.keys().map(|path| module(path)).collect();
        let mut findings = vec![];
        let mut missing = vec![];
        for (path, shape) in expected.iter().filter(|(path, _)| heads.contains(&first(path))) {
            match (brought.get(path.as_str()), net.parameters.all().get(path)) {
                (Some(tensor), _) if tensor.size() == *shape => {}
                (Some(tensor), _) => findings.push(misshapen(path, tensor, shape)),
                (None, Some(own)) if own.size() == *shape && !modules.contains(&module(path)) => {}
                (None, _) => missing.push(path.clone()),
            }
        }
        let known = |path: &str| expected.iter().any(|(known, _)| known == path);
        let strange: Vec<&str> = brought.keys().copied().filter(|path| !known(path)).collect();
        if !strange.is_empty() {
            findings.push(target_not_found(called, &strange, net.parameters.all()));
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
        let network = net.parameters.all();
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

    fn update(
        &mut self,
        (config, rules): (&PeftConfig, &Rules),
        module: &str,
        path: &str,
        roles: &Roles,
        weight: &Tensor,
    ) {
        let halves =
            roles.keys().filter_map(|role| role.other_half().filter(|half| !roles.contains_key(half)));
        let missing: Vec<String> =
            halves.filter_map(|half| half.suffix()).map(|suffix| format!("{module}{suffix}")).collect();
        if !missing.is_empty() {
            self.findings.push(missing_keys(module, &missing, "the other half is there"));
            self.missing.extend(missing);
            return;
        }
        if config.use_dora && roles.contains_key(&Role::LoraA) && !roles.contains_key(&Role::Magnitude) {
            let absent = format!("{module}{}", Role::Magnitude.suffix().unwrap_or_default());
            self.findings.push(missing_keys(module, std::slice::from_ref(&absent), "`use_dora` is set"));
            self.missing.push(absent);
            return;
        }
        match updates_of(config, rules, module, roles, weight) {
            Ok(Ok(updates)) => {
                self.consumed += roles.len();
                self.adapter.updates.extend(updates.into_iter().map(|update| (path.to_owned(), update)));
            }
            Ok(Err(finding)) => self.findings.push(finding),
            Err(error) => self.findings.push(from_torch(module, &error)),
        }
    }
}

fn updates_of(
    config: &PeftConfig,
    rules: &Rules,
    module: &str,
    roles: &Roles,
    weight: &Tensor,
) -> Result<Result<Vec<Update>, Finding>, TchError> {
    let adaptive = config.peft_type == "ADALORA";
    // AdaLoRA stores what is left of its first rank.
    let left = roles.get(&Role::LoraA).filter(|_| adaptive).and_then(|(_, a)| a.size().first().copied());
    let rank = left.unwrap_or_else(|| i64::try_from(rules.rank(module)).unwrap_or(i64::MAX));
    let shape = weight.size();
    let (out, inner) = (shape[0], shape[1]);
    let get = |role: Role, expected: &[i64]| match roles.get(&role) {
        Some((name, tensor)) if tensor.size() != expected => Err(misshapen(name, tensor, expected)),
        Some((_, tensor)) => Ok(Some(tensor.f_to_kind(Kind::Float))),
        None => Ok(None),
    };
    let factors = if rules.is_feedforward(module) { [1, inner] } else { [out, 1] };
    let ranks: &[i64] =
        roles.get(&Role::RankNumber).map_or(&[], |(_, number)| if number.dim() == 0 { &[] } else { &[1] });
    let mut wanted = vec![
        (Role::LoraA, vec![rank, inner]),
        (Role::LoraB, vec![out, rank]),
        (Role::LoraBBias, vec![out]),
        (Role::EmbeddingA, vec![rank, out]),
        (Role::EmbeddingB, vec![inner, rank]),
        (Role::Factors, factors.to_vec()),
    ];
    if adaptive {
        wanted.extend([(Role::LoraE, vec![rank, 1]), (Role::RankNumber, ranks.to_vec())]);
    }
    if config.use_dora {
        wanted.push((Role::Magnitude, vec![out]));
    }
    let mut found = BTreeMap::new();
    for (role, expected) in wanted {
        match get(role, &expected) {
            Err(finding) => return Ok(Err(finding)),
            Ok(Some(tensor)) => drop(found.insert(role, tensor?)),
            Ok(None) => {}
        }
    }
    if let Some(role) = roles.keys().find(|role| !found.contains_key(role)) {
        return Ok(Err(unexpected(&[roles[role].0.to_owned()], module)));
    }
    let mut updates = vec![];
    if let (Some(mut down), Some(up)) = (found.remove(&Role::LoraA), found.remove(&Role::LoraB)) {
        let mut scale = rules.scale(module);
        if adaptive {
            if let Some(singular) = found.remove(&Role::LoraE) {
                down = down.f_mul(&singular)?;
            }
            let began = config.init_r as f64;
            let number = found.remove(&Role::RankNumber).map(|number| number.f_double_value(&[]));
            let alpha = if config.lora_alpha > 0.0 { config.lora_alpha } else { began };
            // Zhang et al., "AdaLoRA: Adaptive Budget Allocation", as PEFT computes it.
            scale = alpha / (number.transpose()?.unwrap_or(began) + 1e-5);
        }
        let magnitude = found.remove(&Role::Magnitude).map(|magnitude| {
            let changed = weight.f_add(&up.f_matmul(&down)?.f_mul_scalar(scale)?)?;
            magnitude.f_div(&changed.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), false)?)
        });
        let (bias, magnitude) = (found.remove(&Role::LoraBBias), magnitude.transpose()?);
        updates.push(Update::LowRank { down, up, bias, scale, magnitude });
    }
    let scale = rules.scale(module);
    if let (Some(down), Some(up)) = (found.remove(&Role::EmbeddingA), found.remove(&Role::EmbeddingB)) {
        updates.push(Update::LowRankRows { down, up, scale });
    }
    if let Some(factors) = found.remove(&Role::Factors) {
        let factors = factors.f_reshape([-1])?;
        let feedforward = rules.is_feedforward(module);
        updates.push(if feedforward { Update::ScaleInput(factors) } else { Update::ScaleOutput(factors) });
    }
    Ok(Ok(updates))
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
