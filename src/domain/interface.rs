//! Interfaces: what a release takes, gives and offers to attach to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A release's contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// What it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Port>,
    /// What it gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Port>,
    /// The precision that it is meant for, as `float32` or `bfloat16`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// The architecture, in the words of its `config.json` (`model_type`), as `bert`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Digest of the file that says how texts become tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<String>,
    /// Digest of the template that makes conversations texts (Jinja, as transformers keeps it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_template: Option<String>,
    /// How the weights are quantised, as `gptq 4 bit`; absent where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<String>,
    /// Named interfaces that it implements, as `acme/text-embedding/v1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implements: Vec<String>,
    /// Parameters that adapters can attach to; backbones have them. Sorted by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attach_points: Vec<AttachPoint>,
}

/// One input or output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "input_ids", "dtype": "int64", "dims": ["batch", "sequence"], "semantics": "token ids"}))]
pub struct Port {
    /// Its name, as `input_ids` or `logits`.
    pub name: String,
    /// Element type in PyTorch's words: `float32`, `bfloat16`, `int64`, `bool`, …
    pub dtype: String,
    /// Its dimensions, in order; empty for a scalar.
    pub dims: Vec<Dim>,
    /// What the numbers mean, as `token ids` or `class scores`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semantics: Option<String>,
    /// How they are normalised, as `l2` or `softmax`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalisation: Option<String>,
    /// Digest of the vocabulary that ids refer to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<String>,
    /// `text`, `image`, `audio`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// The names of the classes that its last dimension stands for, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Which data and preprocessing a feature comes from, as `imagenet-1k, resized to 224, normalised by its mean`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// An input that may be left out, an output that is not always given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// One dimension: a fixed size, or a name that is bound anew for each batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Dim {
    /// Always this many elements.
    Fixed(u64),
    /// Any size, but the same wherever the name stands in one release.
    Symbol(String),
}

/// A parameter that adapters can attach to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachPoint {
    /// The parameter's name in the checkpoint, as `encoder.layer.0.attention.self.query.weight`.
    pub name: String,
    /// Element type in PyTorch's words.
    pub dtype: String,
    /// Its shape.
    pub shape: Vec<u64>,
}
