//! What comes after the backbone: linear heads and TorchScript modules.

use std::path::PathBuf;

use cambium::domain::interface::Port;
use serde::Deserialize;
use tch::{CModule, IValue, Kind, TchError, Tensor};

use crate::load::Tensors;
use crate::values::Values;

/// `head_config.json`: a linear layer on one of the backbone's outputs.
#[derive(Debug, Deserialize)]
pub struct HeadConfig {
    /// `linear_head`.
    pub kind: String,
    /// The output that it reads, as `mean_pooled`.
    pub input: String,
    /// Width of that output.
    #[serde(default)]
    pub in_features: Option<i64>,
    /// Width of its own.
    #[serde(default)]
    pub out_features: Option<i64>,
    /// Names of the classes.
    #[serde(default)]
    pub labels: Option<Vec<String>>,
}

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
    /// One linear layer: `weight` \[out, in\] and perhaps `bias` \[out\].
    Linear {
        /// The value that it reads.
        input: String,
        /// Its tensors.
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
    },
}

/// Other names under which modules ask for what a backbone gives.
const ALIASES: &[(&str, &str)] = &[
    ("hidden", "last_hidden_state"),
    ("hidden_states", "last_hidden_state"),
    ("mask", "attention_mask"),
    ("embedding", "mean_pooled"),
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
    /// Whatever libtorch raises; a TorchScript module may raise anything.
    pub fn run(&self, values: &Values) -> Result<Values, TchError> {
        let need = |name: &str| {
            look_up(values, name).ok_or_else(|| TchError::Kind(format!("nothing gives its input `{name}`")))
        };
        match &self.body {
            Body::Linear { input, tensors } => {
                let weight = tensors.get("weight").ok_or_else(|| TchError::Kind("no weight".to_owned()))?;
                let x = need(input)?;
                if x.size().last() != weight.size().last() {
                    return Err(Failure::Finding(misfit(&self.name, input, x, weight)));
                }
                let logits = x.f_linear(weight, tensors.get("bias"))?;
                Ok(Values::from([("logits".to_owned(), logits)]))
            }
            Body::Script { module, inputs, outputs, .. } => {
                let arguments = inputs
                    .iter()
                    // Copies: a module may write into what it is given.
                    .map(|port| Ok(IValue::Tensor(need(&port.name)?.f_copy_of()?)))
                    .collect::<Result<Vec<IValue>, TchError>>()?;
                named(module.forward_is(&arguments)?, outputs)
            }
        }
    }

    /// The same stage from its file again: some modules keep state between calls.
    ///
    /// # Errors
    /// When the module cannot be loaded again.
    pub fn reload(&mut self) -> Result<(), TchError> {
        if let Body::Script { path, module, .. } = &mut self.body {
            *module = load_script(path)?;
        }
        Ok(())
    }
}

/// Loads a TorchScript module, ready to run.
///
/// # Errors
/// When it cannot be loaded.
pub fn load_script(path: &PathBuf) -> Result<CModule, TchError> {
    let mut module = CModule::load(path)?;
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
    let name = |at: usize| outputs.get(at).cloned().unwrap_or_else(|| format!("output_{at}"));
    let wrong = || TchError::Kind("it returned something other than tensors".to_owned());
    let many = |tensors: Vec<Tensor>| tensors.into_iter().enumerate().map(|(at, t)| (name(at), t)).collect();
    Ok(match result {
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
    })
}

/// Float32 whatever the file has.
///
/// # Errors
/// When libtorch fails.
pub fn to_float(tensors: Tensors) -> Result<Tensors, TchError> {
    tensors.into_iter().map(|(name, tensor)| Ok((name, tensor.f_to_kind(Kind::Float)?))).collect()
}
