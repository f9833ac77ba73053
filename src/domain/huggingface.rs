//! Hugging Face model folders: `config.json`, and the index of sharded weights.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::dtype::Dtype;
use super::finding::{Finding, Findings, excerpt};
use super::interface::{AttachPoint, Dim, Interface, Port};
use super::json;

/// The config's file name.
pub const CONFIG_FILE: &str = "config.json";
/// The weights' file name where they are one file.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// The file name of the index of sharded weights.
pub const INDEX_FILE: &str = "model.safetensors.index.json";

/// Encoders that give hidden states for tokens, and whether they take `token_type_ids`.
const ENCODERS: [(&str, bool); 10] = [
    ("albert", true),
    ("bert", true),
    ("camembert", false),
    ("deberta-v2", false),
    ("distilbert", false),
    ("electra", true),
    ("modernbert", false),
    ("mpnet", false),
    ("roberta", false),
    ("xlm-roberta", false),
];

/// Language models that give scores for the next token.
const CAUSAL: [&str; 15] = [
    "gemma",
    "gemma2",
    "gemma3_text",
    "gpt2",
    "gpt_neo",
    "gpt_neox",
    "llama",
    "mamba",
    "mistral",
    "mixtral",
    "opt",
    "phi",
    "phi3",
    "qwen2",
    "qwen3",
];

/// What `config.json` says, as far as it decides the interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelConfig {
    /// The architecture's word, as `bert`.
    pub model_type: Option<String>,
    /// The class that it was saved from, as `BertModel`.
    pub class: Option<String>,
    /// Width of the hidden states.
    pub hidden_size: Option<u64>,
    /// Tokens of the vocabulary.
    pub vocab_size: Option<u64>,
    /// The precision that it names, in PyTorch's words.
    pub precision: Option<String>,
    /// The names of its classes, by their numbers; empty where they only repeat the number.
    pub classes: Vec<String>,
    /// How its weights are quantised, as `gptq 4 bit`.
    pub quantisation: Option<String>,
}

/// The most classes whose names are kept.
const MOST_CLASSES: usize = 1024;

/// `id2label` as a list, where it has a name for each number from 0 on that says more than the number.
fn classes(labels: Option<BTreeMap<String, Value>>) -> Vec<String> {
    let labels = labels.unwrap_or_default();
    if labels.len() > MOST_CLASSES {
        return Vec::new();
    }
    let name = |at: usize| labels.get(&at.to_string())?.as_str().map(excerpt);
    let names: Option<Vec<String>> = (0..labels.len()).map(name).collect();
    let placeholder =
        |names: &[String]| names.iter().enumerate().all(|(at, name)| *name == format!("LABEL_{at}"));
    names.filter(|names| !placeholder(names)).unwrap_or_default()
}

/// The words of `quantization_config`.
fn quantisation(config: Option<Value>) -> Option<String> {
    let config = config?;
    let method = excerpt(config.get("quant_method")?.as_str()?);
    let flag = |name: &str| config.get(name).and_then(Value::as_bool).unwrap_or(false);
    let bits = match config.get("bits").and_then(Value::as_u64) {
        None if flag("load_in_4bit") => Some(4),
        None if flag("load_in_8bit") => Some(8),
        bits => bits,
    };
    Some(bits.map_or_else(|| method.clone(), |bits| format!("{method} {bits} bit")))
}

impl ModelConfig {
    /// Reads `config.json`.
    ///
    /// # Errors
    /// With a sentence, when it is not a JSON object, or one of these fields has the wrong type.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(default)]
            model_type: Option<String>,
            #[serde(default)]
            architectures: Option<Vec<String>>,
            #[serde(default)]
            hidden_size: Option<u64>,
            #[serde(default)]
            dim: Option<Value>,
            #[serde(default)]
            n_embd: Option<u64>,
            #[serde(default)]
            vocab_size: Option<u64>,
            #[serde(default)]
            word_embed_proj_dim: Option<u64>,
            #[serde(default)]
            dtype: Option<String>,
            #[serde(default)]
            torch_dtype: Option<String>,
            #[serde(default)]
            id2label: Option<BTreeMap<String, Value>>,
            #[serde(default)]
            quantization_config: Option<Value>,
        }
        let raw: Raw = json::object(bytes).map_err(|error| excerpt(&error.to_string()))?;
        let precision = raw.dtype.or(raw.torch_dtype);
        let precision = precision.map(|word| word.trim_start_matches("torch.").to_owned());
        Ok(Self {
            model_type: raw.model_type.filter(|word| !word.is_empty()),
            class: raw.architectures.and_then(|classes| classes.into_iter().next()),
            // OPT gives its hidden states at the width of its embeddings.
            hidden_size: raw
                .word_embed_proj_dim
                .or(raw.hidden_size)
                .or(raw.n_embd)
                .or_else(|| raw.dim?.as_u64()),
            vocab_size: raw.vocab_size,
            precision: precision.filter(|word| Dtype::from_torch(word).is_some()),
            classes: classes(raw.id2label),
            quantisation: quantisation(raw.quantization_config),
        })
    }

    /// The interface of a model with this config and these parameters, sorted by name. Ports are
    /// empty for architectures that are not known.
    pub fn interface(&self, parameters: Vec<AttachPoint>) -> Interface {
        let precision = self.precision.clone().or_else(|| commonest_float(&parameters));
        let float = precision.clone().unwrap_or_else(|| "float32".to_owned());
        let (inputs, outputs) = self.ports(&parameters, &float);
        Interface {
            inputs,
            outputs,
            precision,
            architecture: self.model_type.clone(),
            quantisation: self.quantisation.clone(),
            attach_points: parameters,
            ..Interface::default()
        }
    }

    fn ports(&self, parameters: &[AttachPoint], float: &str) -> (Vec<Port>, Vec<Port>) {
        let none = (Vec::new(), Vec::new());
        let (Some(model_type), Some(hidden)) = (self.model_type.as_deref(), self.hidden_size) else {
            return none;
        };
        let encoder = ENCODERS.iter().find(|(name, _)| *name == model_type);
        if encoder.is_none() && !CAUSAL.contains(&model_type) {
            return none;
        }
        let mut inputs = vec![
            text_port("input_ids", "int64", &["batch", "sequence"], "token ids"),
            text_port("attention_mask", "int64", &["batch", "sequence"], "1 for tokens, 0 for padding"),
        ];
        if encoder.is_some_and(|(_, token_types)| *token_types) {
            inputs.push(text_port("token_type_ids", "int64", &["batch", "sequence"], "segment ids"));
        }
        let sized = |name, dims: &[&str], last, semantics| {
            let mut port = text_port(name, float, dims, semantics);
            port.dims.push(Dim::Fixed(last));
            port
        };
        let mut outputs = vec![sized("last_hidden_state", &["batch", "sequence"], hidden, "hidden states")];
        let find = |end: &str| {
            parameters.iter().find(|point| point.name == end || point.name.ends_with(&format!(".{end}")))
        };
        if encoder.is_some() && find("pooler.dense.weight").is_some() {
            outputs.push(sized("pooler_output", &["batch"], hidden, "pooled hidden state"));
        }
        let class = self.class.as_deref().unwrap_or_default();
        let head = ["classifier.weight", "classifier.out_proj.weight", "score.weight"];
        let labels = head.iter().find_map(|name| find(name)).and_then(|point| point.shape.first());
        match (labels, self.vocab_size) {
            (Some(labels), _) if class.ends_with("ForSequenceClassification") => {
                outputs.push(self.named(sized("logits", &["batch"], *labels, "class scores")));
            }
            (Some(labels), _) if class.ends_with("ForTokenClassification") => {
                outputs.push(self.named(sized("logits", &["batch", "sequence"], *labels, "class scores")));
            }
            (_, Some(vocabulary)) if class.ends_with("ForCausalLM") || class.ends_with("LMHeadModel") => {
                outputs.push(sized("logits", &["batch", "sequence"], vocabulary, "next token scores"));
            }
            _ => {}
        }
        (inputs, outputs)
    }
}

impl ModelConfig {
    /// The scores of classes with their names, where there is one for each.
    fn named(&self, mut port: Port) -> Port {
        if port.dims.last() == Some(&Dim::Fixed(self.classes.len() as u64)) {
            port.classes.clone_from(&self.classes);
        }
        port
    }
}

/// A port of texts with symbolic dimensions.
pub(super) fn text_port(name: &str, dtype: &str, dims: &[&str], semantics: &str) -> Port {
    Port {
        name: name.to_owned(),
        dtype: dtype.to_owned(),
        dims: dims.iter().map(|dim| Dim::Symbol((*dim).to_owned())).collect(),
        semantics: Some(semantics.to_owned()),
        normalisation: None,
        vocabulary: None,
        modality: Some("text".to_owned()),
        classes: Vec::new(),
        origin: None,
        optional: false,
    }
}

/// The floating-point type of the most elements.
fn commonest_float(parameters: &[AttachPoint]) -> Option<String> {
    let mut elements: BTreeMap<&str, u128> = BTreeMap::new();
    for point in parameters {
        if Dtype::from_torch(&point.dtype).is_some_and(Dtype::is_float) {
            *elements.entry(&point.dtype).or_default() +=
                point.shape.iter().map(|size| u128::from(*size)).product::<u128>();
        }
    }
    elements.into_iter().max_by_key(|(_, count)| *count).map(|(dtype, _)| dtype.to_owned())
}

/// The index of sharded weights: the shard of each tensor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShardIndex {
    /// Tensor → file name.
    pub weight_map: BTreeMap<String, String>,
}

impl ShardIndex {
    /// Reads `model.safetensors.index.json`.
    ///
    /// # Errors
    /// With a sentence, when it is not JSON or has no `weight_map` of texts.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        json::object(bytes).map_err(|error| excerpt(&error.to_string()))
    }

    /// The files that it names.
    pub fn shards(&self) -> BTreeSet<&str> {
        self.weight_map.values().map(String::as_str).collect()
    }

    /// What of the index is not true of the shards at hand: `shards` has the tensor names of each.
    /// Shards that are absent are left to the caller.
    pub fn check(&self, shards: &BTreeMap<&str, BTreeSet<&str>>, findings: &mut Findings) {
        for (tensor, file) in &self.weight_map {
            if shards.get(file.as_str()).is_some_and(|tensors| !tensors.contains(tensor.as_str())) {
                let message = format!(
                    "The index says that `{}` is in {}, and it is not.",
                    excerpt(tensor),
                    excerpt(file)
                );
                findings.push(index_finding(message));
            }
        }
        for (file, tensors) in shards {
            for tensor in tensors {
                if self.weight_map.get(*tensor).is_none_or(|named| named != file) {
                    let message = format!(
                        "{} has `{}`, and the index does not say so.",
                        excerpt(file),
                        excerpt(tensor)
                    );
                    findings.push(index_finding(message));
                }
            }
        }
    }
}

fn index_finding(message: String) -> Finding {
    Finding::error(
        "index_mismatch",
        INDEX_FILE,
        message,
        "Save the model again, so that index and shards belong together.",
    )
}
