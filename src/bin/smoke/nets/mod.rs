//! Networks, one architecture family per file. Parameter paths mirror the checkpoint, less the name
//! under which a model with a head keeps the bare network (`bert.`, `transformer.`, `model.`).
//!
//! A new family is a file that implements [`Family`] and a row in [`FAMILIES`].

mod bert;
mod distilbert;
mod gpt2;
mod heads;
mod llama;
mod mamba;
mod mpnet;
mod neox;
mod net;
mod opt;
pub mod parts;
mod phi;
mod relative;
mod rope;
mod shapes;
mod t5;
mod vit;
mod whisper;

use std::fmt::Debug;

use cambium::domain::bottleneck::Joints;
use cambium::domain::peft::Renamed;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tch::TchError;

use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

pub use net::{Keys, Net};
use parts::Activation;
pub use shapes::{Shapes, misshapen};

/// What a network is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// `input_ids` [batch, sequence] int64, and what goes with them.
    Tokens {
        /// Ids go from 0 to below this.
        vocabulary: i64,
        /// The longest sequence, where there is one.
        positions: Option<i64>,
    },
    /// `pixel_values` [batch, channels, height, width] float32.
    Pixels {
        /// Of colour.
        channels: i64,
        /// Height and width.
        size: i64,
    },
    /// `input_features` [batch, bins, frames] float32: a spectrogram.
    Features {
        /// Of frequency.
        bins: i64,
        /// Of time.
        frames: i64,
    },
}

/// What virtual tokens have to be like.
#[derive(Debug, Clone, Copy)]
pub struct Virtual {
    /// The width of the embedding that they are put in front of.
    pub width: i64,
    /// Layers, and their heads, where keys and values can be put in front of each layer's.
    pub keys: Option<(i64, parts::Heads)>,
}

/// One architecture family: what a checkpoint of it holds, and how it computes.
pub trait Family: Debug {
    /// What it is given.
    fn takes(&self) -> Takes;

    /// The name of the bare network inside of a model with a head, as `bert`.
    fn prefix(&self) -> &'static str;

    /// Parameters of the bare network. `named` are those of the checkpoint, for parts that are optional.
    fn shapes(&self, named: &Tensors) -> Shapes;

    /// Parameters of the heads that `named` has a part of. The first component of their paths tells
    /// them from the bare network's.
    fn heads(&self, named: &Tensors) -> Shapes;

    /// The first components of the paths of heads.
    fn head_names(&self) -> &'static [&'static str];

    /// Tensors of checkpoints that the forward pass does not use.
    fn ignores(&self, _name: &str) -> bool {
        false
    }

    /// What newer files call a parameter of this name.
    fn rename(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// What models call otherwise than files.
    fn renamed(&self) -> Renamed {
        Renamed::default()
    }

    /// A head's weight that is absent from the file where it is the embedding's: (weight, embedding).
    fn tied(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Whether the module at this path stores its weight as [in, out].
    fn is_transposed(&self, _path: &str) -> bool {
        false
    }

    /// What virtual tokens have to be like, where it can be given some.
    fn virtual_tokens(&self) -> Option<Virtual> {
        None
    }

    /// Where bottleneck adapters can stand, the number of layers, and their width.
    fn joints(&self) -> Option<(Joints, i64, i64)> {
        None
    }

    /// The forward pass. Gives `last_hidden_state`, and where the network has the parts, `logits` and
    /// `pooler_output`.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError>;
}

/// Why a config gives no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFamily {
    /// It is not a config of its family.
    Malformed(String),
    /// The engine cannot run what it asks for.
    Unsupported(String),
}

type Read = fn(&Value) -> Result<Box<dyn Family>, NoFamily>;

/// `model_type` in `config.json`, what its class names begin with, and how it is read.
const FAMILIES: &[(&str, &str, Read)] = &[
    ("bert", "Bert", bert::read_bert),
    ("roberta", "Roberta", bert::read_roberta),
    ("xlm-roberta", "XLMRoberta", bert::read_roberta),
    ("camembert", "Camembert", bert::read_roberta),
    ("distilbert", "DistilBert", distilbert::read),
    ("mpnet", "MPNet", mpnet::read),
    ("gpt2", "GPT2", gpt2::read),
    ("gpt_neox", "GPTNeoX", neox::read),
    ("opt", "OPT", opt::read),
    ("phi", "Phi", phi::read),
    ("llama", "Llama", llama::read_llama),
    ("mistral", "Mistral", llama::read_mistral),
    ("qwen2", "Qwen2", llama::read_qwen2),
    ("qwen3", "Qwen3", llama::read_qwen3),
    ("gemma", "Gemma", llama::read_gemma),
    ("t5", "T5", t5::read),
    ("vit", "ViT", vit::read_vit),
    ("dinov2", "Dinov2", vit::read_dino),
    ("clip", "CLIPModel", vit::read_clip),
    ("clip_vision_model", "CLIPVision", vit::read_clip),
    ("whisper", "Whisper", whisper::read),
    ("mamba", "Mamba", mamba::read),
];

/// What the engine can run natively, for refusals.
pub fn supported() -> String {
    FAMILIES.iter().map(|(model_type, ..)| format!("`{model_type}`")).collect::<Vec<_>>().join(", ")
}

/// The network that `config.json` describes, without its parameters.
///
/// # Errors
/// Why there is none.
pub fn family(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let word = |field: &str| config.get(field).and_then(Value::as_str);
    let class = class(config);
    let row = match word("model_type") {
        Some(model_type) => FAMILIES.iter().find(|(known, ..)| *known == model_type),
        None => FAMILIES.iter().find(|(_, known, _)| class.starts_with(known)),
    };
    let Some((_, _, read)) = row else {
        let found = word("model_type").unwrap_or(if class.is_empty() { "none named" } else { class });
        return Err(NoFamily::Unsupported(format!("the architecture `{found}`")));
    };
    read(config)
}

/// A config's fields.
fn fields<T: DeserializeOwned>(config: &Value) -> Result<T, NoFamily> {
    T::deserialize(config).map_err(|error| NoFamily::Malformed(error.to_string()))
}

/// The largest number of layers that is believed; beyond it a config is a mistake or an attack.
const MAX_LAYERS: i64 = 512;
/// The largest of any other size.
const MAX_SIZE: i64 = 1 << 31;

/// Refuses sizes that are not positive, and numbers of layers that nothing has.
fn sane(layers: i64, sizes: &[(&str, i64)]) -> Result<(), NoFamily> {
    if !(0..=MAX_LAYERS).contains(&layers) {
        return Err(NoFamily::Unsupported(format!("{layers} layers")));
    }
    match sizes.iter().find(|(_, size)| !(1..=MAX_SIZE).contains(size)) {
        Some((name, size)) => Err(NoFamily::Unsupported(format!("a {name} of {size}"))),
        None => Ok(()),
    }
}

/// Refuses a width that its parts do not add up to.
fn divides(what: &str, whole: i64, parts: i64) -> Result<(), NoFamily> {
    if parts > 0 && whole % parts == 0 {
        return Ok(());
    }
    Err(NoFamily::Unsupported(format!("{what}: {whole} is not a multiple of {parts}")))
}

/// The activation of this name.
fn activation(name: &str) -> Result<Activation, NoFamily> {
    Activation::of(name).ok_or_else(|| NoFamily::Unsupported(format!("the activation `{name}`")))
}

/// The class that the network was saved from, as `BertForMaskedLM`; empty where the config does not say.
fn class(config: &Value) -> &str {
    config.get("architectures").and_then(|all| all.get(0)).and_then(Value::as_str).unwrap_or_default()
}
