//! `adapter_config.json`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::leftovers;
use crate::domain::finding::{Finding, excerpt};
use crate::domain::json;

/// The longest path of a module that is looked at, in bytes: each of its ends is compared, and names come
/// from uploads. Real ones have a hundred or so.
pub(super) const MAX_PATH_BYTES: usize = 1024;
/// The longest config read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// What a PEFT adapter's config says, with the library's defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeftConfig {
    /// The method, in the library's upper-case words: `LORA`, `IA3`, …
    pub peft_type: String,
    /// The task, as `SEQ_CLS`.
    pub task_type: Option<String>,
    /// The model it was trained on, as its author named it: a Hub name or a path.
    pub base_model_name_or_path: Option<String>,
    /// The revision of that model.
    pub revision: Option<String>,
    /// LoRA's rank where no pattern says otherwise.
    pub r: u64,
    /// The rank that AdaLoRA began with.
    pub init_r: u64,
    /// LoRA's alpha where no pattern says otherwise.
    pub lora_alpha: f64,
    /// Whether alpha is divided by the root of the rank instead of the rank.
    pub use_rslora: bool,
    /// Whether each output row has a magnitude of its own (DoRA).
    pub use_dora: bool,
    /// Whether B has a bias.
    pub lora_bias: bool,
    /// Ranks by pattern, in the config's order.
    pub rank_pattern: Vec<(String, u64)>,
    /// Alphas by pattern, in the config's order.
    pub alpha_pattern: Vec<(String, f64)>,
    /// The modules it changes.
    pub target_modules: Option<Targets>,
    /// Modules that it leaves alone though they are targeted.
    pub exclude_modules: Option<Targets>,
    /// The targets whose input is scaled instead of their output (IA3).
    pub feedforward_modules: Option<Targets>,
    /// The layers that it changes, by index; empty for all.
    pub layers_to_transform: Vec<u64>,
    /// What stands before the layer index in module names; empty for anything.
    pub layers_pattern: Vec<String>,
    /// Modules stored whole, sorted, each once.
    pub modules_to_save: Vec<String>,
    /// Biases stored: `none`, `all` or `lora_only`.
    pub bias: String,
    /// Whether the targets' weights are stored as \[in, out\].
    pub fan_in_fan_out: bool,
    /// What the random matrices that VeRA shares are seeded with.
    #[serde(default)]
    pub projection_prng_key: u64,
    /// Whether those matrices are stored.
    #[serde(default)]
    pub save_projection: bool,
    /// The tokens that prompt and prefix tuning put in front.
    #[serde(default)]
    pub num_virtual_tokens: u64,
    /// Of how many stacks (1, or an encoder and a decoder) it stores virtual tokens; where none is said, as the
    /// task says.
    #[serde(default)]
    pub num_transformer_submodules: Option<u64>,
    /// Fields in use that change the computation and are not understood here, sorted.
    pub unsupported: Vec<String>,
    /// Other fields with content that were ignored, sorted.
    pub ignored: Vec<String>,
}

/// Names of modules, or a pattern for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Targets {
    /// A regular expression that has to match the whole path; or the word `all-linear`.
    Pattern(String),
    /// Paths, or their ends behind a dot.
    List(Vec<String>),
}

/// Why an `adapter_config.json` was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPeftConfig {
    /// Longer than 1 MiB.
    #[error("it has {0} bytes, and at most 1 MiB is read")]
    TooLarge(usize),
    /// Not JSON, or not the config's shape.
    #[error("{0}")]
    Malformed(String),
    /// A value that the method cannot work with.
    #[error("`{field}` is {found}, and {expected}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// Its value.
        found: String,
        /// What it has to be, as a clause.
        expected: &'static str,
    },
}

impl BadPeftConfig {
    /// The finding about the config at `path`.
    pub fn finding(&self, path: &str) -> Finding {
        Finding::error(
            "config_malformed",
            path,
            format!("{path} cannot be used: {self}."),
            "Save the adapter again with the peft library, or correct the field that is named.",
        )
    }
}

/// The fields of the file. Their types are those of the library's dataclasses; null is the default.
#[derive(Deserialize)]
struct Raw {
    peft_type: String,
    #[serde(default)]
    task_type: Option<String>,
    #[serde(default)]
    base_model_name_or_path: Option<String>,
    #[serde(default)]
    revision: Option<String>,
    #[serde(default)]
    r: Option<u64>,
    #[serde(default)]
    init_r: Option<u64>,
    #[serde(default)]
    lora_alpha: Option<f64>,
    #[serde(default, deserialize_with = "null_is_default")]
    use_rslora: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    use_dora: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    lora_bias: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    rank_pattern: Ordered<Rank>,
    #[serde(default, deserialize_with = "null_is_default")]
    alpha_pattern: Ordered<f64>,
    #[serde(default)]
    target_modules: Option<Targets>,
    #[serde(default)]
    exclude_modules: Option<Targets>,
    #[serde(default)]
    feedforward_modules: Option<Targets>,
    #[serde(default)]
    layers_to_transform: Option<OneOrMany<u64>>,
    #[serde(default)]
    layers_pattern: Option<OneOrMany<String>>,
    #[serde(default)]
    modules_to_save: Option<Vec<String>>,
    #[serde(default)]
    bias: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    fan_in_fan_out: bool,
    #[serde(default)]
    projection_prng_key: Option<u64>,
    #[serde(default)]
    save_projection: Option<bool>,
    #[serde(default)]
    num_virtual_tokens: Option<u64>,
    #[serde(default)]
    num_transformer_submodules: Option<u64>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// LoRA's rank for a pattern; or which singular values AdaLoRA kept of a module, which its tensors show.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rank {
    Number(u64),
    Kept(#[expect(dead_code, reason = "read to be told from other things")] Vec<bool>),
}

/// A JSON object as pairs: the first pattern that matches wins, so order counts.
struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for Pairs<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of numbers by pattern")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Ordered(pairs))
            }
        }
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl PeftConfig {
    /// Reads `adapter_config.json`.
    ///
    /// # Errors
    /// When it is too large, not JSON, has a field of the wrong type, or a rank of 0.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadPeftConfig> {
        if bytes.len() > MAX_BYTES {
            return Err(BadPeftConfig::TooLarge(bytes.len()));
        }
        let raw: Raw =
            json::object(bytes).map_err(|error| BadPeftConfig::Malformed(excerpt(&error.to_string())))?;
        let config = Self::from_raw(raw);
        config.check_numbers()?;
        Ok(config)
    }

    fn from_raw(raw: Raw) -> Self {
        let (unsupported, ignored) = leftovers(&raw.rest);
        let mut modules_to_save = raw.modules_to_save.unwrap_or_default();
        modules_to_save.sort();
        modules_to_save.dedup();
        let rank_pattern = raw.rank_pattern.0.into_iter().filter_map(|(pattern, rank)| match rank {
            Rank::Number(rank) => Some((pattern, rank)),
            Rank::Kept(_) => None,
        });
        let rank_pattern = rank_pattern.collect();
        let peft_type = raw.peft_type.to_ascii_uppercase();
        Self {
            task_type: raw.task_type,
            base_model_name_or_path: raw.base_model_name_or_path.filter(|name| !name.is_empty()),
            revision: raw.revision,
            r: raw.r.unwrap_or(if peft_type == "VERA" { 256 } else { 8 }),
            init_r: raw.init_r.unwrap_or(12),
            lora_alpha: raw.lora_alpha.unwrap_or(8.0),
            use_rslora: raw.use_rslora,
            use_dora: raw.use_dora,
            lora_bias: raw.lora_bias,
            rank_pattern,
            alpha_pattern: raw.alpha_pattern.0,
            target_modules: raw.target_modules,
            exclude_modules: raw.exclude_modules,
            feedforward_modules: raw.feedforward_modules,
            layers_to_transform: raw.layers_to_transform.map(OneOrMany::into_vec).unwrap_or_default(),
            layers_pattern: raw.layers_pattern.map(OneOrMany::into_vec).unwrap_or_default(),
            modules_to_save,
            bias: raw.bias.unwrap_or_else(|| "none".to_owned()),
            fan_in_fan_out: raw.fan_in_fan_out,
            projection_prng_key: raw.projection_prng_key.unwrap_or(0),
            save_projection: raw.save_projection.unwrap_or(true),
            num_virtual_tokens: raw.num_virtual_tokens.unwrap_or(0),
            num_transformer_submodules: raw.num_transformer_submodules,
            unsupported,
            ignored,
            peft_type,
        }
    }

    fn check_numbers(&self) -> Result<(), BadPeftConfig> {
        let ranks = self.rank_pattern.iter().map(|(_, rank)| *rank).chain([self.r]);
        if (self.is_lora() || self.is_vera()) && ranks.into_iter().any(|rank| rank == 0) {
            let expected = "LoRA and VeRA need a rank of at least 1";
            return Err(BadPeftConfig::BadValue { field: "r", found: "0".into(), expected });
        }
        let known = ["none", "all", "lora_only"];
        if self.is_lora() && !known.contains(&self.bias.as_str()) {
            let expected = "LoRA knows `none`, `all` and `lora_only`";
            return Err(BadPeftConfig::BadValue { field: "bias", found: excerpt(&self.bias), expected });
        }
        if self.is_prompt() && self.num_virtual_tokens == 0 {
            let expected = "the method puts at least 1 token in front";
            return Err(BadPeftConfig::BadValue { field: "num_virtual_tokens", found: "0".into(), expected });
        }
        Ok(())
    }

    /// Whether it is LoRA, in any of its variants.
    pub fn is_lora(&self) -> bool {
        self.peft_type == "LORA"
    }

    /// Whether it is VeRA.
    pub fn is_vera(&self) -> bool {
        self.peft_type == "VERA"
    }

    /// Whether it puts virtual tokens in front of the input's, or keys and values in front of theirs.
    pub fn is_prompt(&self) -> bool {
        ["PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING"].contains(&self.peft_type.as_str())
    }

    /// Whether these are keys and values for each layer.
    pub fn is_prefix(&self) -> bool {
        self.peft_type == "PREFIX_TUNING"
    }

    /// Whether virtual tokens are stored for an encoder and a decoder.
    pub fn is_for_both(&self) -> bool {
        let both = self.task_type.as_deref() == Some("SEQ_2_SEQ_LM");
        self.num_transformer_submodules.map_or(both, |stacks| stacks == 2)
    }

    /// Rows of `prompt_embeddings`. For an encoder and a decoder PEFT stores twice as many embeddings as there are
    /// virtual tokens, and reads the encoder's alone; keys and values are the decoder's alone.
    pub fn prompt_rows(&self) -> u64 {
        let twice = self.is_for_both() && !self.is_prefix();
        self.num_virtual_tokens.saturating_mul(if twice { 2 } else { 1 })
    }

    /// The path of the module stored whole that the parameter at `path` belongs to, if any: the
    /// shortest beginning of the path that ends in one of `modules_to_save`. The library asks for the end
    /// of the text alone, dot or not: `classifier` stores `pre_classifier`, too.
    pub fn saved_module<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.match_indices('.')
            .map(|(at, _)| &path[..at])
            .find(|module| ends_in(&self.modules_to_save, module))
    }
}

/// Whether the text ends in one of `ends`, which are sorted.
pub(super) fn ends_in(ends: &[String], text: &str) -> bool {
    let mut tails = text.char_indices().map(|(at, _)| &text[at..]);
    tails.any(|tail| ends.binary_search_by(|end| end.as_str().cmp(tail)).is_ok())
}

/// Whether the path, or its end behind a dot, is among `ends`, which are sorted: both come from
/// uploads and may be many.
pub(super) fn has_end_of(ends: &[String], path: &str) -> bool {
    dotted_ends(path).any(|end| ends.binary_search_by(|known| known.as_str().cmp(end)).is_ok())
}

/// The path itself, and its ends behind each dot.
pub(super) fn dotted_ends(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(path.match_indices('.').map(|(at, _)| &path[at + 1..]))
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
