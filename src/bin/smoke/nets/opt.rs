//! OPT: Zhang et al., "OPT: Open Pre-trained Transformer Language Models".

use serde::Deserialize;
use serde_json::Value;
use tch::{Kind, TchError, Tensor};

use super::heads::{CAUSAL_HEADS, CausalHeads};
use super::parts::{self, Activation, Heads};
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
    ffn_dim: i64,
    max_position_embeddings: i64,
    #[serde(default)]
    word_embed_proj_dim: Option<i64>,
    #[serde(default = "relu")]
    activation_function: String,
    #[serde(default = "yes")]
    do_layer_norm_before: bool,
    #[serde(default, rename = "_remove_final_layer_norm")]
    no_final_norm: bool,
    #[serde(default = "yes")]
    enable_bias: bool,
    #[serde(default = "yes")]
    layer_norm_elementwise_affine: bool,
}

fn relu() -> String {
    "relu".to_owned()
}

const fn yes() -> bool {
    true
}

const EPSILON: f64 = 1e-5;
/// Rows of the table of positions before the first.
const OFFSET: i64 = 2;

#[derive(Debug)]
struct Opt {
    config: Config,
    heads: Heads,
    activation: Activation,
    outputs: CausalHeads,
}

/// An OPT as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let outputs = CausalHeads::of(config, "lm_head", false, true);
    let config: Config = fields(config)?;
    sane(
        config.num_hidden_layers,
        &[
            ("vocab_size", config.vocab_size),
            ("hidden_size", config.hidden_size),
            ("num_attention_heads", config.num_attention_heads),
            ("ffn_dim", config.ffn_dim),
            ("max_position_embeddings", config.max_position_embeddings),
            ("word_embed_proj_dim", config.word_embed_proj_dim.unwrap_or(1)),
        ],
    )?;
    divides("hidden_size by num_attention_heads", config.hidden_size, config.num_attention_heads)?;
    let activation = activation(&config.activation_function)?;
    if !config.layer_norm_elementwise_affine {
        return Err(NoFamily::Unsupported("norms without weights".to_owned()));
    }
    Ok(Box::new(Opt {
        heads: Heads::even(config.num_attention_heads, config.hidden_size / config.num_attention_heads),
        activation,
        outputs,
        config,
    }))
}

impl Family for Opt {
    fn takes(&self) -> Takes {
        let positions = Some(self.config.max_position_embeddings);
        Takes::Tokens { vocabulary: self.config.vocab_size, positions }
    }

    fn prefix(&self) -> &'static str {
        "model"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (hidden, bias) = (self.config.hidden_size, self.config.enable_bias);
        let mut shapes = Shapes::default();
        shapes.table("decoder.embed_tokens", self.config.vocab_size, self.embedded());
        shapes.table("decoder.embed_positions", self.config.max_position_embeddings + OFFSET, hidden);
        if self.embedded() != hidden {
            shapes.linear("decoder.project_in", hidden, self.embedded(), false);
            shapes.linear("decoder.project_out", self.embedded(), hidden, false);
        }
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("decoder.layers.{layer}.{rest}");
            for projection in ["q", "k", "v", "out"] {
                shapes.linear(&at(&format!("self_attn.{projection}_proj")), hidden, hidden, bias);
            }
            shapes.norm(&at("self_attn_layer_norm"), hidden);
            shapes.linear(&at("fc1"), self.config.ffn_dim, hidden, bias);
            shapes.linear(&at("fc2"), hidden, self.config.ffn_dim, bias);
            shapes.norm(&at("final_layer_norm"), hidden);
        }
        if self.ends_normed() {
            shapes.norm("decoder.final_layer_norm", hidden);
        }
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        self.outputs.shapes(named, self.embedded(), self.config.vocab_size)
    }

    fn head_names(&self) -> &'static [&'static str] {
        CAUSAL_HEADS
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.outputs.tied("lm_head.weight", "decoder.embed_tokens.weight")
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual { width: self.embedded(), keys: Some((self.config.num_hidden_layers, self.heads)) })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let (ids, mask) = (parts::ids(inputs)?, parts::token_mask(inputs)?);
        // Positions count the tokens that are not padding.
        let positions = match inputs.get("position_ids") {
            Some(positions) => positions.f_add_scalar(OFFSET)?,
            None => {
                let seen = mask.f_to_kind(Kind::Int64)?;
                let all = seen.f_cumsum(1, Kind::Int64)?.f_mul(&seen)?.f_add_scalar(OFFSET - 1)?;
                all.f_narrow(1, parts::before(inputs)?, ids.size()[1])?
            }
        };
        let mut hidden = parameters.prompted(parameters.embedding("decoder.embed_tokens", ids)?)?;
        if parameters.has("decoder.project_in.weight") {
            hidden = parameters.linear("decoder.project_in", &hidden)?;
        }
        hidden = hidden.f_add(&parameters.embedding("decoder.embed_positions", &positions)?)?;
        let bias = parts::causal_bias(&mask, ids.size()[1], None)?;
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.layer(parameters, layer, &hidden, &bias)?;
        }
        if self.ends_normed() {
            hidden = parameters.layer_norm("decoder.final_layer_norm", &hidden, EPSILON)?;
        }
        if parameters.has("decoder.project_out.weight") {
            hidden = parameters.linear("decoder.project_out", &hidden)?;
        }
        self.outputs.outputs(parameters, hidden, inputs)
    }
}

impl Opt {
    /// The width of the embedding of tokens.
    fn embedded(&self) -> i64 {
        self.config.word_embed_proj_dim.unwrap_or(self.config.hidden_size)
    }

    fn ends_normed(&self) -> bool {
        self.config.do_layer_norm_before && !self.config.no_final_norm
    }

    fn layer(
        &self,
        parameters: &Parameters,
        number: i64,
        hidden: &Tensor,
        bias: &Tensor,
    ) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("decoder.layers.{number}.{rest}");
        let norm = |name: &str, x: &Tensor, here: bool| {
            if here { parameters.layer_norm(&at(name), x, EPSILON) } else { Ok(x.shallow_clone()) }
        };
        let before = self.config.do_layer_norm_before;
        let normed = norm("self_attn_layer_norm", hidden, before)?;
        let project = |name: &str| {
            self.heads.split(&parameters.linear(&at(&format!("self_attn.{name}_proj")), &normed)?)
        };
        let (keys, values) = parameters.prefixed(number, project("k")?, project("v")?)?;
        let context = self.heads.attend(&project("q")?, &keys, &values, Some(bias), None)?;
        let attended = parameters.linear(&at("self_attn.out_proj"), &context)?.f_add_(hidden)?;
        let attended = norm("self_attn_layer_norm", &attended, !before)?;
        let mut inner = parameters.linear(&at("fc1"), &norm("final_layer_norm", &attended, before)?)?;
        self.activation.apply(&mut inner)?;
        let out = parameters.linear(&at("fc2"), &inner)?.f_add_(&attended)?;
        norm("final_layer_norm", &out, !before)
    }
}
