//! Reads a PEFT adapter's tensors into what they do to a network.

use std::collections::{BTreeMap, BTreeSet};

use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::peft::{PeftConfig, Place, Role, Rules};
use tch::{Kind, TchError, Tensor};

use crate::adapter::{Adapter, HEAD, Update};
use crate::load::Tensors;
use crate::nets::bert::{canonical, misshapen};
use crate::outcome::{from_torch, list, listed};

/// The PEFT methods that can be run, for refusals.
const SUPPORTED: &str = "LoRA (with rsLoRA, rank and alpha patterns, biases and modules_to_save) and IA3";

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
    let what = if config.peft_type != "LORA" && config.peft_type != "IA3" {
        format!("the method {}", excerpt(&config.peft_type))
    } else if config.use_dora {
        "DoRA".to_owned()
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

/// Fits an adapter to a network with these parameters.
pub fn fit(config: &PeftConfig, rules: &Rules, tensors: &Tensors, network: &Tensors, called: &str) -> Fit {
    let mut fit = Fit::default();
    fit.adapter.labels_tokens = config.task_type.as_deref() == Some("TOKEN_CLS");
    let mut modules: BTreeMap<&str, Roles> = BTreeMap::new();
    for (name, tensor) in tensors {
        match Place::of(name, config) {
            None => fit.unexpected.push(name.clone()),
            Some(place) => match place.replaced() {
                Some(path) => fit.replace(&canonical(&path), tensor, network),
                None => drop(modules.entry(place.module).or_default().insert(place.role, (name, tensor))),
            },
        }
    }
    if !fit.unexpected.is_empty() {
        fit.findings.push(unexpected(&fit.unexpected, called));
    }
    let absent: BTreeSet<&str> =
        modules.keys().copied().filter(|module| !is_matrix(network, module)).collect();
    let hidden =
        network.get("embeddings.word_embeddings.weight").and_then(|table| table.size().get(1).copied());
    fit.check_head(hidden.unwrap_or(0), called);
    fit.check_targets(rules, network, &modules, &absent, called);
    for (module, roles) in modules {
        if !absent.contains(module) {
            fit.update(rules, module, &roles, &network[&weight_of(module)]);
        }
    }
    fit
}

/// Whether the network has a module of this path whose weight is a matrix.
fn is_matrix(network: &Tensors, module: &str) -> bool {
    network.get(&weight_of(module)).is_some_and(|weight| weight.dim() == 2)
}

fn weight_of(module: &str) -> String {
    format!("{}.weight", canonical(module))
}

impl Fit {
    fn replace(&mut self, path: &str, tensor: &Tensor, network: &Tensors) {
        match network.get(path) {
            // A classifier may have other labels than the backbone's, or be new: see below.
            _ if HEAD.contains(&path) => {}
            Some(own) if own.size() == tensor.size() => {}
            Some(own) => self.findings.push(misshapen(path, tensor, &own.size())),
            None => self.findings.push(target_not_found(path, &[path], network)),
        }
        match tensor.f_to_kind(Kind::Float) {
            Ok(tensor) => self.adapter.replaced.push((path.to_owned(), tensor)),
            Err(error) => self.findings.push(from_torch(path, &error)),
        }
        self.consumed += 1;
    }

    /// A classifier that the adapter brings is whole, and as wide as the network.
    fn check_head(&mut self, hidden: i64, called: &str) {
        let brought =
            |path: &str| self.adapter.replaced.iter().find(|(name, _)| name == path).map(|(_, t)| t.size());
        let (weight, bias) = (brought(HEAD[0]), brought(HEAD[1]));
        match (weight, bias) {
            (None, None) => {}
            (Some(weight), Some(bias)) => {
                let labels = weight.first().copied().unwrap_or(0);
                if weight != [labels, hidden] || bias != [labels] {
                    let shapes = format!(
                        "The classifier has a weight of shape {weight:?} and a bias of shape {bias:?}."
                    );
                    let remedy = format!("It has to be [labels, {hidden}] and [labels] to fit the backbone.");
                    self.findings.push(Finding::error("shape_mismatch", called, shapes, remedy));
                }
            }
            (weight, _) => {
                let absent = HEAD[usize::from(weight.is_some())].to_owned();
                self.findings.push(missing_keys(
                    called,
                    std::slice::from_ref(&absent),
                    "the other half of the classifier is there",
                ));
                self.missing.push(absent);
            }
        }
    }

    /// Every module of the file is in the network, every target of the config names one, and every
    /// module that the config targets is in the file.
    fn check_targets(
        &mut self,
        rules: &Rules,
        network: &Tensors,
        modules: &BTreeMap<&str, Roles>,
        absent: &BTreeSet<&str>,
        called: &str,
    ) {
        // Patterns are about the model that was trained, whose paths may begin with `bert.`.
        let prefix = if modules.keys().any(|module| module.starts_with("bert.")) { "bert." } else { "" };
        let known: Vec<String> = network
            .iter()
            .filter(|(_, tensor)| tensor.dim() == 2)
            .filter_map(|(path, _)| path.strip_suffix(".weight"))
            .map(|path| if path == "classifier" { path.to_owned() } else { format!("{prefix}{path}") })
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let unmatched = rules.unmatched(&known);
        if !absent.is_empty() || !unmatched.is_empty() {
            let names: Vec<&str> = absent.iter().copied().chain(unmatched).collect();
            self.findings.push(target_not_found(called, &names, network));
        }
        let skipped =
            |path: &str| rules.is_all_linear() && (path == "classifier" || path.contains("embeddings."));
        let missing = known.iter().filter(|path| rules.targets(path) && !skipped(path));
        let missing: Vec<String> =
            missing.filter(|path| !modules.contains_key(**path)).map(|path| (*path).to_owned()).collect();
        if !missing.is_empty() && absent.is_empty() {
            self.findings.push(missing_keys(called, &missing, "the config targets them"));
            self.missing.extend(missing);
        }
    }

    fn update(&mut self, rules: &Rules, module: &str, roles: &Roles, weight: &Tensor) {
        let halves =
            roles.keys().filter_map(|role| role.other_half().filter(|half| !roles.contains_key(half)));
        let missing: Vec<String> =
            halves.filter_map(|half| half.suffix()).map(|suffix| format!("{module}{suffix}")).collect();
        if !missing.is_empty() {
            self.findings.push(missing_keys(module, &missing, "the other half is there"));
            self.missing.extend(missing);
            return;
        }
        match updates_of(rules, module, roles, weight) {
            Ok(Ok(updates)) => {
                self.consumed += roles.len();
                let path = canonical(module);
                self.adapter.updates.extend(updates.into_iter().map(|update| (path.clone(), update)));
            }
            Ok(Err(finding)) => self.findings.push(finding),
            Err(error) => self.findings.push(from_torch(module, &error)),
        }
    }
}

fn updates_of(
    rules: &Rules,
    module: &str,
    roles: &Roles,
    weight: &Tensor,
) -> Result<Result<Vec<Update>, Finding>, TchError> {
    let (rank, scale) = (i64::try_from(rules.rank(module)).unwrap_or(i64::MAX), rules.scale(module));
    let shape = weight.size();
    let (out, inner) = (shape[0], shape[1]);
    let get = |role: Role, expected: &[i64]| match roles.get(&role) {
        Some((name, tensor)) if tensor.size() != expected => Err(misshapen(name, tensor, expected)),
        Some((_, tensor)) => Ok(Some(tensor.f_to_kind(Kind::Float))),
        None => Ok(None),
    };
    let factors = if rules.is_feedforward(module) { [1, inner] } else { [out, 1] };
    let wanted = [
        (Role::LoraA, vec![rank, inner]),
        (Role::LoraB, vec![out, rank]),
        (Role::LoraBBias, vec![out]),
        (Role::EmbeddingA, vec![rank, out]),
        (Role::EmbeddingB, vec![inner, rank]),
        (Role::Factors, factors.to_vec()),
    ];
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
    if let (Some(down), Some(up)) = (found.remove(&Role::LoraA), found.remove(&Role::LoraB)) {
        updates.push(Update::LowRank { down, up, bias: found.remove(&Role::LoraBBias), scale });
    }
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
