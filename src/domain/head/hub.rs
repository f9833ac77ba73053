//! Prediction heads as AdapterHub's library saves them, beside an adapter or by themselves: `head_config.json` and
//! `model_head.safetensors`. Those of a few linear layers are read as declared layers.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{HeadConfig, HeadInput, Layer, MLP, MOST_LAYERS, logits};
use crate::domain::finding::excerpt;
use crate::domain::json;

/// The weights' file name.
pub const WEIGHTS_FILE: &str = "model_head.safetensors";
/// What its `model_type` may be where a sequence's answer is read at the first token; elsewhere the library
/// reads it at the last one.
const FIRST_TOKEN: [&str; 4] = ["bert", "roberta", "xlm-roberta", "distilbert"];

/// The file as the library writes it.
#[derive(Debug, Deserialize)]
struct Saved {
    /// The head; none where it is that of a model class of transformers.
    config: Option<Head>,
    hidden_size: u64,
    model_class: String,
    #[serde(default)]
    model_type: Option<String>,
    #[serde(default)]
    model_name: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Head {
    head_type: String,
    #[serde(default)]
    num_labels: Option<u64>,
    #[serde(default)]
    layers: Option<u64>,
    #[serde(default)]
    activation_function: Option<String>,
    #[serde(default)]
    use_pooler: bool,
    #[serde(default)]
    bias: Option<bool>,
    #[serde(default)]
    label2id: Option<Map<String, Value>>,
}

/// Why such a head is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The file is not what the library writes.
    Malformed(String),
    /// The engine does not compute it.
    Unsupported(String),
}

/// Whether a config is that of the library.
pub fn recognises(bytes: &[u8]) -> bool {
    let fields: Option<Map<String, Value>> = json::object(bytes).ok();
    fields.is_some_and(|fields| {
        !fields.contains_key("kind") && fields.contains_key("model_class") && fields.contains_key("config")
    })
}

/// The declared layers that such a head is: dropout and a linear layer, `layers` times, with the activation
/// behind each but the last. The library numbers them, dropouts and activations too.
///
/// # Errors
/// When the file is not one of the library's, or the head is another.
pub fn read(bytes: &[u8]) -> Result<HeadConfig, Unread> {
    let saved: Saved = json::object(bytes).map_err(|error| Unread::Malformed(excerpt(&error.to_string())))?;
    let unsupported = |what: String| Err(Unread::Unsupported(what));
    let Some(head) = saved.config else {
        return unsupported(format!("a head of the class {}", excerpt(&saved.model_class)));
    };
    let (Some(outputs), Some(name)) = (head.num_labels, saved.name) else {
        return unsupported(format!("a head of the type {} without labels", excerpt(&head.head_type)));
    };
    let input = match head.head_type.as_str() {
        "tagging" => HeadInput::LastHiddenState,
        "classification" | "multilabel_classification" if head.use_pooler => HeadInput::PoolerOutput,
        "classification" | "multilabel_classification" => {
            let model = saved.model_type.unwrap_or_default();
            if !FIRST_TOKEN.contains(&model.as_str()) {
                return unsupported(format!("a head for whole sequences on `{}`", excerpt(&model)));
            }
            HeadInput::Cls
        }
        other => return unsupported(format!("a head of the type {}", excerpt(other))),
    };
    let count = head.layers.unwrap_or(1);
    if count == 0 || count > MOST_LAYERS as u64 / 4 {
        return unsupported(format!("a head of {count} layers"));
    }
    let mut layers = vec![];
    for layer in 1..=count {
        layers.push(Layer::Dropout { p: 0.0 });
        layers.push(Layer::Linear {
            name: format!("heads.{name}.{}", layers.len()),
            in_features: saved.hidden_size,
            out_features: if layer == count { outputs } else { saved.hidden_size },
            bias: Some(layer < count || head.bias.unwrap_or(true)),
        });
        if let (Some(activation), true) = (&head.activation_function, layer < count) {
            match Layer::activation(&activation.to_ascii_lowercase()) {
                Some(known) => layers.push(known),
                None => return unsupported(format!("the activation {} in a head", excerpt(activation))),
            }
        }
    }
    Ok(HeadConfig {
        kind: MLP.to_owned(),
        base_model_name_or_path: saved.model_name,
        input,
        output: logits(),
        in_features: saved.hidden_size,
        out_features: outputs,
        layers,
        labels: labels(head.label2id.unwrap_or_default(), outputs),
    })
}

/// The labels in the order of their numbers, where each number has one.
fn labels(numbers: Map<String, Value>, outputs: u64) -> Vec<String> {
    let mut named: Vec<(u64, String)> =
        numbers.into_iter().filter_map(|(label, number)| Some((number.as_u64()?, label))).collect();
    named.sort();
    let whole = named.len() as u64 == outputs && (0..).zip(&named).all(|(at, (number, _))| at == *number);
    if whole { named.into_iter().map(|(_, label)| label).collect() } else { vec![] }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
