//! GPT-NeoX and Pythia: Black et al., "GPT-NeoX-20B: An Open-Source Autoregressive Language Model".

use cambium::domain::peft::Renamed;
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
    intermediate_size: i64,
    max_position_embeddings: i64,
    #[serde(default = "gelu")]
    hidden_act: String,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
    #[serde(default = "yes")]
    use_parallel_residual: bool,
    #[serde(default = "yes")]
    attention_bias: bool,
}

fn gelu() -> String {
    "gelu".to_owned()
}

const fn epsilon() -> f64 {
    1e-5
}

const fn yes() -> bool {
    true
}

#[derive(Debug)]
struct NeoX {
    config: Config,
    heads: Heads,
    activation: Activation,
    rotary: Rotary,
    outputs: CausalHeads,
}

/// A GPT-NeoX as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let outputs = CausalHeads::of(config, "embed_out", false, false);
    let all = config;
    let config: Config = fields(config)?;
    sane(
        config.num_hidden_layers,
        &[
            ("vocab_size", config.vocab_size),
            ("hidden_size", config.hidden_size),
            ("num_attention_heads", config.num_attention_heads),
            ("intermediate_size", config.intermediate_size),
            ("max_position_embeddings", config.max_position_embeddings),
        ],
    )?;
    divides("hidden_size by num_attention_heads", config.hidden_size, config.num_attention_heads)?;
    let activation = activation(&config.hidden_act)?;
    let heads = Heads::even(config.num_attention_heads, config.hidden_size / config.num_attention_heads);
    Ok(Box::new(NeoX { heads, activation, rotary: Rotary::of(all, heads.width, 0.25)?, outputs, config }))
}

impl Family for NeoX {
    fn takes(&self) -> Takes {
        let positions = self.rotary.positions(self.config.max_position_embeddings);
        Takes::Tokens { vocabulary: self.config.vocab_size, positions }
    }

    fn prefix(&self) -> &'static str {
        "gpt_neox"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let mut shapes = Shapes::default();
        shapes.table("embed_in", self.config.vocab_size, hidden);
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("layers.{layer}.{rest}");
            shapes.norm(&at("input_layernorm"), hidden);
            shapes.norm(&at("post_attention_layernorm"), hidden);
            let bias = self.config.attention_bias;
            shapes.linear(&at("attention.query_key_value"), 3 * hidden, hidden, bias);
            shapes.linear(&at("attention.dense"), hidden, hidden, bias);
            shapes.linear(&at("mlp.dense_h_to_4h"), inner, hidden, true);
            shapes.linear(&at("mlp.dense_4h_to_h"), hidden, inner, true);
        }
        shapes.norm("final_layer_norm", hidden);
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        self.outputs.shapes(named, self.config.hidden_size, self.config.vocab_size)
    }

    fn head_names(&self) -> &'static [&'static str] {
        CAUSAL_HEADS
    }

    /// Masks and frequencies of old checkpoints.
    fn ignores(&self, name: &str) -> bool {
        [".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"]
            .iter()
            .any(|end| name.ends_with(end))
    }

    fn renamed(&self) -> Renamed {
        Renamed::of("gpt_neox")
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.outputs.tied("embed_out.weight", "embed_in.weight")
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual {
            width: self.config.hidden_size,
            keys: Some((self.config.num_hidden_layers, self.heads)),
        })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let ids = parts::ids(inputs)?;
        let mut hidden = parameters.prompted(parameters.embedding("embed_in", ids)?)?;
        let bias = parts::causal_bias(&parts::token_mask(inputs)?, ids.size()[1], None)?;
        let tables = self.rotary.tables(&parts::positions(inputs)?)?;
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.layer(parameters, layer, &hidden, &bias, &tables)?;
        }
        hidden = parameters.layer_norm("final_layer_norm", &hidden, self.config.layer_norm_eps)?;
        self.outputs.outputs(parameters, hidden, inputs)
    }
}

impl NeoX {
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
        // Queries, keys and values of each head lie beside each other.
        let all = parameters.linear(&at("attention.query_key_value"), &norm("input_layernorm", hidden)?)?;
        let all = Heads { width: 3 * self.heads.width, ..self.heads }.split(&all)?;
        let part = |index: i64| all.f_narrow(-1, index * self.heads.width, self.heads.width);
        let (queries, keys) = (tables.rotate(&part(0)?)?, tables.rotate(&part(1)?)?);
        let (keys, values) = parameters.prefixed(number, keys, part(2)?)?;
        let context = self.heads.attend(&queries, &keys, &values, Some(bias), None)?;
        let attended = parameters.linear(&at("attention.dense"), &context)?.f_add_(hidden)?;
        let from = if self.config.use_parallel_residual { hidden } else { &attended };
        let mut inner =
            parameters.linear(&at("mlp.dense_h_to_4h"), &norm("post_attention_layernorm", from)?)?;
        self.activation.apply(&mut inner)?;
        parameters.linear(&at("mlp.dense_4h_to_h"), &inner)?.f_add_(&attended)
    }
}
