//! T5: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
//! Transformer", encoder and decoder, or the encoder alone.

use serde::Deserialize;
use serde_json::Value;
use tch::{Kind, TchError, Tensor};

use super::parts::{self, Activation, Heads};
use super::relative::Buckets;
use super::shapes::has;
use super::{Family, NoFamily, Shapes, Takes, Virtual, class, fields, sane};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    vocab_size: i64,
    d_model: i64,
    d_kv: i64,
    d_ff: i64,
    num_layers: i64,
    #[serde(default)]
    num_decoder_layers: Option<i64>,
    num_heads: i64,
    #[serde(default = "buckets")]
    relative_attention_num_buckets: i64,
    #[serde(default = "farthest")]
    relative_attention_max_distance: i64,
    #[serde(default = "relu")]
    feed_forward_proj: String,
    #[serde(default = "epsilon")]
    layer_norm_epsilon: f64,
    #[serde(default)]
    tie_word_embeddings: Option<bool>,
    #[serde(default)]
    decoder_start_token_id: Option<i64>,
}

const fn buckets() -> i64 {
    32
}

const fn farthest() -> i64 {
    128
}

fn relu() -> String {
    "relu".to_owned()
}

const fn epsilon() -> f64 {
    1e-6
}

#[derive(Debug)]
struct T5 {
    config: Config,
    heads: Heads,
    activation: Activation,
    gated: bool,
    /// Whether it has a decoder.
    decodes: bool,
    /// Whether its class predicts text.
    predicts: bool,
    /// Whether the layer onto the vocabulary is the embedding.
    tied: bool,
}

/// A T5 as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let class = class(config);
    let config: Config = fields(config)?;
    sane(
        config.num_layers.max(config.num_decoder_layers.unwrap_or(0)),
        &[
            ("vocab_size", config.vocab_size),
            ("d_model", config.d_model),
            ("d_kv", config.d_kv),
            ("d_ff", config.d_ff),
            ("num_heads", config.num_heads),
            ("relative_attention_num_buckets", config.relative_attention_num_buckets / 4),
            ("relative_attention_max_distance", config.relative_attention_max_distance),
            ("number of layers", config.num_layers),
        ],
    )?;
    let (gated, name) = match config.feed_forward_proj.strip_prefix("gated-") {
        // What Google's checkpoints call so is the approximation.
        Some("gelu") => (true, "gelu_new"),
        Some(name) => (true, name),
        None => (false, config.feed_forward_proj.as_str()),
    };
    let unknown = || NoFamily::Unsupported(format!("the feed_forward_proj `{}`", config.feed_forward_proj));
    let activation = Activation::of(name).ok_or_else(unknown)?;
    Ok(Box::new(T5 {
        heads: Heads::even(config.num_heads, config.d_kv),
        activation,
        gated,
        decodes: !class.ends_with("EncoderModel"),
        predicts: class.ends_with("ForConditionalGeneration") || class.ends_with("WithLMHeadModel"),
        tied: config.tie_word_embeddings != Some(false),
        config,
    }))
}

/// One of the two stacks.
#[derive(Clone, Copy)]
struct Stack<'a> {
    name: &'static str,
    layers: i64,
    /// What the encoder gave, and the bias of its padding; the decoder's only.
    memory: Option<(&'a Tensor, &'a Tensor)>,
}

impl Family for T5 {
    fn takes(&self) -> Takes {
        Takes::Tokens { vocabulary: self.config.vocab_size, positions: None }
    }

    fn prefix(&self) -> &'static str {
        "transformer"
    }

    fn shapes(&self, named: &Tensors) -> Shapes {
        let mut shapes = Shapes::default();
        shapes.table("shared", self.config.vocab_size, self.config.d_model);
        self.stack_shapes(&mut shapes, "encoder", self.config.num_layers);
        if has(named, "decoder") {
            self.stack_shapes(&mut shapes, "decoder", self.decoder_layers());
        }
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        let mut shapes = Shapes::default();
        if self.predicts || has(named, "lm_head") {
            shapes.linear("lm_head", self.config.vocab_size, self.config.d_model, false);
        }
        shapes
    }

    fn head_names(&self) -> &'static [&'static str] {
        &["lm_head"]
    }

    /// Copies of the embedding, and a table that nothing reads.
    fn ignores(&self, name: &str) -> bool {
        name == "encoder.embed_tokens.weight"
            || name == "decoder.embed_tokens.weight"
            || name.ends_with("EncDecAttention.relative_attention_bias.weight")
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        (self.tied && self.predicts).then_some(("lm_head.weight", "shared.weight"))
    }

    /// Embeddings go in front of the encoder's tokens; keys and values are those of the decoder's own tokens, and
    /// PEFT stores them for as many layers as the encoder has.
    fn virtual_tokens(&self) -> Option<Virtual> {
        let alike = self.decodes && self.decoder_layers() == self.config.num_layers;
        let keys = alike.then_some((self.config.num_layers, self.heads));
        Some(Virtual { width: self.config.d_model, keys })
    }

    /// `input_ids` go into the encoder and `decoder_input_ids` into the decoder: where none are given,
    /// the one that starts.
    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let ids = parts::ids(inputs)?;
        // A prefix makes the mask longer; it is not the encoder's.
        let mask = parts::token_mask(inputs)?.f_narrow(1, parts::before(inputs)?, ids.size()[1])?;
        let padding = parts::padding_bias(&mask)?;
        let encoder = Stack { name: "encoder", layers: self.config.num_layers, memory: None };
        let embedded = parameters.prompted(parameters.embedding("shared", ids)?)?;
        let encoded = self.stack(parameters, encoder, embedded, &padding)?;
        let mut outputs = Values::new();
        if !parameters.has("decoder.final_layer_norm.weight") {
            outputs.insert("last_hidden_state".to_owned(), encoded);
            return Ok(outputs);
        }
        let given = match inputs.get("decoder_input_ids") {
            Some(given) => given.shallow_clone(),
            None => ids.f_narrow(1, 0, 1)?.f_full_like(self.config.decoder_start_token_id.unwrap_or(0))?,
        };
        let tokens = given.size().last().copied().unwrap_or(0);
        let all = [given.size()[0], parts::before(inputs)? + tokens];
        let later = Tensor::f_ones(all, (Kind::Float, given.device()))?;
        let later = parts::causal_bias(&later, tokens, None)?;
        let decoder =
            Stack { name: "decoder", layers: self.decoder_layers(), memory: Some((&encoded, &padding)) };
        let embedded = parameters.embedding("shared", &given)?;
        let mut hidden = self.stack(parameters, decoder, embedded, &later)?;
        if self.predicts || parameters.has("lm_head.weight") {
            if self.tied {
                hidden = hidden.f_mul_scalar((self.config.d_model as f64).powf(-0.5))?;
            }
            outputs.insert("logits".to_owned(), parameters.linear("lm_head", &hidden)?);
        } else {
            outputs.insert("last_hidden_state".to_owned(), hidden);
        }
        outputs.insert("encoder_last_hidden_state".to_owned(), encoded);
        Ok(outputs)
    }
}

impl T5 {
    fn decoder_layers(&self) -> i64 {
        self.config.num_decoder_layers.unwrap_or(self.config.num_layers)
    }

    fn stack_shapes(&self, shapes: &mut Shapes, name: &str, layers: i64) {
        let (wide, inner) = (self.config.d_model, self.config.num_heads * self.config.d_kv);
        let attention = |shapes: &mut Shapes, path: &str| {
            for projection in ["q", "k", "v"] {
                shapes.linear(&format!("{path}.{projection}"), inner, wide, false);
            }
            shapes.linear(&format!("{path}.o"), wide, inner, false);
        };
        for layer in 0..layers {
            let at = |rest: &str| format!("{name}.block.{layer}.layer.{rest}");
            attention(shapes, &at("0.SelfAttention"));
            if layer == 0 {
                let rows = self.config.relative_attention_num_buckets;
                shapes.table(&at("0.SelfAttention.relative_attention_bias"), rows, self.config.num_heads);
            }
            shapes.scale(&at("0.layer_norm"), wide);
            let last = if name == "decoder" {
                attention(shapes, &at("1.EncDecAttention"));
                shapes.scale(&at("1.layer_norm"), wide);
                2
            } else {
                1
            };
            let names: &[&str] = if self.gated { &["wi_0", "wi_1"] } else { &["wi"] };
            for name in names {
                shapes.linear(&at(&format!("{last}.DenseReluDense.{name}")), self.config.d_ff, wide, false);
            }
            shapes.linear(&at(&format!("{last}.DenseReluDense.wo")), wide, self.config.d_ff, false);
            shapes.scale(&at(&format!("{last}.layer_norm")), wide);
        }
        shapes.scale(&format!("{name}.final_layer_norm"), wide);
    }

    fn norm(&self, parameters: &Parameters, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        parts::rms_norm(x, &parameters.get(&format!("{path}.weight"))?, self.config.layer_norm_epsilon)
    }

    fn stack(
        &self,
        parameters: &Parameters,
        stack: Stack<'_>,
        mut hidden: Tensor,
        unseen: &Tensor,
    ) -> Result<Tensor, TchError> {
        let (length, keys) = (hidden.size()[1], unseen.size()[3]);
        let buckets = Buckets {
            count: self.config.relative_attention_num_buckets,
            farthest: self.config.relative_attention_max_distance,
            both_ways: stack.memory.is_none(),
        };
        let table = format!("{}.block.0.layer.0.SelfAttention.relative_attention_bias", stack.name);
        let bias = buckets.bias(parameters, &table, length, keys, keys - length)?.f_add(unseen)?;
        for layer in 0..stack.layers {
            let at = |rest: &str| format!("{}.block.{layer}.layer.{rest}", stack.name);
            let normed = self.norm(parameters, &at("0.layer_norm"), &hidden)?;
            let prefixed = stack.memory.is_some().then_some(layer);
            let own = self.attend(parameters, &at("0.SelfAttention"), [&normed, &normed], &bias, prefixed)?;
            hidden = own.f_add(&hidden)?;
            if let Some((memory, padding)) = stack.memory {
                let normed = self.norm(parameters, &at("1.layer_norm"), &hidden)?;
                let crossed =
                    self.attend(parameters, &at("1.EncDecAttention"), [&normed, memory], padding, None)?;
                hidden = crossed.f_add(&hidden)?;
            }
            let last = if stack.memory.is_some() { 2 } else { 1 };
            let normed = self.norm(parameters, &at(&format!("{last}.layer_norm")), &hidden)?;
            let fed = self.feed(parameters, &at(&format!("{last}.DenseReluDense")), &normed)?;
            hidden = fed.f_add(&hidden)?;
        }
        self.norm(parameters, &format!("{}.final_layer_norm", stack.name), &hidden)
    }

    /// Attention of the first to the second, and in layer `prefixed` of the decoder to what a prefix puts in front.
    fn attend(
        &self,
        parameters: &Parameters,
        path: &str,
        [asking, asked]: [&Tensor; 2],
        bias: &Tensor,
        prefixed: Option<i64>,
    ) -> Result<Tensor, TchError> {
        let project =
            |name: &str, x: &Tensor| self.heads.split(&parameters.linear(&format!("{path}.{name}"), x)?);
        let (queries, mut keys, mut values) =
            (project("q", asking)?, project("k", asked)?, project("v", asked)?);
        if let Some(layer) = prefixed {
            (keys, values) = parameters.prefixed(layer, keys, values)?;
        }
        let context = self.heads.attend(&queries, &keys, &values, Some(bias), Some(1.0))?;
        parameters.linear(&format!("{path}.o"), &context)
    }

    fn feed(&self, parameters: &Parameters, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        let first = if self.gated { "wi_0" } else { "wi" };
        let mut inner = parameters.linear(&format!("{path}.{first}"), x)?;
        self.activation.apply(&mut inner)?;
        if self.gated {
            inner = inner.f_mul(&parameters.linear(&format!("{path}.wi_1"), x)?)?;
        }
        parameters.linear(&format!("{path}.wo"), &inner)
    }
}
