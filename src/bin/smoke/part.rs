//! Tells what a folder holds by its files, and loads it.

use std::path::{Path, PathBuf};

use cambium::domain::bottleneck::{BottleneckConfig, WEIGHTS_FILE};
use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::formats::Format;
use cambium::domain::head::{self, HeadConfig};
use cambium::domain::peft::{PeftConfig, Rules};
use cambium::domain::reading::{FileFacts, Reading};
use cambium::domain::smoke::Part;
use serde::Deserialize;
use serde_json::{Value, json};
use tch::{TchError, Tensor};

use crate::bottleneck;
use crate::device;
use crate::load::{self, Tensors};
use crate::nets::{self, Keys, Net, NoFamily};
use crate::outcome::{Outcome, Stop, from_torch, list};
use crate::peft::{self, Fit};
use crate::stage::{self, Body, Stage};

/// An adapter that is read but not yet fitted to a network.
#[derive(Debug)]
pub struct LoadedAdapter {
    /// What findings call it.
    pub name: String,
    /// What it is.
    pub method: Method,
    /// Its tensors.
    pub tensors: Tensors,
}

/// What an adapter is.
#[derive(Debug)]
pub enum Method {
    /// One of the peft library: its config, and the config's rules.
    Peft(Box<PeftConfig>, Box<Rules>),
    /// A bottleneck adapter of the adapters library.
    Bottleneck(BottleneckConfig),
}

impl Method {
    /// The model that it was trained on, as its config names it.
    pub fn base(&self) -> Option<&str> {
        match self {
            Self::Peft(config, _) => config.base_model_name_or_path.as_deref(),
            Self::Bottleneck(config) => config.model_name.as_deref(),
        }
    }

    /// Why the engine cannot tell about this adapter on this network, if it cannot.
    pub fn unsupported_on(&self, net: &Net, called: &str) -> Option<Finding> {
        match self {
            Self::Peft(config, _) => peft::unsupported_on(config, net, called),
            Self::Bottleneck(config) => bottleneck::unsupported(config, net, called),
        }
    }
}

impl LoadedAdapter {
    /// Fits it to a network.
    pub fn fit(&self, net: &Net) -> Fit {
        match &self.method {
            Method::Peft(config, rules) => peft::fit(config, rules, &self.tensors, net, &self.name),
            Method::Bottleneck(config) => bottleneck::fit(config, &self.tensors, net, &self.name),
        }
    }
}

/// A module that is read.
#[derive(Debug)]
pub enum Loaded {
    /// Goes into the backbone.
    Adapter(Box<LoadedAdapter>),
    /// Comes after it.
    Stage(Stage),
}

/// What findings call a file of a part.
fn called(part: &Part, file: &str) -> String {
    format!("{}: {file}", part.name)
}

/// The file's place on disk, or the finding that it is missing.
fn need<'a>(part: &'a Part, file: &str) -> Result<&'a PathBuf, Finding> {
    part.files.get(file).ok_or_else(|| {
        Finding::error(
            "missing_file",
            called(part, file),
            format!("{} has no {file}.", part.name),
            "Add the file; a backbone needs config.json and model.safetensors, an adapter \
             adapter_config.json and adapter_model.safetensors (adapter.safetensors in \
             AdapterHub's format), a head head_config.json and head.safetensors.",
        )
    })
}

/// Loads a backbone from a Hugging Face folder and says how its keys and numbers are. Its weights may take
/// `budget` bytes of memory.
///
/// # Errors
/// When it cannot be used; the outcome says why.
pub fn backbone(part: &Part, budget: u64, outcome: &mut Outcome) -> Result<Net, Stop> {
    let file = called(part, "config.json");
    let config = need(part, "config.json").and_then(|path| load::json::<Value>(path, &file));
    let config = config.map_err(|finding| outcome.refuse("loads", vec![finding]))?;
    let family = nets::family(&config).map_err(|why| match why {
        NoFamily::Unsupported(what) => outcome.cannot_tell(unsupported(&file, &excerpt(&what))),
        NoFamily::Malformed(why) => {
            let finding = Finding::error(
                "corrupt_file",
                &file,
                format!("{file} is no config of its architecture: {}.", excerpt(&why)),
                "Save the model again with transformers.",
            );
            outcome.refuse("loads", vec![finding])
        }
    })?;
    let tensors = weights(part).map_err(|findings| outcome.refuse("loads", findings))?;
    let padding = config.get("pad_token_id").and_then(Value::as_i64).unwrap_or(0);
    let (net, keys) =
        Net::new(family, padding, tensors, budget).map_err(|error| torch(outcome, &part.name, &error))?;
    judge_keys(part, &keys, outcome)?;
    Ok(net)
}

fn unsupported(subject: &str, what: &str) -> Finding {
    Finding::warning(
        "unsupported_architecture",
        subject,
        format!("The engine cannot run {what}."),
        format!("Supported natively: {}; anything else can be exported as TorchScript.", nets::supported()),
    )
}

fn judge_keys(part: &Part, keys: &Keys, outcome: &mut Outcome) -> Result<(), Stop> {
    let weights = called(part, "model.safetensors");
    let mut findings = keys.misshapen.clone();
    if !keys.missing.is_empty() {
        findings.push(peft::missing_keys(&weights, &keys.missing, "the config asks for them"));
    }
    if !keys.unexpected.is_empty() {
        findings.push(peft::unexpected(&keys.unexpected, &weights));
    }
    outcome.figures(
        "keys",
        &part.name,
        json!({
            "consumed": keys.consumed, "ignored": list(&keys.ignored), "missing": list(&keys.missing),
            "unexpected": list(&keys.unexpected),
        }),
    );
    if findings.is_empty() { Ok(()) } else { Err(outcome.refuse("keys", findings)) }
}

/// A backbone's tensors, from one file or from shards.
fn weights(part: &Part) -> Result<Tensors, Vec<Finding>> {
    #[derive(Deserialize)]
    struct Index {
        weight_map: std::collections::BTreeMap<String, String>,
    }
    const INDEX: &str = "model.safetensors.index.json";
    let one = |file: &str| need(part, file).and_then(|path| load::tensors(path, &called(part, file)));
    if part.files.contains_key("model.safetensors") || !part.files.contains_key(INDEX) {
        return one("model.safetensors").map_err(|finding| vec![finding]);
    }
    let index: Index =
        need(part, INDEX).and_then(|path| load::json(path, &called(part, INDEX))).map_err(|f| vec![f])?;
    let shards: std::collections::BTreeSet<&String> = index.weight_map.values().collect();
    let (mut all, mut findings) = (Tensors::new(), vec![]);
    for shard in shards {
        match one(shard) {
            Ok(tensors) => all.extend(tensors),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() { Ok(all) } else { Err(findings) }
}

/// Loads what is put on a backbone.
///
/// # Errors
/// When it cannot be used; the outcome says why.
pub fn module(part: &Part, outcome: &mut Outcome) -> Result<Vec<Loaded>, Stop> {
    if part.files.contains_key("adapter_config.json") {
        let adapter = adapter(part, outcome);
        // Both are read, so that one attempt shows what is wrong with either.
        let head = brings_head(part).then(|| layers(part, outcome)).transpose();
        let (adapter, head) = (adapter?, head?);
        let adapter = Loaded::Adapter(Box::new(adapter));
        Ok(std::iter::once(adapter).chain(head.map(Loaded::Stage)).collect())
    } else if part.files.contains_key("head_config.json") {
        Ok(vec![Loaded::Stage(layers(part, outcome)?)])
    } else if let Some((file, path)) = script_file(part) {
        Ok(vec![Loaded::Stage(script(part, file, path, outcome)?)])
    } else {
        Err(outcome.cannot_tell(Finding::warning(
            "unsupported_module",
            &part.name,
            format!("{} is nothing that the engine can put on a backbone.", part.name),
            "Supported are PEFT and AdapterHub folders (adapter_config.json), heads of a few layers (head_config.json) and \
             TorchScript modules (one .pt file).",
        )))
    }
}

/// Whether a part brings code that would be run.
pub fn is_code(part: &Part) -> bool {
    let data = ["adapter_config.json", "head_config.json"];
    !data.iter().any(|file| part.files.contains_key(*file)) && script_file(part).is_some()
}

/// The part's TorchScript file, told by content, when it has exactly one.
fn script_file(part: &Part) -> Option<(&String, &PathBuf)> {
    let mut scripts = part
        .files
        .iter()
        .filter(|(file, path)| facts(file, path).is_some_and(|facts| facts.format == Format::TorchScript));
    scripts.next().filter(|_| scripts.next().is_none())
}

/// What a file is by its content.
fn facts(file: &str, path: &Path) -> Option<FileFacts> {
    let bytes = load::map(path, file).ok()?;
    let mut reading = Reading::start(file.parse().ok()?, bytes.len() as u64);
    while let Some(range) = reading.next() {
        let (start, end) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
        reading.feed(bytes.get(start..end)?);
    }
    Some(reading.finish())
}

fn adapter(part: &Part, outcome: &mut Outcome) -> Result<LoadedAdapter, Stop> {
    let file = called(part, "adapter_config.json");
    let read = || -> Result<Method, Finding> {
        let bytes = load::map(need(part, "adapter_config.json")?, &file)?;
        if BottleneckConfig::recognises(bytes) {
            let config = BottleneckConfig::parse(bytes).map_err(|bad| bad.finding(&file))?;
            return Ok(Method::Bottleneck(config));
        }
        let config = PeftConfig::parse(bytes).map_err(|bad| bad.finding(&file))?;
        let rules = Rules::compile(&config).map_err(|bad| bad.finding(&file))?;
        Ok(Method::Peft(Box::new(config), Box::new(rules)))
    };
    let method = read();
    // Both files are read, so that one attempt shows what is wrong with either.
    let config = need(part, "adapter_config.json").and_then(|path| load::map(path, &file));
    let weights = if config.is_ok_and(BottleneckConfig::recognises) {
        WEIGHTS_FILE
    } else {
        "adapter_model.safetensors"
    };
    let tensors = need(part, weights).and_then(|path| load::tensors(path, &called(part, weights)));
    match (method, tensors) {
        (Ok(method), Ok(tensors)) => {
            let unsupported = match &method {
                Method::Peft(config, _) => peft::unsupported(config, &file),
                Method::Bottleneck(_) => None,
            };
            match unsupported {
                Some(finding) => Err(outcome.cannot_tell(finding)),
                None => {
                    let tensors =
                        device::all_there(tensors).map_err(|error| torch(outcome, &part.name, &error))?;
                    Ok(LoadedAdapter { name: part.name.clone(), method, tensors })
                }
            }
        }
        (method, tensors) => {
            Err(outcome.refuse("loads", method.err().into_iter().chain(tensors.err()).collect()))
        }
    }
}

/// Whether a head of AdapterHub's comes with an adapter.
fn brings_head(part: &Part) -> bool {
    let config = part.files.get(head::CONFIG_FILE).and_then(|path| load::map(path, head::CONFIG_FILE).ok());
    config.is_some_and(head::hub::recognises)
}

fn layers(part: &Part, outcome: &mut Outcome) -> Result<Stage, Stop> {
    let file = called(part, head::CONFIG_FILE);
    let config = need(part, head::CONFIG_FILE)
        .and_then(|path| load::map(path, &file))
        .and_then(|bytes| HeadConfig::parse(bytes).map_err(|bad| bad.finding(&file)));
    // Of a head that cannot be run, right or not, nothing more can be told.
    if let Err(finding) = &config
        && !finding.refuses()
    {
        return Err(outcome.cannot_tell(finding.clone()));
    }
    let weights_file = head::weights_file(|file| part.files.contains_key(file));
    let weights = called(part, weights_file);
    let tensors = need(part, weights_file).and_then(|path| load::tensors(path, &weights));
    let (config, tensors) = match (config, tensors) {
        (Ok(config), Ok(tensors)) => (config, tensors),
        (config, tensors) => {
            let findings = config.err().into_iter().chain(tensors.err()).collect();
            return Err(outcome.refuse("loads", findings));
        }
    };
    let unsigned = |tensor: &Tensor| tensor.size().into_iter().map(i64::unsigned_abs).collect();
    let shapes: Vec<(&str, Vec<u64>)> =
        tensors.iter().map(|(name, tensor)| (name.as_str(), unsigned(tensor))).collect();
    let fit = config.fit(&shapes, &weights);
    outcome.figures(
        "keys",
        &part.name,
        json!({
            "consumed": fit.consumed, "missing": list(&fit.missing), "unexpected": list(&fit.unexpected),
        }),
    );
    if !fit.findings.is_empty() {
        return Err(outcome.refuse("keys", fit.findings));
    }
    let parameters = tensors.values().map(|tensor| tensor.numel() as u64).sum();
    let tensors = stage::to_float(tensors).map_err(|error| torch(outcome, &part.name, &error))?;
    Ok(Stage {
        name: part.name.clone(),
        body: Body::Layers { config: Box::new(config), tensors },
        parameters,
    })
}

fn script(part: &Part, file: &str, path: &PathBuf, outcome: &mut Outcome) -> Result<Stage, Stop> {
    let interface = part.manifest.as_ref().and_then(|manifest| manifest.interface.as_ref());
    let Some(interface) = interface.filter(|interface| !interface.inputs.is_empty()) else {
        return Err(outcome.cannot_tell(Finding::warning(
            "interface_missing",
            &part.name,
            format!("{} does not say what its TorchScript module takes.", part.name),
            "Declare the arguments of `forward`, in their order, as interface.inputs in cambium.toml.",
        )));
    };
    let module = stage::load_script(path).map_err(|error| torch(outcome, &called(part, file), &error))?;
    let parameters = module.named_parameters().map_err(|error| torch(outcome, &part.name, &error))?;
    let bad = load::non_finite(parameters.iter().map(|(name, tensor)| (name, tensor)));
    outcome.note_non_finite(&part.name, bad)?;
    let parameters = parameters.iter().map(|(_, tensor)| tensor.numel() as u64).sum();
    let (inputs, outputs) =
        (interface.inputs.clone(), interface.outputs.iter().map(|p| p.name.clone()).collect());
    let router = part.manifest.as_ref().and_then(|manifest| manifest.router.as_ref());
    let candidates = (0_i64..).zip(router.iter().flat_map(|router| &router.candidates));
    let candidates = candidates.map(|(place, _)| place).collect();
    let body = Body::Script { path: path.clone(), module, inputs, outputs, candidates };
    Ok(Stage { name: part.name.clone(), body, parameters })
}

/// An exception of libtorch while loading.
pub fn torch(outcome: &mut Outcome, subject: &str, error: &TchError) -> Stop {
    outcome.refuse("loads", vec![from_torch(subject, error)])
}

/// Refuses pickles, archives and programs by content, whatever they are called.
///
/// # Errors
/// When there is one; the outcome says which.
pub fn refuse_by_content(part: &Part, outcome: &mut Outcome) -> Result<(), Stop> {
    let refused = [Format::Pickle, Format::Archive, Format::Executable];
    let found = part.files.iter().filter_map(|(file, path)| facts(file, path));
    let findings: Vec<Finding> =
        found.filter(|facts| refused.contains(&facts.format)).flat_map(|facts| facts.findings).collect();
    if findings.is_empty() { Ok(()) } else { Err(outcome.refuse("loads", findings)) }
}
