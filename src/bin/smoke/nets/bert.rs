//! The BERT family: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", and Liu et
//! al., "RoBERTa: A Robustly Optimized BERT Pretraining Approach", whose encoder is the same and whose
//! positions and heads are not.

use cambium::domain::bottleneck::Joints;
use serde::Deserialize;
use serde_json::Value;
use tch::{Kind, TchError, Tensor};

use super::heads::{FillingHeads, pooled};
use super::parts::{self, Activation, Heads};
use super::shapes::has;
use super::{Family, NoFamily, Shapes, Takes, Virtual, activation, class, divides, fields, sane};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

/// The parts of `config.json` that decide how the network computes.
#[derive(Debug, Clone, Deserialize)]
struct Config {
    vocab_size: i64,
    hidden_size: i64,
    num_hidden_layers: i64,
    num_attention_heads: i64,
    intermediate_size: i64,
    max_position_embeddings: i64,
    #[serde(default = "two")]
    type_vocab_size: i64,
    #[serde(default = "gelu")]
    hidden_act: String,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
    #[serde(default)]
    position_embedding_type: Option<String>,
    #[serde(default)]
    is_decoder: bool,
    #[serde(default)]
    pad_token_id: Option<i64>,
}

fn two() -> i64 {
    2
}

fn gelu() -> String {
    "gelu".to_owned()
}

fn epsilon() -> f64 {
    1e-12
}

#[derive(Debug)]
struct Bert {
    config: Config,
    heads: Heads,
    activation: Activation,
    /// The id of padding, where positions are counted from it as RoBERTa does.
    counts_from: Option<i64>,
    labels_tokens: bool,
    /// Heads, where they are RoBERTa's; else only whether its class predicts masked tokens.
    outputs: FillingHeads,
}

/// A BERT as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read_bert(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    Ok(Box::new(read(config)?))
}

/// A RoBERTa, XLM-RoBERTa or CamemBERT.
///
/// # Errors
/// Why it cannot be run.
pub fn read_roberta(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let mut bert = read(config)?;
    let padding = bert.config.pad_token_id.unwrap_or(1);
    bert.counts_from = Some(padding);
    if padding < 0 || padding >= bert.config.max_position_embeddings {
        return Err(NoFamily::Unsupported(format!("a pad_token_id of {padding}")));
    }
    Ok(Box::new(bert))
}

fn read(config: &Value) -> Result<Bert, NoFamily> {
    let class = class(config);
    let config: Config = fields(config)?;
    sane(
        config.num_hidden_layers,
        &[
            ("vocab_size", config.vocab_size),
            ("hidden_size", config.hidden_size),
            ("num_attention_heads", config.num_attention_heads),
            ("intermediate_size", config.intermediate_size),
            ("max_position_embeddings", config.max_position_embeddings),
            ("type_vocab_size", config.type_vocab_size),
        ],
    )?;
    divides("hidden_size by num_attention_heads", config.hidden_size, config.num_attention_heads)?;
    let activation = activation(&config.hidden_act)?;
    match config.position_embedding_type.as_deref() {
        None | Some("absolute") => {}
        Some(other) => {
            return Err(NoFamily::Unsupported(format!("the position_embedding_type `{other}`")));
        }
    }
    if config.is_decoder {
        return Err(NoFamily::Unsupported("is_decoder".to_owned()));
    }
    Ok(Bert {
        heads: Heads::even(config.num_attention_heads, config.hidden_size / config.num_attention_heads),
        activation,
        counts_from: None,
        labels_tokens: class.ends_with("ForTokenClassification"),
        outputs: FillingHeads { fills: class.ends_with("ForMaskedLM"), epsilon: config.layer_norm_eps },
        config,
    })
}

impl Family for Bert {
    fn takes(&self) -> Takes {
        let unused = self.counts_from.map_or(0, |padding| padding + 1);
        let positions = Some(self.config.max_position_embeddings - unused);
        Takes::Tokens { vocabulary: self.config.vocab_size, positions }
    }

    fn prefix(&self) -> &'static str {
        if self.counts_from.is_some() { "roberta" } else { "bert" }
    }

    fn shapes(&self, named: &Tensors) -> Shapes {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let mut shapes = Shapes::default();
        for (name, rows) in [
            ("word", self.config.vocab_size),
            ("position", self.config.max_position_embeddings),
            ("token_type", self.config.type_vocab_size),
        ] {
            shapes.table(&format!("embeddings.{name}_embeddings"), rows, hidden);
        }
        shapes.norm("embeddings.LayerNorm", hidden);
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("encoder.layer.{layer}.{rest}");
            for projection in ["query", "key", "value"] {
                shapes.linear(&at(&format!("attention.self.{projection}")), hidden, hidden, true);
            }
            shapes.linear(&at("attention.output.dense"), hidden, hidden, true);
            shapes.norm(&at("attention.output.LayerNorm"), hidden);
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
        let (hidden, vocabulary) = (self.config.hidden_size, self.config.vocab_size);
        if self.counts_from.is_some() {
            return self.outputs.shapes(named, hidden, vocabulary);
        }
        let mut shapes = Shapes::default();
        shapes.labels(named, "classifier", hidden, true);
        if self.outputs.fills {
            shapes.linear("cls.predictions.transform.dense", hidden, hidden, true);
            shapes.norm("cls.predictions.transform.LayerNorm", hidden);
            shapes.tensor("cls.predictions.bias", &[vocabulary]);
            shapes.table("cls.predictions.decoder", vocabulary, hidden);
        }
        shapes
    }

    fn head_names(&self) -> &'static [&'static str] {
        &["classifier", "cls", "lm_head"]
    }

    fn ignores(&self, name: &str) -> bool {
        let filling = ["cls.", "lm_head."].iter().any(|head| name.starts_with(head));
        // The decoder's own bias is the one beside it.
        let spare = name.starts_with("cls.seq_relationship") || name.ends_with(".decoder.bias");
        name == "embeddings.position_ids"
            || name == "embeddings.token_type_ids"
            || filling && (spare || !self.outputs.fills)
    }

    fn rename(&self, name: &str) -> Option<String> {
        let end = |old: &str, new: &str| name.strip_suffix(old).map(|path| format!("{path}{new}"));
        end("LayerNorm.gamma", "LayerNorm.weight").or_else(|| end("LayerNorm.beta", "LayerNorm.bias"))
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        let weight = if self.counts_from.is_some() {
            "lm_head.decoder.weight"
        } else {
            "cls.predictions.decoder.weight"
        };
        self.outputs.fills.then_some((weight, "embeddings.word_embeddings.weight"))
    }

    fn joints(&self) -> Option<(Joints, i64, i64)> {
        Some((Joints::of("bert")?, self.config.num_hidden_layers, self.config.hidden_size))
    }

    fn virtual_tokens(&self) -> Option<Virtual> {
        Some(Virtual {
            width: self.config.hidden_size,
            keys: Some((self.config.num_hidden_layers, self.heads)),
        })
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let bias = parts::padding_bias(&parts::token_mask(inputs)?)?;
        let mut hidden = self.embed(parameters, inputs)?;
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.layer(parameters, layer, &hidden, &bias)?;
        }
        let mut outputs = Values::new();
        if let Some(pooled) = pooled(parameters, &hidden)? {
            outputs.insert("pooler_output".to_owned(), pooled);
        }
        if let Some(logits) = self.logits(parameters, &hidden, outputs.get("pooler_output"))? {
            outputs.insert("logits".to_owned(), logits);
        }
        outputs.insert("last_hidden_state".to_owned(), hidden);
        Ok(outputs)
    }
}

impl Bert {
    fn embed(&self, parameters: &Parameters, inputs: &Values) -> Result<Tensor, TchError> {
        let ids = parts::ids(inputs)?;
        let words = parameters.prompted(parameters.embedding("embeddings.word_embeddings", ids)?)?;
        let types = match inputs.get("token_type_ids") {
            Some(types) => types.shallow_clone(),
            None => ids.f_zeros_like()?,
        };
        let types = parameters.embedding("embeddings.token_type_embeddings", &types)?;
        let positions = match (self.counts_from, inputs.contains_key("position_ids")) {
            (Some(padding), false) => counted(parameters, inputs, padding)?,
            _ => parts::positions(inputs)?,
        };
        let positions = parameters.embedding("embeddings.position_embeddings", &positions)?;
        self.norm(parameters, "embeddings.LayerNorm", &words.f_add(&types)?.f_add(&positions)?)
    }

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
            self.heads.split(&parameters.linear(&at(&format!("attention.self.{name}")), hidden)?)
        };
        let (keys, values) = parameters.prefixed(number, project("key")?, project("value")?)?;
        let context = self.heads.attend(&project("query")?, &keys, &values, Some(bias), None)?;
        let norm = |joint: &str| {
            let path = at(&format!("{joint}.LayerNorm"));
            move |x: &Tensor| self.norm(parameters, &path, x)
        };
        let attended = parameters.linear(&at("attention.output.dense"), &context)?;
        let joint = "attention.output";
        let attended = parameters.joint(&at(joint), attended, hidden, &norm(joint))?;
        let mut inner = parameters.linear(&at("intermediate.dense"), &attended)?;
        self.activation.apply(&mut inner)?;
        let out = parameters.linear(&at("output.dense"), &inner)?;
        parameters.joint(&at("output"), out, &attended, &norm("output"))
    }

    fn logits(
        &self,
        parameters: &Parameters,
        hidden: &Tensor,
        pooled: Option<&Tensor>,
    ) -> Result<Option<Tensor>, TchError> {
        if self.counts_from.is_some() {
            return self.outputs.logits(parameters, hidden);
        }
        if parameters.has("classifier.weight") {
            let tokens = self.labels_tokens || parameters.labels_tokens();
            let missing = || TchError::Kind("the classifier needs a pooler, and there is none".to_owned());
            let from = if tokens { hidden } else { pooled.ok_or_else(missing)? };
            return parameters.linear("classifier", from).map(Some);
        }
        if !self.outputs.fills {
            return Ok(None);
        }
        let mut x = parameters.linear("cls.predictions.transform.dense", hidden)?;
        self.activation.apply(&mut x)?;
        let x = self.norm(parameters, "cls.predictions.transform.LayerNorm", &x)?;
        let mut scores = parameters.linear("cls.predictions.decoder", &x)?;
        scores.f_add_(&parameters.get("cls.predictions.bias")?).map(Some)
    }
}

/// Positions as RoBERTa counts them: from one after the padding's id, and padding keeps that id. Where
/// embeddings are given instead of ids, nothing tells padding, and all are counted.
///
/// # Errors
/// When there are no ids, or libtorch fails.
pub fn counted(parameters: &Parameters, inputs: &Values, padding: i64) -> Result<Tensor, TchError> {
    if parameters.virtual_tokens() > 0 {
        return parts::positions(inputs)?.f_add_scalar(padding + 1);
    }
    let real = parts::ids(inputs)?.f_ne(padding)?.f_to_kind(Kind::Int64)?;
    let counted = real.f_cumsum(1, Kind::Int64)?.f_add_scalar(parts::before(inputs)?)?;
    counted.f_mul(&real)?.f_add_scalar(padding)
}
