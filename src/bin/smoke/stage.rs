//! What comes after the backbone: layers from safetensors and TorchScript modules.

use std::path::PathBuf;

use cambium::domain::finding::Finding;
use cambium::domain::head::{Approximation, HeadConfig, HeadInput, Layer};
use cambium::domain::interface::Port;
use cambium::domain::router::CANDIDATES;
use tch::{CModule, IValue, Kind, TchError, Tensor};

use crate::device;
use crate::load::Tensors;
use crate::outcome::from_torch;
use crate::values::Values;

/// One stage behind the backbone.
#[derive(Debug)]
pub struct Stage {
    /// What findings call it.
    pub name: String,
    /// How it computes.
    pub body: Body,
    /// How many numbers it holds, where that is known.
    pub parameters: u64,
}

/// How a stage computes.
#[derive(Debug)]
pub enum Body {
    /// A few layers, as a config declares them.
    Layers {
        /// What it declares.
        config: Box<HeadConfig>,
        /// Their tensors, as declared.
        tensors: Tensors,
    },
    /// A TorchScript module; its arguments are the declared inputs in their order.
    Script {
        /// Where it lies.
        path: PathBuf,
        /// The loaded module.
        module: CModule,
        /// Declared inputs.
        inputs: Vec<Port>,
        /// Names of its outputs, in order.
        outputs: Vec<String>,
        /// Places of the candidates that it is told to choose among; empty where it is no router.
        candidates: Vec<i64>,
    },
}

/// Other names under which modules ask for what a backbone gives.
const ALIASES: &[(&str, &str)] = &[
    ("hidden", "last_hidden_state"),
    ("hidden_states", "last_hidden_state"),
    ("mask", "attention_mask"),
    ("embedding", "mean_pooled"),
    ("embeddings", "mean_pooled"),
    ("sentence_embedding", "mean_pooled"),
    ("pooled", "mean_pooled"),
];

/// The value of this name, or the one that it is another name for.
pub fn look_up<'a>(values: &'a Values, name: &str) -> Option<&'a Tensor> {
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == name).and_then(|(_, real)| values.get(*real));
    values.get(name).or_else(alias)
}

impl Stage {
    /// Computes its outputs from the values at hand.
    ///
    /// # Errors
    /// The finding about whatever libtorch raises; a TorchScript module may raise anything.
    pub fn run(&self, values: &Values) -> Result<Values, Finding> {
        if let Body::Layers { config, .. } = &self.body
            && let Some(x) = look_up(values, config.input.source())
            && let Some(why) = misfit(&self.name, config, x)
        {
            return Err(why);
        }
        let given = self.compute(values).and_then(device::all_back);
        given.map_err(|error| from_torch(&self.name, &error))
    }

    fn compute(&self, values: &Values) -> Result<Values, TchError> {
        let need = |name: &str| {
            look_up(values, name).ok_or_else(|| TchError::Kind(format!("nothing gives its input `{name}`")))
        };
        match &self.body {
            Body::Layers { config, tensors } => {
                let mut x = device::there(need(config.input.source())?)?;
                if config.input == HeadInput::Cls {
                    x = x.f_select(1, 0)?;
                }
                for layer in config.steps() {
                    x = step(&layer, tensors, x)?;
                }
                Ok(Values::from([(config.output.clone(), x)]))
            }
            Body::Script { module, inputs, outputs, candidates, .. } => {
                let argument = |name: &str| match name {
                    CANDIDATES if !candidates.is_empty() => device::there(&Tensor::f_from_slice(candidates)?),
                    // Copies: a module may write into what it is given.
                    _ => device::there(&need(name)?.f_copy_of()?),
                };
                let arguments = inputs
                    .iter()
                    .map(|port| Ok(IValue::Tensor(argument(&port.name)?)))
                    .collect::<Result<Vec<IValue>, TchError>>()?;
                named(module.forward_is(&arguments)?, outputs)
            }
        }
    }

    /// The output that tells most of it: the first.
    pub fn answer(&self) -> String {
        match &self.body {
            Body::Layers { config, .. } => config.output.clone(),
            Body::Script { outputs, .. } => output_name(outputs, 0),
        }
    }

    /// The same stage from its file again: some modules keep state between calls.
    ///
    /// # Errors
    /// The finding, when the module cannot be loaded again.
    pub fn reload(&mut self) -> Result<(), Finding> {
        if let Body::Script { path, module, .. } = &mut self.body {
            *module = load_script(path).map_err(|error| from_torch(&self.name, &error))?;
        }
        Ok(())
    }
}

/// One layer: of x [.., in] gives [.., out]. Formulas are those of `torch.nn`'s modules of these names.
fn step(layer: &Layer, tensors: &Tensors, x: Tensor) -> Result<Tensor, TchError> {
    let get = |end: &str| tensors.get(&layer.tensor(end));
    match layer {
        Layer::Linear { .. } => {
            let weight = get("weight").ok_or_else(|| TchError::Kind("no weight".to_owned()))?;
            x.f_linear(weight, get("bias"))
        }
        Layer::LayerNorm { eps, .. } => {
            let width = x.size().last().copied().unwrap_or(0);
            x.f_layer_norm([width], get("weight"), get("bias"), *eps, false)
        }
        Layer::Gelu { approximate: Approximation::None } => x.f_gelu("none"),
        Layer::Gelu { approximate: Approximation::Tanh } => x.f_gelu("tanh"),
        Layer::Relu {} => x.f_relu(),
        Layer::Tanh {} => x.f_tanh(),
        Layer::Silu {} => x.f_silu(),
        Layer::Dropout { .. } => Ok(x),
    }
}

/// Why the layers cannot read this, if they cannot: another width, or tokens where there should be none.
fn misfit(name: &str, config: &HeadConfig, x: &Tensor) -> Option<Finding> {
    let (input, needs, size) = (config.input.source(), config.in_features, x.size());
    let tokens = config.input == HeadInput::Cls || config.input.is_per_token();
    let expected = if tokens { 3 } else { 2 };
    let width = size.last().and_then(|width| u64::try_from(*width).ok());
    if size.len() == expected && width == Some(needs) {
        return None;
    }
    let shape = if tokens { format!("[batch, sequence, {needs}]") } else { format!("[batch, {needs}]") };
    let finding = Finding::error(
        "shape_mismatch",
        name,
        format!("{name} reads `{input}` of shape {size:?}, and is made for {shape}."),
        "Use the head on a backbone as wide as the one it was made for.",
    );
    Some(finding.with_change(shape, size))
}

/// Loads a TorchScript module, ready to run.
///
/// # Errors
/// When it cannot be loaded.
pub fn load_script(path: &PathBuf) -> Result<CModule, TchError> {
    let mut module = CModule::load_on_device(path, device::current())?;
    module.f_set_eval()?;
    Ok(module)
}

trait CopyOf {
    fn f_copy_of(&self) -> Result<Tensor, TchError>;
}

impl CopyOf for Tensor {
    fn f_copy_of(&self) -> Result<Tensor, TchError> {
        self.f_to_dtype(self.kind(), false, true)
    }
}

/// A module's result under the names of its outputs: one tensor, a tuple or list of them, or a
/// dictionary that brings its own names.
fn named(result: IValue, outputs: &[String]) -> Result<Values, TchError> {
    let name = |at: usize| output_name(outputs, at);
    let wrong = || TchError::Kind("it returned something other than tensors".to_owned());
    let many = |tensors: Vec<Tensor>| tensors.into_iter().enumerate().map(|(at, t)| (name(at), t)).collect();
    let given: Values = match result {
        IValue::Tensor(tensor) => Values::from([(name(0), tensor)]),
        IValue::TensorList(tensors) => many(tensors),
        IValue::Tuple(items) | IValue::GenericList(items) => {
            let tensors = items.into_iter().map(Tensor::try_from).collect::<Result<_, _>>();
            many(tensors.map_err(|_| wrong())?)
        }
        IValue::GenericDict(items) => {
            let pair = |(key, value)| Ok((String::try_from(key)?, Tensor::try_from(value)?));
            items.into_iter().map(pair).collect::<Result<_, TchError>>().map_err(|_| wrong())?
        }
        _ => return Err(wrong()),
    };
    if given.is_empty() { Err(TchError::Kind("it returned nothing".to_owned())) } else { Ok(given) }
}

/// What an output is called: as declared, or else by its place.
fn output_name(outputs: &[String], at: usize) -> String {
    outputs.get(at).cloned().unwrap_or_else(|| format!("output_{at}"))
}

/// Float32 whatever the file has, where it is computed with.
///
/// # Errors
/// When libtorch fails.
pub fn to_float(tensors: Tensors) -> Result<Tensors, TchError> {
    tensors
        .into_iter()
        .map(|(name, tensor)| Ok((name, device::there(&tensor.f_to_kind(Kind::Float)?)?)))
        .collect()
}
