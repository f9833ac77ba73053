//! Llama and the families that follow it: Touvron et al., "LLaMA: Open and Efficient Foundation
//! Language Models". They differ in biases, in norms of queries and keys, in windows of attention, and
//! in how Gemma scales.

use cambium::domain::bottleneck::Joints;
use serde::Deserialize;
use serde_json::Value;
use tch::{TchError, Tensor};

use super::heads::{CAUSAL_HEADS, CausalHeads};
use super::parts::{self, Activation, Heads};
use super::rope::{Rotary, Tables};
use super::{Family, NoFamily, Shapes, Takes, Virtual, activation, divides, fields, sane};
use crate::load::Tensors;
use crate::parameters::{Parameters, unnormed};
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    vocab_size: i64,
    hidden_size: i64,
    num_hidden_layers: i64,
    num_attention_heads: i64,
    #[serde(default)]
    num_key_value_heads: Option<i64>,
    #[serde(default)]
    head_dim: Option<i64>,
    intermediate_size: i64,
    #[serde(default = "positions")]
    max_position_embeddings: i64,
    #[serde(default = "epsilon")]
    rms_norm_eps: f64,
    #[serde(default = "silu")]
    hidden_act: String,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    #[serde(default)]
    sliding_window: Option<i64>,
    #[serde(default)]
    use_sliding_window: bool,
    #[serde(default)]
    max_window_layers: Option<i64>,
    #[serde(default)]
    layer_types: Option<Vec<String>>,
}

const fn positions() -> i64 {
    2048
}

const fn epsilon() -> f64 {
    1e-6
}

fn silu() -> String {
    "silu".to_owned()
}

/// What a family does otherwise than Llama.
#[derive(Debug, Clone, Copy, Default)]
struct Flavour {
    /// Queries, keys and values have biases, and what comes out of attention has none.
    inner_bias: bool,
    /// Queries and keys are normed head by head.
    normed_heads: bool,
    /// Norms multiply by 1 + weight, and embeddings by the root of their width.
    gemma: bool,
    /// The window goes for every layer.
    window: bool,
}

#[derive(Debug)]
struct Llama {
    config: Config,
    flavour: Flavour,
    activation: Activation,
    rotary: Rotary,
    heads: Heads,
    outputs: CausalHeads,
}

/// A Llama as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read_llama(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    read(config, Flavour::default(), false)
}

/// A Mistral.
///
/// # Errors
/// Why it cannot be run.
pub fn read_mistral(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    read(config, Flavour { window: true, ..Flavour::default() }, false)
}

/// A Qwen2.
///
/// # Errors
/// Why it cannot be run.
pub fn read_qwen2(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    read(config, Flavour { inner_bias: true, ..Flavour::default() }, false)
}

/// A Qwen3.
///
/// # Errors
/// Why it cannot be run.
pub fn read_qwen3(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    read(config, Flavour { normed_heads: true, ..Flavour::default() }, false)
}

/// A Gemma of the first generation.
///
/// # Errors
/// Why it cannot be run.
pub fn read_gemma(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    read(config, Flavour { gemma: true, ..Flavour::default() }, true)
}

fn read(config: &Value, flavour: Flavour, tied: bool) -> Result<Box<dyn Family>, NoFamily> {
    let outputs = CausalHeads::of(config, "lm_head", false, tied);
    let all = config;
    let mut config: Config = fields(config)?;
    if flavour.gemma && config.hidden_act == "gelu" {
        // What the config of the first release says, and not what was trained.
        "gelu_pytorch_tanh".clone_into(&mut config.hidden_act);
    }
    let queries = config.num_attention_heads;
    let keys = config.num_key_value_heads.unwrap_or(queries);
    sane(
        config.num_hidden_layers,
        &[
            ("vocab_size", config.vocab_size),
            ("hidden_size", config.hidden_size),
            ("num_attention_heads", queries),
            ("num_key_value_heads", keys),
            ("intermediate_size", config.intermediate_size),
            ("max_position_embeddings", config.max_position_embeddings),
            ("head_dim", config.head_dim.unwrap_or(1)),
            ("sliding_window", config.sliding_window.unwrap_or(1)),
        ],
    )?;
    divides("num_attention_heads by num_key_value_heads", queries, keys)?;
    let width = match config.head_dim {
        Some(width) => width,
        None => {
            divides("hidden_size by num_attention_heads", config.hidden_size, queries)?;
            config.hidden_size / queries
        }
    };
    let activation = activation(&config.hidden_act)?;
    let rotary = Rotary::of(all, width, 1.0)?;
    let heads = Heads { queries, keys, width };
    Ok(Box::new(Llama { config, flavour, activation, rotary, heads, outputs }))
}

impl Family for Llama {
    fn takes(&self) -> Takes {
        let positions = self.rotary.positions(self.config.max_position_embeddings);
        Takes::Tokens { vocabulary: self.config.vocab_size, positions }
    }

    fn prefix(&self) -> &'static str {
        "model"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let (queries, keys) = (self.heads.queries * self.heads.width, self.heads.keys * self.heads.width);
        let bias = self.config.attention_bias;
        let mut shapes = Shapes::default();
        shapes.table("embed_tokens", self.config.vocab_size, hidden);
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("layers.{layer}.{rest}");
            shapes.scale(&at("input_layernorm"), hidden);
            for (name, out) in [("q_proj", queries), ("k_proj", keys), ("v_proj", keys)] {
                shapes.linear(
                    &at(&format!("self_attn.{name}")),
                    out,
                    hidden,
                    bias || self.flavour.inner_bias,
                );
            }
            shapes.linear(&at("self_attn.o_proj"), hidden, queries, bias);
            if self.flavour.normed_heads {
                shapes.scale(&at("self_attn.q_norm"), self.heads.width);
                shapes.scale(&at("self_attn.k_norm"), self.heads.width);
            }
            shapes.scale(&at("post_attention_layernorm"), hidden);
            shapes.linear(&at("mlp.gate_proj"), inner, hidden, self.config.mlp_bias);
            shapes.linear(&at("mlp.up_proj"), inner, hidden, self.config.mlp_bias);
            shapes.linear(&at("mlp.down_proj"), hidden, inner, self.config.mlp_bias);
        }
        shapes.scale("norm", hidden);
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        self.outputs.shapes(named, self.config.hidden_size, self.config.vocab_size)
    }

    fn head_names(&self) -> &'static [&'static str] {
        CAUSAL_HEADS
    }

    /// Frequencies that old checkpoints store.
    fn ignores(&self, name: &str) -> bool {
        name.ends_with(".rotary_emb.inv_freq")
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.outputs.tied("lm_head.weight", "embed_tokens.weight")
    }

    fn joints(&self) -> Option<(Joints, i64, i64)> {
        Some((
            Joints::of("llama").filter(|_| !self.flavour.gemma)?,
            self.config.num_hidden_layers,
            self.config.hidden_size,
        ))
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual {
            width: self.config.hidden_size,
            keys: Some((self.config.num_hidden_layers, self.heads)),
        })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let ids = parts::ids(inputs)?;
        let mut hidden = parameters.embedding("embed_tokens", ids)?;
        if self.flavour.gemma {
            hidden = hidden.f_mul_scalar((self.config.hidden_size as f64).sqrt())?;
        }
        // Scaled is what the table gives, and not what an adapter puts in front.
        hidden = parameters.prompted(hidden)?;
        let (mask, queries) = (parts::token_mask(inputs)?, ids.size()[1]);
        let whole = parts::causal_bias(&mask, queries, None)?;
        let window = self.config.sliding_window;
        let near = window.map(|window| parts::causal_bias(&mask, queries, Some(window))).transpose()?;
        let tables = self.rotary.tables(&parts::positions(inputs)?)?;
        for layer in 0..self.config.num_hidden_layers {
            let bias = near.as_ref().filter(|_| self.is_near(layer)).unwrap_or(&whole);
            hidden = self.layer(layer, parameters, &hidden, bias, &tables)?;
        }
        hidden = self.norm(parameters, "norm", &hidden)?;
        self.outputs.outputs(parameters, hidden, inputs)
    }
}

impl Llama {
    /// Whether a layer attends a window only.
    fn is_near(&self, layer: i64) -> bool {
        let config = &self.config;
        match (&config.layer_types, usize::try_from(layer)) {
            _ if self.flavour.window => true,
            (Some(types), Ok(layer)) => types.get(layer).is_some_and(|kind| kind == "sliding_attention"),
            _ => config.use_sliding_window && config.max_window_layers.is_some_and(|first| layer >= first),
        }
    }

    fn norm(&self, parameters: &Parameters, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        let weight = parameters.get(&format!("{path}.weight"))?;
        if self.flavour.gemma {
            return parts::rms_norm(x, &weight.f_add_scalar(1.0)?, self.config.rms_norm_eps);
        }
        parts::rms_norm(x, &weight, self.config.rms_norm_eps)
    }

    fn layer(
        &self,
        number: i64,
        parameters: &Parameters,
        hidden: &Tensor,
        bias: &Tensor,
        tables: &Tables,
    ) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("layers.{number}.{rest}");
        let normed = self.norm(parameters, &at("input_layernorm"), hidden)?;
        let project = |name: &str| {
            self.heads.split(&parameters.linear(&at(&format!("self_attn.{name}_proj")), &normed)?)
        };
        let turn = |name: &str| {
            let mut heads = project(name)?;
            if self.flavour.normed_heads {
                heads = self.norm(parameters, &at(&format!("self_attn.{name}_norm")), &heads)?;
            }
            tables.rotate(&heads)
        };
        let (keys, values) = parameters.prefixed(number, turn("k")?, project("v")?)?;
        let context = self.heads.attend(&turn("q")?, &keys, &values, Some(bias), None)?;
        let attended = parameters.linear(&at("self_attn.o_proj"), &context)?;
        let hidden = parameters.joint(&at("attention_adapters"), attended, hidden, &unnormed)?;
        let normed = self.norm(parameters, &at("post_attention_layernorm"), &hidden)?;
        let mut gate = parameters.linear(&at("mlp.gate_proj"), &normed)?;
        self.activation.apply(&mut gate)?;
        let inner = gate.f_mul_(&parameters.linear(&at("mlp.up_proj"), &normed)?)?;
        let out = parameters.linear(&at("mlp.down_proj"), &inner)?;
        parameters.joint(&at("output_adapters"), out, &hidden, &unnormed)
    }
}
