//! Heads that several families have in common: those of networks that predict the next token (scores of
//! the vocabulary, of a sequence, or of each token), and RoBERTa's.

use serde_json::Value;
use tch::{TchError, Tensor};

use super::class;
use super::parts::{Activation, last_token};
use super::shapes::{Shapes, has};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

/// What decides about the heads of such a network.
#[derive(Debug, Clone)]
pub struct CausalHeads {
    /// The path of the layer onto the vocabulary, as `lm_head`.
    vocabulary: &'static str,
    /// Whether it has a bias.
    bias: bool,
    /// Whether the config's class has that layer, whatever is in the file.
    predicts: bool,
    /// Whether its weight is the embedding's.
    tied: bool,
    /// The id of padding.
    padding: Option<i64>,
    labels_tokens: bool,
}

/// The first components of the heads' paths.
pub const CAUSAL_HEADS: &[&str] = &["lm_head", "embed_out", "score", "classifier"];

impl CausalHeads {
    /// Reads what the config says; `tied` is what it means where it says nothing.
    pub fn of(config: &Value, vocabulary: &'static str, bias: bool, tied: bool) -> Self {
        let class = class(config);
        Self {
            vocabulary,
            bias,
            predicts: class.ends_with("ForCausalLM") || class.ends_with("LMHeadModel"),
            tied: config.get("tie_word_embeddings").and_then(Value::as_bool).unwrap_or(tied),
            padding: config.get("pad_token_id").and_then(Value::as_i64),
            labels_tokens: class.ends_with("ForTokenClassification"),
        }
    }

    /// The layer onto the vocabulary with the embedding that its weight is, where they are one.
    pub fn tied(&self, weight: &'static str, table: &'static str) -> Option<(&'static str, &'static str)> {
        (self.tied && self.predicts).then_some((weight, table))
    }

    /// Parameters of the heads that there are.
    pub fn shapes(&self, named: &Tensors, hidden: i64, vocabulary: i64) -> Shapes {
        let mut shapes = Shapes::default();
        if self.predicts || has(named, self.vocabulary) {
            shapes.linear(self.vocabulary, vocabulary, hidden, self.bias);
        }
        let scores_bias = named.contains_key("score.bias");
        shapes.labels(named, "score", hidden, scores_bias);
        shapes.labels(named, "classifier", hidden, true);
        shapes
    }

    /// `last_hidden_state` and, where there is a head, its `logits`.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn outputs(
        &self,
        parameters: &Parameters,
        hidden: Tensor,
        inputs: &Values,
    ) -> Result<Values, TchError> {
        let mut outputs = Values::new();
        if let Some(logits) = self.logits(parameters, &hidden, inputs)? {
            outputs.insert("logits".to_owned(), logits);
        }
        outputs.insert("last_hidden_state".to_owned(), hidden);
        Ok(outputs)
    }

    /// The scores of the head that there is: one for labels comes before the one for the vocabulary.
    fn logits(
        &self,
        parameters: &Parameters,
        hidden: &Tensor,
        inputs: &Values,
    ) -> Result<Option<Tensor>, TchError> {
        if parameters.has("classifier.weight") {
            return parameters.linear("classifier", hidden).map(Some);
        }
        if parameters.has("score.weight") {
            let scores = parameters.linear("score", hidden)?;
            let each = self.labels_tokens || parameters.labels_tokens();
            if each {
                return Ok(Some(scores));
            }
            // Where embeddings are given instead of ids, transformers takes the last, padding or not.
            let last = if parameters.virtual_tokens() > 0 {
                scores.f_select(1, -1)?
            } else {
                last_token(&scores, inputs, self.padding)?
            };
            return Ok(Some(last));
        }
        if self.predicts || parameters.has(&format!("{}.weight", self.vocabulary)) {
            return parameters.linear(self.vocabulary, hidden).map(Some);
        }
        Ok(None)
    }
}

/// The pooler, classifiers and filling head that RoBERTa and MPNet have in common.
#[derive(Debug, Clone, Copy)]
pub struct FillingHeads {
    /// Whether the network's class predicts masked tokens.
    pub fills: bool,
    /// What is added to the variance in norms.
    pub epsilon: f64,
}

impl FillingHeads {
    /// Parameters of the heads that there are.
    pub fn shapes(self, named: &Tensors, hidden: i64, vocabulary: i64) -> Shapes {
        let mut shapes = Shapes::default();
        if has(named, "classifier.out_proj") || has(named, "classifier.dense") {
            shapes.linear("classifier.dense", hidden, hidden, true);
            shapes.labels(named, "classifier.out_proj", hidden, true);
        } else {
            shapes.labels(named, "classifier", hidden, true);
        }
        if self.fills {
            shapes.linear("lm_head.dense", hidden, hidden, true);
            shapes.norm("lm_head.layer_norm", hidden);
            shapes.tensor("lm_head.bias", &[vocabulary]);
            shapes.table("lm_head.decoder", vocabulary, hidden);
        }
        shapes
    }

    /// What the head that there is gives for hidden states [batch, sequence, width].
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn logits(self, parameters: &Parameters, hidden: &Tensor) -> Result<Option<Tensor>, TchError> {
        if parameters.has("classifier.out_proj.weight") {
            let first = parameters.linear("classifier.dense", &hidden.f_select(1, 0)?)?.f_tanh()?;
            return parameters.linear("classifier.out_proj", &first).map(Some);
        }
        if parameters.has("classifier.weight") {
            // A classifier of one layer is for tokens: that of sequences has two.
            return parameters.linear("classifier", hidden).map(Some);
        }
        if !self.fills {
            return Ok(None);
        }
        let mut x = parameters.linear("lm_head.dense", hidden)?;
        // GELU whatever the config says.
        Activation::Gelu.apply(&mut x)?;
        let x = parameters.layer_norm("lm_head.layer_norm", &x, self.epsilon)?;
        parameters.linear("lm_head.decoder", &x)?.f_add_(&parameters.get("lm_head.bias")?).map(Some)
    }
}

/// The pooler's output of hidden states [batch, sequence, width], where there is a pooler.
///
/// # Errors
/// Whatever libtorch raises.
pub fn pooled(parameters: &Parameters, hidden: &Tensor) -> Result<Option<Tensor>, TchError> {
    if !parameters.has("pooler.dense.weight") {
        return Ok(None);
    }
    parameters.linear("pooler.dense", &hidden.f_select(1, 0)?)?.f_tanh().map(Some)
}
