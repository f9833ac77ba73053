//! Heads as safetensors: `head_config.json` beside `head.safetensors`.
//!
//! A `linear_head` is one linear layer with the tensors `weight` \[out, in\] and perhaps `bias` \[out\]. An
//! `mlp_head` declares its layers in their order; each one's tensors begin with its name. Bridges, decoders and
//! routers that compute so are stored the same way.

pub mod hub;
mod layers;
mod weights;

use serde::{Deserialize, Serialize};

use super::finding::{Finding, excerpt};
use super::json;

pub use layers::{Approximation, Layer};
pub use weights::Fit;

/// The config's file name.
pub const CONFIG_FILE: &str = "head_config.json";
/// The weights' file name.
pub const WEIGHTS_FILE: &str = "head.safetensors";
/// The most layers of a head; what is deeper is a network and goes into TorchScript.
pub const MOST_LAYERS: usize = 16;
/// The `kind` of one layer, whose tensors have no name in front.
const LINEAR: &str = "linear_head";
/// The `kind` of declared layers.
const MLP: &str = "mlp_head";
/// The longest name of an output or a layer.
const MOST_NAME: usize = 64;

/// What `head_config.json` says. Unknown fields are ignored, but in layers, where they could change what is
/// computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadConfig {
    /// `linear_head` or `mlp_head`.
    pub kind: String,
    /// The model it was trained on, as its author named it.
    #[serde(default)]
    pub base_model_name_or_path: Option<String>,
    /// What it reads.
    pub input: HeadInput,
    /// What it calls its output.
    #[serde(default = "logits", skip_serializing_if = "is_logits")]
    pub output: String,
    /// Width of its input.
    pub in_features: u64,
    /// Width of its output.
    pub out_features: u64,
    /// The layers of an `mlp_head`, in the order of the computation; a `linear_head` has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// What its outputs stand for, one each.
    #[serde(default)]
    pub labels: Vec<String>,
}

fn logits() -> String {
    "logits".to_owned()
}

fn is_logits(name: &String) -> bool {
    *name == logits()
}

/// What a head reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadInput {
    /// The mean of the last hidden states, weighted by the attention mask.
    MeanPooled,
    /// The last hidden state of the first token.
    Cls,
    /// The pooler's output.
    PoolerOutput,
    /// Each token's last hidden state.
    LastHiddenState,
    /// What the backbone or a module before this one gives under another name, as a bridge's `embedding`:
    /// `{"output": {"name": "embedding"}}` in JSON.
    Output(NamedOutput),
}

/// An output by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedOutput {
    /// Its name.
    pub name: String,
    /// Whether it is \[batch, sequence, width\] and not \[batch, width\].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_token: bool,
}

impl HeadInput {
    /// The name of the value that holds it; of `cls` the whole in which it is.
    pub fn source(&self) -> &str {
        match self {
            Self::MeanPooled => "mean_pooled",
            Self::PoolerOutput => "pooler_output",
            Self::Cls | Self::LastHiddenState => "last_hidden_state",
            Self::Output(output) => &output.name,
        }
    }

    /// Whether the head computes once for each token.
    pub fn is_per_token(&self) -> bool {
        matches!(self, Self::LastHiddenState | Self::Output(NamedOutput { per_token: true, .. }))
    }
}

/// Why a `head_config.json` was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct BadHeadConfig {
    why: String,
    /// Whether it may be right, and is only not computed here.
    is_unsupported: bool,
}

impl BadHeadConfig {
    fn malformed(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_unsupported: false }
    }

    /// The finding about the config at `path`: a warning where it may be right.
    pub fn finding(&self, path: &str) -> Finding {
        if self.is_unsupported {
            return Finding::warning(
                "unsupported_module",
                path,
                format!("The engine cannot run {self}."),
                "Of AdapterHub's heads, those for classification (one label or several, on BERT, RoBERTa, XLM-R and \
                 DistilBERT) and for tagging can be run; save the adapter with `with_head=False`, or publish the head as \
                 TorchScript.",
            );
        }
        Finding::error(
            "config_malformed",
            path,
            format!("{path} cannot be used: {self}."),
            "A head's config has `kind` (\"linear_head\" or \"mlp_head\"), `input`, `in_features`, `out_features`, \
             perhaps `labels`, and for an mlp_head `layers`: linear, layer_norm, gelu, relu, tanh, silu or dropout.",
        )
    }
}

/// The file that holds a head's tensors: AdapterHub's where only that is there.
pub fn weights_file(is_there: impl Fn(&str) -> bool) -> &'static str {
    if is_there(hub::WEIGHTS_FILE) && !is_there(WEIGHTS_FILE) { hub::WEIGHTS_FILE } else { WEIGHTS_FILE }
}

impl HeadConfig {
    /// Reads `head_config.json`, this program's or AdapterHub's.
    ///
    /// # Errors
    /// When it is not JSON, lacks a field, names an unknown kind, input or layer, contradicts itself, or is a head
    /// of AdapterHub's that is not computed here.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadHeadConfig> {
        let config: Self = if hub::recognises(bytes) {
            hub::read(bytes).map_err(|unread| match unread {
                hub::Unread::Malformed(why) => BadHeadConfig::malformed(why),
                hub::Unread::Unsupported(why) => BadHeadConfig { why, is_unsupported: true },
            })?
        } else {
            json::object(bytes).map_err(|error| BadHeadConfig::malformed(excerpt(&error.to_string())))?
        };
        config.contradiction().map_or(Ok(config), |why| Err(BadHeadConfig::malformed(why)))
    }

    /// Its layers in the order of the computation; of a `linear_head` the one that it is, without a name.
    pub fn steps(&self) -> Vec<Layer> {
        if self.kind == MLP {
            return self.layers.clone();
        }
        vec![Layer::Linear {
            name: String::new(),
            in_features: self.in_features,
            out_features: self.out_features,
            bias: None,
        }]
    }

    fn contradiction(&self) -> Option<String> {
        let (labels, outputs) = (self.labels.len() as u64, self.out_features);
        if self.kind != LINEAR && self.kind != MLP {
            Some(format!("its kind is `{}`, and only `{LINEAR}` and `{MLP}` are known", excerpt(&self.kind)))
        } else if self.in_features == 0 || outputs == 0 {
            Some("`in_features` and `out_features` are at least 1".into())
        } else if labels != 0 && labels != outputs {
            Some(format!("it has {labels} labels for {outputs} outputs"))
        } else if let Some(name) =
            [self.output.as_str(), self.input.source()].into_iter().find(|name| !is_name(name))
        {
            Some(format!("`{}` is no name of an output", excerpt(name)))
        } else if self.kind == LINEAR && !self.layers.is_empty() {
            Some(format!("it has `layers`, and a {LINEAR} is one: call it an {MLP}"))
        } else if self.layers.len() > MOST_LAYERS {
            let layers = self.layers.len();
            Some(format!(
                "it has {layers} layers, and at most {MOST_LAYERS} are run: use TorchScript for more"
            ))
        } else {
            layers::contradiction(&self.steps(), self.in_features, outputs)
        }
    }
}

/// Whether a text can name an output, or a layer in a checkpoint.
fn is_name(text: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&c);
    !text.is_empty() && text.len() <= MOST_NAME && text.chars().all(sound)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
