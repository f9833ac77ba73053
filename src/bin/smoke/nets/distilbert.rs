//! DistilBERT: Sanh et al., "DistilBERT, a distilled version of BERT".

use cambium::domain::bottleneck::Joints;
use serde::Deserialize;
use serde_json::Value;
use tch::{TchError, Tensor};

use super::parts::{self, Activation, Heads};
use super::{Family, NoFamily, Shapes, Takes, Virtual, activation, class, divides, fields, sane};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    vocab_size: i64,
    dim: i64,
    n_layers: i64,
    n_heads: i64,
    hidden_dim: i64,
    max_position_embeddings: i64,
    #[serde(default = "gelu")]
    activation: String,
}

fn gelu() -> String {
    "gelu".to_owned()
}

const EPSILON: f64 = 1e-12;

#[derive(Debug)]
struct DistilBert {
    config: Config,
    heads: Heads,
    activation: Activation,
    /// Whether its class predicts masked tokens.
    fills: bool,
}

/// A DistilBERT as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let class = class(config);
    let config: Config = fields(config)?;
    sane(
        config.n_layers,
        &[
            ("vocab_size", config.vocab_size),
            ("dim", config.dim),
            ("n_heads", config.n_heads),
            ("hidden_dim", config.hidden_dim),
            ("max_position_embeddings", config.max_position_embeddings),
        ],
    )?;
    divides("dim by n_heads", config.dim, config.n_heads)?;
    let activation = activation(&config.activation)?;
    Ok(Box::new(DistilBert {
        heads: Heads::even(config.n_heads, config.dim / config.n_heads),
        activation,
        fills: class.ends_with("ForMaskedLM"),
        config,
    }))
}

impl Family for DistilBert {
    fn takes(&self) -> Takes {
        let positions = Some(self.config.max_position_embeddings);
        Takes::Tokens { vocabulary: self.config.vocab_size, positions }
    }

    fn prefix(&self) -> &'static str {
        "distilbert"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (wide, mut shapes) = (self.config.dim, Shapes::default());
        shapes.table("embeddings.word_embeddings", self.config.vocab_size, wide);
        shapes.table("embeddings.position_embeddings", self.config.max_position_embeddings, wide);
        shapes.norm("embeddings.LayerNorm", wide);
        for layer in 0..self.config.n_layers {
            let at = |rest: &str| format!("transformer.layer.{layer}.{rest}");
            for projection in ["q", "k", "v", "out"] {
                shapes.linear(&at(&format!("attention.{projection}_lin")), wide, wide, true);
            }
            shapes.norm(&at("sa_layer_norm"), wide);
            shapes.linear(&at("ffn.lin1"), self.config.hidden_dim, wide, true);
            shapes.linear(&at("ffn.lin2"), wide, self.config.hidden_dim, true);
            shapes.norm(&at("output_layer_norm"), wide);
        }
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        let (wide, vocabulary, mut shapes) = (self.config.dim, self.config.vocab_size, Shapes::default());
        if super::shapes::has(named, "pre_classifier") {
            shapes.linear("pre_classifier", wide, wide, true);
        }
        shapes.labels(named, "classifier", wide, true);
        if self.fills {
            shapes.linear("vocab_transform", wide, wide, true);
            shapes.norm("vocab_layer_norm", wide);
            shapes.linear("vocab_projector", vocabulary, wide, true);
        }
        shapes
    }

    fn head_names(&self) -> &'static [&'static str] {
        &["pre_classifier", "classifier", "vocab_transform", "vocab_layer_norm", "vocab_projector"]
    }

    fn ignores(&self, name: &str) -> bool {
        name == "embeddings.position_ids" || name.starts_with("vocab_") && !self.fills
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.fills.then_some(("vocab_projector.weight", "embeddings.word_embeddings.weight"))
    }

    fn joints(&self) -> Option<(Joints, i64, i64)> {
        Some((Joints::of("distilbert")?, self.config.n_layers, self.config.dim))
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual { width: self.config.dim, keys: None })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let bias = parts::padding_bias(&parts::token_mask(inputs)?)?;
        let words = parameters.embedding("embeddings.word_embeddings", parts::ids(inputs)?)?;
        let words = parameters.prompted(words)?;
        let places = parameters.embedding("embeddings.position_embeddings", &parts::positions(inputs)?)?;
        let mut hidden = parameters.layer_norm("embeddings.LayerNorm", &words.f_add(&places)?, EPSILON)?;
        for layer in 0..self.config.n_layers {
            hidden = self.layer(parameters, layer, &hidden, &bias)?;
        }
        let mut outputs = Values::new();
        if let Some(logits) = self.logits(parameters, &hidden)? {
            outputs.insert("logits".to_owned(), logits);
        }
        outputs.insert("last_hidden_state".to_owned(), hidden);
        Ok(outputs)
    }
}

impl DistilBert {
    fn layer(
        &self,
        parameters: &Parameters,
        number: i64,
        hidden: &Tensor,
        bias: &Tensor,
    ) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("transformer.layer.{number}.{rest}");
        let project =
            |name: &str| self.heads.split(&parameters.linear(&at(&format!("attention.{name}_lin")), hidden)?);
        let context = self.heads.attend(&project("q")?, &project("k")?, &project("v")?, Some(bias), None)?;
        let norm = |name: &str| {
            let path = at(name);
            move |x: &Tensor| parameters.layer_norm(&path, x, EPSILON)
        };
        let attended = parameters.linear(&at("attention.out_lin"), &context)?;
        let attended =
            parameters.joint(&at("attention_adapters"), attended, hidden, &norm("sa_layer_norm"))?;
        let mut inner = parameters.linear(&at("ffn.lin1"), &attended)?;
        self.activation.apply(&mut inner)?;
        let out = parameters.linear(&at("ffn.lin2"), &inner)?;
        parameters.joint(&at("output_adapters"), out, &attended, &norm("output_layer_norm"))
    }

    fn logits(&self, parameters: &Parameters, hidden: &Tensor) -> Result<Option<Tensor>, TchError> {
        if parameters.has("classifier.weight") {
            // The classifier of sequences has a layer before it, that of tokens has none.
            if !parameters.has("pre_classifier.weight") {
                return parameters.linear("classifier", hidden).map(Some);
            }
            let first = parameters.linear("pre_classifier", &hidden.f_select(1, 0)?)?.f_relu()?;
            return parameters.linear("classifier", &first).map(Some);
        }
        if !self.fills {
            return Ok(None);
        }
        let mut x = parameters.linear("vocab_transform", hidden)?;
        self.activation.apply(&mut x)?;
        let x = parameters.layer_norm("vocab_layer_norm", &x, EPSILON)?;
        parameters.linear("vocab_projector", &x).map(Some)
    }
}
