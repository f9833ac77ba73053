//! What adapters are checked against.

use std::collections::HashMap;

use super::hidden_size;
use crate::domain::interface::{AttachPoint, Interface};
use crate::domain::peft::Renamed;

/// What files call the embedding of tokens.
const EMBEDDINGS: [&str; 5] = ["embed_tokens", "wte", "word_embeddings", "embed_in", "shared"];
/// What files call the layer onto the vocabulary.
const OUTPUTS: [&str; 2] = ["lm_head", "embed_out"];

/// What is known of the backbone.
pub(super) struct Backbone<'a> {
    pub(super) parameters: HashMap<&'a str, &'a AttachPoint>,
    /// Paths of modules whose weight has two dimensions or more, in the file's order.
    pub(super) modules: Vec<&'a str>,
    /// The path of the embedding of tokens.
    embedding: Option<&'a str>,
    pub(super) hidden_size: Option<u64>,
    /// Whether its linear layers are stored as \[in, out\].
    pub(super) conv1d: bool,
    /// What its models call otherwise than its file.
    pub(super) renamed: Renamed,
}

impl<'a> Backbone<'a> {
    pub(super) fn new(interface: &'a Interface) -> Self {
        let points = &interface.attach_points;
        let matrices = points.iter().filter(|point| point.shape.len() >= 2);
        let modules: Vec<&str> = matrices.filter_map(|point| point.name.strip_suffix(".weight")).collect();
        let is_embedding = |name: &&&str| EMBEDDINGS.iter().any(|end| name.ends_with(end));
        Self {
            embedding: modules.iter().find(is_embedding).copied(),
            parameters: points.iter().map(|point| (point.name.as_str(), point)).collect(),
            modules,
            hidden_size: hidden_size(interface),
            renamed: interface.architecture.as_deref().map(Renamed::of).unwrap_or_default(),
            conv1d: matches!(interface.architecture.as_deref(), Some("gpt2" | "openai-gpt" | "imagegpt")),
        }
    }

    /// The shape of a module's weight. An output layer that is tied to the embedding has the
    /// embedding's.
    pub(super) fn weight(&self, module: &str) -> Option<&'a [u64]> {
        let own = self.parameters.get(format!("{module}.weight").as_str());
        let is_output = OUTPUTS.iter().any(|name| module.rsplit('.').next() == Some(name));
        let tied =
            || self.parameters.get(format!("{}.weight", self.embedding.filter(|_| is_output)?).as_str());
        own.or_else(tied).map(|point| point.shape.as_slice())
    }

    /// How wide the embedding of tokens is.
    pub(super) fn embedded(&self) -> Option<u64> {
        self.weight(self.embedding?)?.get(1).copied()
    }

    /// How many numbers the keys and values of all layers are for one token.
    pub(super) fn keys_and_values(&self) -> Option<u64> {
        let of = |module: &&str| -> Option<u64> {
            let (&[first, second], []) = self.weight(module)?.split_first_chunk()? else { return None };
            match module.rsplit('.').next()? {
                "key" | "k_proj" => first.checked_mul(2),
                // T5: those of the decoder, which attends its own tokens and, with others, the encoder's.
                "k" if module.contains("decoder.") && module.ends_with("SelfAttention.k") => {
                    first.checked_mul(2)
                }
                // Queries, keys and values in one, as many of each.
                "c_attn" | "query_key_value" => (first.max(second) / 3).checked_mul(2),
                _ => None,
            }
        };
        let sum = self.modules.iter().filter_map(of).fold(0, u64::saturating_add);
        (sum > 0).then_some(sum)
    }
}
