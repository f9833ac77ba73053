//! The layers of a head: what each needs of a checkpoint, and whether their widths meet.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::is_name;
use crate::domain::finding::excerpt;

/// One layer, named as `torch.nn` names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// `torch.nn.Linear`: x · weightᵀ + bias, with `NAME.weight` \[out, in\] and `NAME.bias` \[out\].
    Linear {
        /// What its tensors begin with; empty where they begin with nothing.
        name: String,
        /// Width of its input.
        in_features: u64,
        /// Width of its output.
        out_features: u64,
        /// Whether it has a bias; none where the file decides.
        #[serde(default = "has_bias")]
        bias: Option<bool>,
    },
    /// `torch.nn.LayerNorm` over the last dimension, with `NAME.weight` and `NAME.bias` of its width.
    LayerNorm {
        /// What its tensors begin with.
        name: String,
        /// What is added to the variance.
        #[serde(default = "epsilon")]
        eps: f64,
    },
    /// `torch.nn.GELU`.
    Gelu {
        /// How it is computed.
        #[serde(default)]
        approximate: Approximation,
    },
    /// `torch.nn.ReLU`.
    Relu {},
    /// `torch.nn.Tanh`.
    Tanh {},
    /// `torch.nn.SiLU`.
    Silu {},
    /// `torch.nn.Dropout`, which does nothing in a model that is not trained.
    Dropout {
        /// The share that training leaves out.
        #[serde(default)]
        p: f64,
    },
}

/// `approximate` of `torch.nn.GELU`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approximation {
    /// With the error function.
    #[default]
    None,
    /// By tanh.
    Tanh,
}

// What `torch.nn.Linear` has unless told otherwise.
#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be none")]
const fn has_bias() -> Option<bool> {
    Some(true)
}

// What `torch.nn.LayerNorm` adds unless told otherwise.
const fn epsilon() -> f64 {
    1e-5
}

/// A tensor that a layer has.
pub(super) struct Expected {
    pub(super) name: String,
    pub(super) shape: Vec<u64>,
    /// Whether the layer can do without.
    pub(super) optional: bool,
}

impl Layer {
    /// The name of its tensor that ends so.
    pub fn tensor(&self, end: &str) -> String {
        match self {
            Self::Linear { name, .. } | Self::LayerNorm { name, .. } if !name.is_empty() => {
                format!("{name}.{end}")
            }
            _ => end.to_owned(),
        }
    }

    /// The layer that transformers calls so in configs.
    pub(super) fn activation(name: &str) -> Option<Self> {
        Some(match name {
            "gelu" | "gelu_python" => Self::Gelu { approximate: Approximation::None },
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Self::Gelu { approximate: Approximation::Tanh },
            "relu" => Self::Relu {},
            "tanh" => Self::Tanh {},
            "silu" | "swish" => Self::Silu {},
            _ => return None,
        })
    }

    /// How wide its output is for an input of this width.
    fn width(&self, input: u64) -> u64 {
        match self {
            Self::Linear { out_features, .. } => *out_features,
            _ => input,
        }
    }

    fn tensors(&self, width: u64) -> Vec<Expected> {
        let one = |end: &str, shape: Vec<u64>, optional| Expected { name: self.tensor(end), shape, optional };
        match self {
            Self::Linear { in_features, out_features, bias, .. } => {
                let weight = one("weight", vec![*out_features, *in_features], false);
                let bias = (*bias != Some(false)).then(|| one("bias", vec![*out_features], bias.is_none()));
                std::iter::once(weight).chain(bias).collect()
            }
            Self::LayerNorm { .. } => {
                vec![one("weight", vec![width], false), one("bias", vec![width], false)]
            }
            _ => vec![],
        }
    }
}

/// The tensors of layers that begin with an input of this width.
pub(super) fn expected(layers: &[Layer], mut width: u64) -> Vec<Expected> {
    let mut all = vec![];
    for layer in layers {
        all.extend(layer.tensors(width));
        width = layer.width(width);
    }
    all
}

/// What is wrong with layers that have to lead from `inputs` numbers to `outputs`, if anything is.
pub(super) fn contradiction(layers: &[Layer], inputs: u64, outputs: u64) -> Option<String> {
    let (mut width, mut names, mut linear) = (inputs, BTreeSet::new(), false);
    for (at, layer) in layers.iter().enumerate() {
        let at = at + 1;
        match layer {
            Layer::Linear { in_features, out_features, .. } => {
                linear = true;
                if *in_features != width {
                    let why = format!(
                        "layer {at} takes {in_features} numbers, and what is before it gives {width}"
                    );
                    return Some(why);
                }
                if *out_features == 0 {
                    return Some(format!("layer {at} gives nothing: `out_features` is at least 1"));
                }
            }
            Layer::LayerNorm { eps, .. } if !(*eps > 0.0 && *eps <= 1.0) => {
                return Some(format!("`eps` of layer {at} is {eps}, and lies between 0 and 1"));
            }
            _ => {}
        }
        if let Layer::Linear { name, .. } | Layer::LayerNorm { name, .. } = layer {
            // The one layer of a linear head has no name.
            let is_the_only_one = name.is_empty() && layers.len() == 1;
            if !is_name(name) && !is_the_only_one {
                return Some(format!(
                    "layer {at} is called `{}`, which no tensor can begin with",
                    excerpt(name)
                ));
            }
            if !names.insert(name) {
                return Some(format!("two layers are called `{}`", excerpt(name)));
            }
        }
        width = layer.width(width);
    }
    if !linear {
        Some("none of its `layers` is linear".to_owned())
    } else if width != outputs {
        Some(format!("its layers give {width} numbers, and `out_features` is {outputs}"))
    } else {
        None
    }
}
