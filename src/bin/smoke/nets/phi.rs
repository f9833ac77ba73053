//! Phi-1 to Phi-2: Gunasekar et al., "Textbooks Are All You Need". Attention and feed-forward read the
//! same normed input.

use serde::Deserialize;
use serde_json::Value;
use tch::{TchError, Tensor};

use super::heads::{CAUSAL_HEADS, CausalHeads};
use super::parts::{self, Activation, Heads};
use super::rope::{Rotary, Tables};
use super::{Family, NoFamily, Shapes, Takes, Virtual, activation, divides, fields, sane};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    vocab_size: i64,
    hidden_size: i64,
    num_hidden_layers: i64,
    num_attention_heads: i64,
    #[serde(default)]
    num_key_value_heads: Option<i64>,
    intermediate_size: i64,
    max_position_embeddings: i64,
    #[serde(default = "gelu_new")]
    hidden_act: String,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
    #[serde(default)]
    qk_layernorm: bool,
}

fn gelu_new() -> String {
    "gelu_new".to_owned()
}

const fn epsilon() -> f64 {
    1e-5
}

#[derive(Debug)]
struct Phi {
    config: Config,
    heads: Heads,
    activation: Activation,
    rotary: Rotary,
    outputs: CausalHeads,
}

/// A Phi as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let outputs = CausalHeads::of(config, "lm_head", true, false);
    let all = config;
    let config: Config = fields(config)?;
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
        ],
    )?;
    divides("hidden_size by num_attention_heads", config.hidden_size, queries)?;
    divides("num_attention_heads by num_key_value_heads", queries, keys)?;
    let activation = activation(&config.hidden_act)?;
    let heads = Heads { queries, keys, width: config.hidden_size / queries };
    Ok(Box::new(Phi { heads, activation, rotary: Rotary::of(all, heads.width, 0.5)?, outputs, config }))
}

impl Family for Phi {
    fn takes(&self) -> Takes {
        let positions = self.rotary.positions(self.config.max_position_embeddings);
        Takes::Tokens { vocabulary: self.config.vocab_size, positions }
    }

    fn prefix(&self) -> &'static str {
        "model"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let keys = self.heads.keys * self.heads.width;
        let mut shapes = Shapes::default();
        shapes.table("embed_tokens", self.config.vocab_size, hidden);
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("layers.{layer}.{rest}");
            shapes.norm(&at("input_layernorm"), hidden);
            for (name, out) in [("q_proj", hidden), ("k_proj", keys), ("v_proj", keys), ("dense", hidden)] {
                shapes.linear(&at(&format!("self_attn.{name}")), out, hidden, true);
            }
            if self.config.qk_layernorm {
                shapes.norm(&at("self_attn.q_layernorm"), self.heads.width);
                shapes.norm(&at("self_attn.k_layernorm"), self.heads.width);
            }
            shapes.linear(&at("mlp.fc1"), inner, hidden, true);
            shapes.linear(&at("mlp.fc2"), hidden, inner, true);
        }
        shapes.norm("final_layernorm", hidden);
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        self.outputs.shapes(named, self.config.hidden_size, self.config.vocab_size)
    }

    fn head_names(&self) -> &'static [&'static str] {
        CAUSAL_HEADS
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.outputs.tied("lm_head.weight", "embed_tokens.weight")
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual {
            width: self.config.hidden_size,
            keys: Some((self.config.num_hidden_layers, self.heads)),
        })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let ids = parts::ids(inputs)?;
        let mut hidden = parameters.prompted(parameters.embedding("embed_tokens", ids)?)?;
        let bias = parts::causal_bias(&parts::token_mask(inputs)?, ids.size()[1], None)?;
        let tables = self.rotary.tables(&parts::positions(inputs)?)?;
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.layer(parameters, layer, &hidden, &bias, &tables)?;
        }
        hidden = parameters.layer_norm("final_layernorm", &hidden, self.config.layer_norm_eps)?;
        self.outputs.outputs(parameters, hidden, inputs)
    }
}

impl Phi {
    fn layer(
        &self,
        parameters: &Parameters,
        number: i64,
        hidden: &Tensor,
        bias: &Tensor,
        tables: &Tables,
    ) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("layers.{number}.{rest}");
        let norm = |name: &str, x: &Tensor| parameters.layer_norm(&at(name), x, self.config.layer_norm_eps);
        let normed = norm("input_layernorm", hidden)?;
        let project = |name: &str| {
            self.heads.split(&parameters.linear(&at(&format!("self_attn.{name}_proj")), &normed)?)
        };
        let turn = |name: &str| {
            let heads = project(name)?;
            let normed = self.config.qk_layernorm;
            let heads = if normed { norm(&format!("self_attn.{name}_layernorm"), &heads)? } else { heads };
            tables.rotate(&heads)
        };
        let (keys, values) = parameters.prefixed(number, turn("k")?, project("v")?)?;
        let context = self.heads.attend(&turn("q")?, &keys, &values, Some(bias), None)?;
        let attended = parameters.linear(&at("self_attn.dense"), &context)?;
        let mut inner = parameters.linear(&at("mlp.fc1"), &normed)?;
        self.activation.apply(&mut inner)?;
        parameters.linear(&at("mlp.fc2"), &inner)?.f_add_(&attended)?.f_add_(hidden)
    }
}
