//! The heads of networks that predict the next token: scores of the vocabulary, of a sequence, or of
//! each token.

use serde_json::Value;
use tch::{TchError, Tensor};

use super::class;
use super::parts::last_token;
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
            let each = self.labels_tokens || parameters.labels_tokens;
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
