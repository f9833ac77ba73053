//! Inputs of a run, and the golden outputs that come with them.

use std::collections::BTreeMap;
use std::path::Path;

use cambium::domain::finding::Finding;
use cambium::domain::head::HeadInput;
use cambium::domain::interface::{Dim, Port};
use cambium::domain::router::CANDIDATES;
use cambium::domain::smoke::{Job, Part};
use tch::{Device, Kind, TchError, Tensor};

use crate::load;
use crate::nets::{Net, Takes};
use crate::outcome::{Outcome, Stop, from_torch};
use crate::stage::{Body, Stage};
use crate::values::Values;

/// The file of a release that holds its probe.
pub const FILE: &str = "probe.safetensors";

/// Rows and tokens of made inputs.
const BATCH: i64 = 8;
const SEQUENCE: i64 = 16;
/// Rows of made images and spectrograms, which are hundreds of tokens each.
const MEASURED: i64 = 2;

/// Whose outputs the golden ones are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Given with the job: of the whole composition.
    Given,
    /// Shipped with the last module: of the whole composition.
    Module,
    /// Shipped with the backbone: of the backbone alone.
    Backbone,
    /// Made from the seed: there are none.
    Seed,
}

impl Source {
    /// The word in the report.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Given => "probe",
            Self::Module | Self::Backbone => "release",
            Self::Seed => "seed",
        }
    }
}

/// Inputs, and golden outputs where there are any.
#[derive(Debug)]
pub struct Probe {
    /// Inputs by name.
    pub inputs: Values,
    /// Expected outputs by name.
    pub golden: Values,
    /// Where they come from.
    pub source: Source,
}

impl Probe {
    /// How many rows the inputs have.
    pub fn rows(&self) -> i64 {
        self.inputs.values().filter_map(|input| input.size().first().copied()).max().unwrap_or(0)
    }

    /// The attention mask [batch, sequence], where there is one.
    pub fn mask(&self) -> Option<&Tensor> {
        self.inputs.get("attention_mask").or_else(|| self.inputs.get("mask")).filter(|mask| mask.dim() == 2)
    }
}

/// Takes the job's probe, or else the last module's, or else the backbone's, or else makes one.
///
/// # Errors
/// When a probe cannot be read or does not fit; the outcome says why.
pub fn choose(
    job: &Job,
    backbone: Option<&Net>,
    stages: &[Stage],
    outcome: &mut Outcome,
) -> Result<Probe, Stop> {
    let shipped =
        |part: &Part| part.files.get(FILE).map(|path| (path.clone(), format!("{}: {FILE}", part.name)));
    let file = if let Some(path) = &job.probe {
        Some((path.clone(), path.display().to_string(), Source::Given))
    } else if let Some((path, called)) = job.modules.last().and_then(shipped) {
        Some((path, called, Source::Module))
    } else {
        job.backbone.as_ref().and_then(shipped).map(|(path, called)| (path, called, Source::Backbone))
    };
    let probe = match file {
        Some((path, called, source)) => {
            read(&path, &called, source).map_err(|finding| outcome.refuse("loads", vec![finding]))?
        }
        None => make(job, backbone, stages)
            .map_err(|error| outcome.refuse("loads", vec![from_torch("the made inputs", &error)]))?,
    };
    let findings =
        backbone.map(|net| misfits(&probe.inputs, net, |why| bad("probe", why))).unwrap_or_default();
    if findings.is_empty() { Ok(probe) } else { Err(outcome.refuse("loads", findings)) }
}

fn read(path: &Path, called: &str, source: Source) -> Result<Probe, Finding> {
    let mut probe = Probe { inputs: Values::new(), golden: Values::new(), source };
    for (name, tensor) in load::tensors(path, called)? {
        if let Some(input) = name.strip_prefix("input.") {
            probe.inputs.insert(input.to_owned(), tensor);
        } else if let Some(output) = name.strip_prefix("output.") {
            probe.golden.insert(output.to_owned(), tensor);
        }
    }
    if probe.inputs.is_empty() {
        return Err(bad(called, "it has no tensor whose name begins with `input.`"));
    }
    Ok(probe)
}

fn bad(called: &str, why: &str) -> Finding {
    Finding::error(
        "bad_probe",
        called,
        format!("The probe cannot be used: {why}."),
        "Name inputs `input.NAME` and golden outputs `output.NAME`, with ids within the vocabulary and no \
         longer than the model's positions.",
    )
}

/// What keeps inputs from being run on this backbone; `bad` makes the finding of the reason.
pub fn misfits(inputs: &Values, net: &Net, bad: impl Fn(&str) -> Finding) -> Vec<Finding> {
    let why = match net.takes() {
        Takes::Tokens { vocabulary, positions } => tokens_misfit(inputs, vocabulary, positions),
        Takes::Pixels { channels, size } => measured_misfit(inputs, "pixel_values", &[channels, size, size]),
        Takes::Features { bins, frames } => measured_misfit(inputs, "input_features", &[bins, frames]),
    };
    why.iter().map(|why| bad(why)).collect()
}

/// Why numbers cannot be run: [batch, …] of another shape or type than the network takes.
fn measured_misfit(inputs: &Values, name: &str, shape: &[i64]) -> Vec<String> {
    let Some(value) = inputs.get(name) else {
        return vec![format!("it has no `input.{name}`, which the backbone needs")];
    };
    let size = value.size();
    if size.get(1..) != Some(shape) || size.first() == Some(&0) {
        return vec![format!("`{name}` has shape {size:?}, and [batch, {}] is needed", joined(shape))];
    }
    if value.kind() != Kind::Float {
        return vec![format!("`{name}` is not float32")];
    }
    vec![]
}

fn joined(shape: &[i64]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn tokens_misfit(inputs: &Values, vocabulary: i64, positions: Option<i64>) -> Vec<String> {
    let Some(ids) = inputs.get("input_ids") else {
        return vec!["it has no `input.input_ids`, which the backbone needs".to_owned()];
    };
    let mut why = ids_misfit("input_ids", ids, vocabulary);
    if ids.dim() != 2 {
        return why;
    }
    let tokens = ids.size()[1];
    if let Some(positions) = positions.filter(|positions| tokens > *positions) {
        why.push(format!("its sequences have {tokens} tokens, and the backbone knows {positions} positions"));
    }
    for name in ["attention_mask", "token_type_ids", "position_ids"] {
        if let Some(other) = inputs.get(name).filter(|other| other.size() != ids.size()) {
            why.push(format!("`{name}` has shape {:?} and `input_ids` {:?}", other.size(), ids.size()));
        }
    }
    if let Some(given) = inputs.get("decoder_input_ids") {
        why.extend(ids_misfit("decoder_input_ids", given, vocabulary));
        if given.size().first() != ids.size().first() {
            why.push("`decoder_input_ids` and `input_ids` differ in rows".to_owned());
        }
    }
    why
}

fn ids_misfit(name: &str, ids: &Tensor, vocabulary: i64) -> Vec<String> {
    if ids.dim() != 2 || ids.kind() != Kind::Int64 || ids.numel() == 0 {
        return vec![format!("`{name}` is not a filled int64 matrix [batch, sequence]")];
    }
    let edge =
        |tensor: Result<Tensor, TchError>| tensor.and_then(|value| value.f_int64_value(&[])).unwrap_or(-1);
    let (least, most) = (edge(ids.f_min()), edge(ids.f_max()));
    if least < 0 || most >= vocabulary {
        return vec![format!("its ids go from {least} to {most}, and the vocabulary has {vocabulary}")];
    }
    vec![]
}

fn make(job: &Job, backbone: Option<&Net>, stages: &[Stage]) -> Result<Probe, TchError> {
    tch::manual_seed(i64::from_ne_bytes(job.seed.to_ne_bytes()));
    let inputs = match backbone {
        Some(net) => from_net(net)?,
        None => from_stage(stages)?,
    };
    Ok(Probe { inputs, golden: Values::new(), source: Source::Seed })
}

/// Inputs of a backbone: token ids with some padding on the right, or numbers around 0.
fn from_net(net: &Net) -> Result<Values, TchError> {
    let numbers = |name: &str, shape: &[i64]| {
        Ok(Values::from([(name.to_owned(), Tensor::f_randn(shape, (Kind::Float, Device::Cpu))?)]))
    };
    match net.takes() {
        Takes::Pixels { channels, size } => numbers("pixel_values", &[MEASURED, channels, size, size]),
        Takes::Features { bins, frames } => numbers("input_features", &[MEASURED, bins, frames]),
        Takes::Tokens { vocabulary, positions } => {
            let sequence = positions.map_or(SEQUENCE, |positions| positions.min(SEQUENCE));
            let options = (Kind::Int64, Device::Cpu);
            let ids = Tensor::f_randint(vocabulary, [BATCH, sequence], options)?;
            let mask = padded(BATCH, sequence)?;
            let padding = Tensor::f_full_like(&ids, net.padding())?;
            Ok(Values::from([
                ("input_ids".to_owned(), Tensor::f_where_self(&ids, &mask.f_ne(0)?, &padding)?),
                ("attention_mask".to_owned(), mask),
            ]))
        }
    }
}

/// A mask [rows, sequence] of ones, with fewer and fewer of them from row to row.
fn padded(rows: i64, sequence: i64) -> Result<Tensor, TchError> {
    let options = (Kind::Int64, Device::Cpu);
    let lengths: Vec<i64> = (0..rows).map(|row| (sequence - row * sequence / (rows + 1)).max(1)).collect();
    let positions = Tensor::f_arange(sequence, options)?.f_unsqueeze(0)?;
    positions.f_lt_tensor(&Tensor::from_slice(&lengths).f_unsqueeze(1)?)?.f_to_kind(Kind::Int64)
}

/// Inputs of a module that runs alone.
fn from_stage(stages: &[Stage]) -> Result<Values, TchError> {
    let Some(stage) = stages.first() else { return Ok(Values::new()) };
    match &stage.body {
        Body::Script { inputs, candidates, .. } => {
            // A router's candidates are no rows, and told to it in another way.
            let told = |port: &&Port| port.name == CANDIDATES && !candidates.is_empty();
            let rows = inputs.iter().filter(|port| !told(port));
            rows.map(|port| Ok((port.name.clone(), from_port(port)?))).collect()
        }
        Body::Layers { config, .. } => {
            let width = i64::try_from(config.in_features).unwrap_or(i64::MAX);
            let name = config.input.source();
            let per_token = config.input.is_per_token() || config.input == HeadInput::Cls;
            let shape = if per_token { vec![BATCH, SEQUENCE, width] } else { vec![BATCH, width] };
            let value = Tensor::f_randn(shape, (Kind::Float, Device::Cpu))?;
            Ok(BTreeMap::from([(name.to_owned(), value)]))
        }
    }
}

fn from_port(port: &Port) -> Result<Tensor, TchError> {
    let size = |dim: &Dim| match dim {
        Dim::Fixed(size) => i64::try_from(*size).unwrap_or(i64::MAX),
        Dim::Symbol(name) if name == "batch" => BATCH,
        Dim::Symbol(_) => SEQUENCE,
    };
    let shape: Vec<i64> = port.dims.iter().map(size).collect();
    let kind = load::kind(&port.dtype).ok_or_else(|| TchError::Kind(format!("the type {}", port.dtype)))?;
    match kind {
        Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16 => {
            Tensor::f_randn(&shape, (Kind::Float, Device::Cpu))?.f_to_kind(kind)
        }
        _ if port.name.contains("mask") && shape.len() == 2 => padded(shape[0], shape[1])?.f_to_kind(kind),
        // Ids of an unknown vocabulary: small ones exist in most.
        _ => Tensor::f_randint(2, &shape, (Kind::Int64, Device::Cpu))?.f_to_kind(kind),
    }
}
