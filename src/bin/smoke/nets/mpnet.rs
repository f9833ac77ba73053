//! MPNet: Song et al., "MPNet: Masked and Permuted Pre-training for Language Understanding".

use serde::Deserialize;
use serde_json::Value;
use tch::{TchError, Tensor};

use super::bert::counted;
use super::heads::{FillingHeads, pooled};
use super::parts::{self, Activation, Heads};
use super::relative::Buckets;
use super::shapes::has;
use super::{Family, NoFamily, Shapes, Takes, Virtual, activation, class, divides, fields, sane};
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
    #[serde(default = "buckets")]
    relative_attention_num_buckets: i64,
}

fn gelu() -> String {
    "gelu".to_owned()
}

const fn epsilon() -> f64 {
    1e-12
}

const fn buckets() -> i64 {
    32
}

/// The id of padding, which the architecture fixes.
const PADDING: i64 = 1;
const FARTHEST: i64 = 128;

#[derive(Debug)]
struct MpNet {
    config: Config,
    heads: Heads,
    activation: Activation,
    outputs: FillingHeads,
}

/// An MPNet as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let class = class(config);
    let config: Config = fields(config)?;
    sane(
        config.num_hidden_layers,
        &[
            ("vocab_size", config.vocab_size),
            ("hidden_size", config.hidden_size),
            ("num_attention_heads", config.num_attention_heads),
            ("intermediate_size", config.intermediate_size),
            ("max_position_embeddings", config.max_position_embeddings - PADDING - 1),
            ("relative_attention_num_buckets", config.relative_attention_num_buckets / 4),
        ],
    )?;
    divides("hidden_size by num_attention_heads", config.hidden_size, config.num_attention_heads)?;
    let activation = activation(&config.hidden_act)?;
    Ok(Box::new(MpNet {
        heads: Heads::even(config.num_attention_heads, config.hidden_size / config.num_attention_heads),
        activation,
        outputs: FillingHeads { fills: class.ends_with("ForMaskedLM"), epsilon: config.layer_norm_eps },
        config,
    }))
}

impl Family for MpNet {
    fn takes(&self) -> Takes {
        let positions = Some(self.config.max_position_embeddings - PADDING - 1);
        Takes::Tokens { vocabulary: self.config.vocab_size, positions }
    }

    fn prefix(&self) -> &'static str {
        "mpnet"
    }

    fn shapes(&self, named: &Tensors) -> Shapes {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let mut shapes = Shapes::default();
        shapes.table("embeddings.word_embeddings", self.config.vocab_size, hidden);
        shapes.table("embeddings.position_embeddings", self.config.max_position_embeddings, hidden);
        shapes.norm("embeddings.LayerNorm", hidden);
        let (rows, heads) = (self.config.relative_attention_num_buckets, self.config.num_attention_heads);
        shapes.table("encoder.relative_attention_bias", rows, heads);
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("encoder.layer.{layer}.{rest}");
            for projection in ["q", "k", "v", "o"] {
                shapes.linear(&at(&format!("attention.attn.{projection}")), hidden, hidden, true);
            }
            shapes.norm(&at("attention.LayerNorm"), hidden);
            shapes.linear(&at("intermediate.dense"), inner, hidden, true);
            shapes.linear(&at("output.dense"), hidden, inner, true);
            shapes.norm(&at("output.LayerNorm"), hidden);
        }
        if has(named, "pooler") {
            shapes.linear("pooler.dense", hidden, hidden, true);
        }
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        self.outputs.shapes(named, self.config.hidden_size, self.config.vocab_size)
    }

    fn head_names(&self) -> &'static [&'static str] {
        &["classifier", "lm_head"]
    }

    fn ignores(&self, name: &str) -> bool {
        name == "embeddings.position_ids"
            || name == "lm_head.decoder.bias"
            || name.starts_with("lm_head.") && !self.outputs.fills
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.outputs.fills.then_some(("lm_head.decoder.weight", "embeddings.word_embeddings.weight"))
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual { width: self.config.hidden_size, keys: None })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let ids = parts::ids(inputs)?;
        let positions = match inputs.get("position_ids") {
            Some(positions) => positions.shallow_clone(),
            None => counted(parameters, inputs, PADDING)?,
        };
        let words = parameters.prompted(parameters.embedding("embeddings.word_embeddings", ids)?)?;
        let places = parameters.embedding("embeddings.position_embeddings", &positions)?;
        let mut hidden = self.norm(parameters, "embeddings.LayerNorm", &words.f_add(&places)?)?;
        let length = ids.size().last().copied().unwrap_or(0);
        let count = self.config.relative_attention_num_buckets;
        let buckets = Buckets { count, farthest: FARTHEST, both_ways: true };
        let near = buckets.bias(parameters, "encoder.relative_attention_bias", length, length, 0)?;
        let bias = parts::padding_bias(&parts::token_mask(inputs)?)?.f_add(&near)?;
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.layer(parameters, layer, &hidden, &bias)?;
        }
        let mut outputs = Values::new();
        if let Some(pooled) = pooled(parameters, &hidden)? {
            outputs.insert("pooler_output".to_owned(), pooled);
        }
        if let Some(logits) = self.outputs.logits(parameters, &hidden)? {
            outputs.insert("logits".to_owned(), logits);
        }
        outputs.insert("last_hidden_state".to_owned(), hidden);
        Ok(outputs)
    }
}

impl MpNet {
    fn norm(&self, parameters: &Parameters, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        parameters.layer_norm(path, x, self.config.layer_norm_eps)
    }

    fn layer(
        &self,
        parameters: &Parameters,
        number: i64,
        hidden: &Tensor,
        bias: &Tensor,
    ) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("encoder.layer.{number}.{rest}");
        let project = |name: &str| {
            self.heads.split(&parameters.linear(&at(&format!("attention.attn.{name}")), hidden)?)
        };
        let context = self.heads.attend(&project("q")?, &project("k")?, &project("v")?, Some(bias), None)?;
        let attended = parameters.linear(&at("attention.attn.o"), &context)?.f_add_(hidden)?;
        let attended = self.norm(parameters, &at("attention.LayerNorm"), &attended)?;
        let mut inner = parameters.linear(&at("intermediate.dense"), &attended)?;
        self.activation.apply(&mut inner)?;
        let out = parameters.linear(&at("output.dense"), &inner)?.f_add_(&attended)?;
        self.norm(parameters, &at("output.LayerNorm"), &out)
    }
}
