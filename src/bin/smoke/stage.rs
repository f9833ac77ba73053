//! What comes after the backbone: linear heads and TorchScript modules.

use std::path::PathBuf;

use cambium::domain::finding::Finding;
use cambium::domain::head::HeadInput;
use cambium::domain::interface::Port;
use tch::{CModule, IValue, Kind, TchError, Tensor};

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
    /// One linear layer: `weight` \[out, in\] and perhaps `bias` \[out\].
    Linear {
        /// What it reads.
        input: HeadInput,
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
    ("embeddings", "mean_pooled"),
    ("sentence_embedding", "mean_pooled"),
    ("pooled", "mean_pooled"),
];

/// The value of this name, or the one that it is another name for.
pub fn look_up<'a>(values: &'a Values, name: &str) -> Option<&'a Tensor> {
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == name).and_then(|(_, real)| values.get(*real));
    values.get(name).or_else(alias)
}

/// The value that holds what a linear head reads.
pub const fn source(input: HeadInput) -> &'static str {
    match input {
        HeadInput::MeanPooled => "mean_pooled",
        HeadInput::PoolerOutput => "pooler_output",
        HeadInput::Cls | HeadInput::LastHiddenState => "last_hidden_state",
    }
}

impl Stage {
    /// Computes its outputs from the values at hand.
    ///
    /// # Errors
    /// The finding about whatever libtorch raises; a TorchScript module may raise anything.
    pub fn run(&self, values: &Values) -> Result<Values, Finding> {
        if let Body::Linear { input, tensors } = &self.body
            && let (Some(x), Some(weight)) = (values.get(source(*input)), tensors.get("weight"))
            && x.size().last() != weight.size().last()
        {
            return Err(misfit(&self.name, source(*input), x, weight));
        }
        self.compute(values).map_err(|error| from_torch(&self.name, &error))
    }

    fn compute(&self, values: &Values) -> Result<Values, TchError> {
        let need = |name: &str| {
            look_up(values, name).ok_or_else(|| TchError::Kind(format!("nothing gives its input `{name}`")))
        };
        match &self.body {
            Body::Linear { input, tensors } => {
                let weight = tensors.get("weight").ok_or_else(|| TchError::Kind("no weight".to_owned()))?;
                let mut x = need(source(*input))?.shallow_clone();
                if *input == HeadInput::Cls {
                    x = x.f_select(1, 0)?;
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
    /// The finding, when the module cannot be loaded again.
    pub fn reload(&mut self) -> Result<(), Finding> {
        if let Body::Script { path, module, .. } = &mut self.body {
            *module = load_script(path).map_err(|error| from_torch(&self.name, &error))?;
        }
        Ok(())
    }
}

fn misfit(name: &str, input: &str, x: &Tensor, weight: &Tensor) -> Finding {
    Finding::error(
        "shape_mismatch",
        name,
        format!(
            "{name} reads `{input}` of shape {:?}, and its weight has shape {:?}.",
            x.size(),
            weight.size()
        ),
        "Use the head on a backbone as wide as the one it was made for.",
    )
    .with_change(weight.size(), x.size())
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
