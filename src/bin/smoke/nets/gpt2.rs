//! GPT-2: Radford et al., "Language Models are Unsupervised Multitask Learners". Its linear layers
//! store their weights as [in, out].

use cambium::domain::bottleneck::Joints;
use serde::Deserialize;
use serde_json::Value;
use tch::{TchError, Tensor};

use super::heads::{CAUSAL_HEADS, CausalHeads};
use super::parts::{self, Activation, Heads};
use super::{Family, NoFamily, Shapes, Takes, Virtual, activation, divides, fields, sane};
use crate::load::Tensors;
use crate::parameters::{Parameters, unnormed};
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    vocab_size: i64,
    n_embd: i64,
    n_layer: i64,
    n_head: i64,
    n_positions: i64,
    #[serde(default)]
    n_inner: Option<i64>,
    #[serde(default = "gelu_new")]
    activation_function: String,
    #[serde(default = "epsilon")]
    layer_norm_epsilon: f64,
    #[serde(default = "yes")]
    scale_attn_weights: bool,
    #[serde(default)]
    scale_attn_by_inverse_layer_idx: bool,
    #[serde(default)]
    add_cross_attention: bool,
}

fn gelu_new() -> String {
    "gelu_new".to_owned()
}

const fn epsilon() -> f64 {
    1e-5
}

const fn yes() -> bool {
    true
}

#[derive(Debug)]
struct Gpt2 {
    config: Config,
    heads: CausalHeads,
    activation: Activation,
}

/// A GPT-2 as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let heads = CausalHeads::of(config, "lm_head", false, true);
    let config: Config = fields(config)?;
    sane(
        config.n_layer,
        &[
            ("vocab_size", config.vocab_size),
            ("n_embd", config.n_embd),
            ("n_head", config.n_head),
            ("n_positions", config.n_positions),
            ("n_inner", config.n_inner.unwrap_or(1)),
        ],
    )?;
    divides("n_embd by n_head", config.n_embd, config.n_head)?;
    let activation = activation(&config.activation_function)?;
    if config.add_cross_attention {
        return Err(NoFamily::Unsupported("add_cross_attention".to_owned()));
    }
    Ok(Box::new(Gpt2 { config, heads, activation }))
}

impl Family for Gpt2 {
    fn takes(&self) -> Takes {
        Takes::Tokens { vocabulary: self.config.vocab_size, positions: Some(self.config.n_positions) }
    }

    fn prefix(&self) -> &'static str {
        "transformer"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (hidden, mut shapes) = (self.config.n_embd, Shapes::default());
        let inner = self.config.n_inner.unwrap_or(4 * hidden);
        shapes.table("wte", self.config.vocab_size, hidden);
        shapes.table("wpe", self.config.n_positions, hidden);
        for layer in 0..self.config.n_layer {
            let at = |rest: &str| format!("h.{layer}.{rest}");
            shapes.norm(&at("ln_1"), hidden);
            shapes.linear(&at("attn.c_attn"), 3 * hidden, hidden, true);
            shapes.linear(&at("attn.c_proj"), hidden, hidden, true);
            shapes.norm(&at("ln_2"), hidden);
            shapes.linear(&at("mlp.c_fc"), inner, hidden, true);
            shapes.linear(&at("mlp.c_proj"), hidden, inner, true);
        }
        shapes.norm("ln_f", hidden);
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        self.heads.shapes(named, self.config.n_embd, self.config.vocab_size)
    }

    fn head_names(&self) -> &'static [&'static str] {
        CAUSAL_HEADS
    }

    /// Masks of old checkpoints.
    fn ignores(&self, name: &str) -> bool {
        name.starts_with("h.") && (name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias"))
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.heads.tied("lm_head.weight", "wte.weight")
    }

    fn is_transposed(&self, path: &str) -> bool {
        path.starts_with("h.") && [".c_attn", ".c_proj", ".c_fc"].iter().any(|end| path.ends_with(end))
    }

    fn joints(&self) -> Option<(Joints, i64, i64)> {
        Some((Joints::of("gpt2")?, self.config.n_layer, self.config.n_embd))
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual { width: self.config.n_embd, keys: Some((self.config.n_layer, self.attention())) })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let places = parameters.embedding("wpe", &parts::positions(inputs)?)?;
        let ids = parts::ids(inputs)?;
        let mut hidden = parameters.prompted(parameters.embedding("wte", ids)?)?.f_add(&places)?;
        if let Some(types) = inputs.get("token_type_ids") {
            hidden = hidden.f_add(&parameters.embedding("wte", types)?)?;
        }
        let bias = parts::causal_bias(&parts::token_mask(inputs)?, ids.size()[1], None)?;
        for layer in 0..self.config.n_layer {
            hidden = self.layer(layer, parameters, &hidden, &bias)?;
        }
        hidden = parameters.layer_norm("ln_f", &hidden, self.config.layer_norm_epsilon)?;
        self.heads.outputs(parameters, hidden, inputs)
    }
}

impl Gpt2 {
    fn attention(&self) -> Heads {
        Heads::even(self.config.n_head, self.config.n_embd / self.config.n_head)
    }

    fn layer(
        &self,
        number: i64,
        parameters: &Parameters,
        hidden: &Tensor,
        bias: &Tensor,
    ) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("h.{number}.{rest}");
        let epsilon = self.config.layer_norm_epsilon;
        let normed = parameters.layer_norm(&at("ln_1"), hidden, epsilon)?;
        let all = parameters.linear(&at("attn.c_attn"), &normed)?;
        let heads = self.attention();
        let part =
            |index: i64| heads.split(&all.f_narrow(-1, index * self.config.n_embd, self.config.n_embd)?);
        let (keys, values) = parameters.prefixed(number, part(1)?, part(2)?)?;
        let context = heads.attend(&part(0)?, &keys, &values, Some(bias), Some(self.scale(number)))?;
        let attended = parameters.linear(&at("attn.c_proj"), &context)?;
        let hidden = parameters.joint(&at("attention_adapters"), attended, hidden, &unnormed)?;
        let normed = parameters.layer_norm(&at("ln_2"), &hidden, epsilon)?;
        let mut inner = parameters.linear(&at("mlp.c_fc"), &normed)?;
        self.activation.apply(&mut inner)?;
        let out = parameters.linear(&at("mlp.c_proj"), &inner)?;
        parameters.joint(&at("output_adapters"), out, &hidden, &unnormed)
    }

    fn scale(&self, layer: i64) -> f64 {
        let width = (self.config.n_embd / self.config.n_head) as f64;
        let scale = if self.config.scale_attn_weights { width.sqrt().recip() } else { 1.0 };
        if self.config.scale_attn_by_inverse_layer_idx { scale / (layer + 1) as f64 } else { scale }
    }
}
