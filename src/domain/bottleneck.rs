//! Bottleneck adapters as AdapterHub's library (`adapters`) saves them: Houlsby et al.,
//! "Parameter-Efficient Transfer Learning for NLP"; Pfeiffer et al., "AdapterFusion"; He et al., "Towards a
//! Unified View of Parameter-Efficient Transfer Learning", for those in parallel.
//!
//! A small network stands behind a sublayer, where its output meets what went past it: the joint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::finding::excerpt;
use super::json;
use super::peft::BadPeftConfig;

/// The weights of such an adapter; its config is called as PEFT's is.
pub const WEIGHTS_FILE: &str = "adapter.safetensors";
/// The longest config read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Where layers of an architecture have their joints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joints {
    /// What stands before the number of a layer.
    pub layers: &'static str,
    /// The joint behind attention, in the layer.
    pub attention: &'static str,
    /// The joint behind the feed-forward part.
    pub output: &'static str,
}

/// By `model_type`.
const ARCHITECTURES: [(&str, Joints); 10] = {
    const BERT: Joints = Joints { layers: "encoder.layer", attention: "attention.output", output: "output" };
    const LLAMA: Joints = Joints { layers: "layers", ..GPT2 };
    const GPT2: Joints = Joints { layers: "h", attention: "attention_adapters", output: "output_adapters" };
    [
        ("bert", BERT),
        ("roberta", BERT),
        ("xlm-roberta", BERT),
        ("camembert", BERT),
        ("distilbert", Joints { layers: "transformer.layer", ..GPT2 }),
        ("gpt2", GPT2),
        ("llama", LLAMA),
        ("mistral", LLAMA),
        ("qwen2", LLAMA),
        ("qwen3", LLAMA),
    ]
};

impl Joints {
    /// Those of a `model_type`.
    pub fn of(model_type: &str) -> Option<Self> {
        ARCHITECTURES.iter().find(|(known, _)| *known == model_type).map(|(_, joints)| *joints)
    }

    /// A name from the layers on, without what a model with a head puts in front.
    pub fn bare<'a>(&self, name: &'a str) -> &'a str {
        let starts = |rest: &str| rest.strip_prefix(self.layers).is_some_and(|rest| rest.starts_with('.'));
        match name.split_once('.') {
            Some((_, rest)) if !starts(name) && starts(rest) => rest,
            _ => name,
        }
    }

    /// The number of the layer that a bare name lies in.
    pub fn layer(&self, bare: &str) -> Option<u64> {
        bare.strip_prefix(self.layers)?.strip_prefix('.')?.split('.').next()?.parse().ok()
    }
}

/// What such an adapter's config says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BottleneckConfig {
    /// The adapter's name, which its tensors' names hold.
    pub name: String,
    /// The model it was trained on, as its author named it.
    #[serde(default)]
    pub model_name: Option<String>,
    /// How it is built.
    pub config: Build,
}

/// How an adapter is built, with the library's defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// Whether it stands behind attention.
    pub mh_adapter: bool,
    /// Whether it stands behind the feed-forward part.
    pub output_adapter: bool,
    /// How many times narrower it is than the network.
    pub reduction_factor: Reduction,
    /// Its activation.
    pub non_linearity: String,
    /// Whether it sees the joint's sum, normed, instead of the sublayer's output.
    #[serde(default)]
    pub original_ln_before: bool,
    /// Whether the joint's sum and norm come after it.
    #[serde(default = "yes")]
    pub original_ln_after: bool,
    /// Whether it has a norm of its own behind it.
    #[serde(default)]
    pub ln_after: bool,
    /// Whether it stands beside the sublayer and sees what goes past it.
    #[serde(default)]
    pub is_parallel: bool,
    /// What its output is multiplied by.
    #[serde(default)]
    pub scaling: Scaling,
    /// What goes past it.
    #[serde(default)]
    pub residual_before_ln: Residual,
    /// Whether that is added before its own norm.
    #[serde(default)]
    pub adapter_residual_before_ln: bool,
    /// Layers that have none.
    #[serde(default)]
    pub leave_out: Vec<u64>,
    /// The other fields.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

const fn yes() -> bool {
    true
}

/// How many times narrower an adapter is, for all layers or by layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reduction {
    /// In all of them.
    All(f64),
    /// By the number of the layer, and `default` for the others.
    Each(BTreeMap<String, f64>),
}

/// What an adapter's output is multiplied by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scaling {
    /// A number.
    Fixed(f64),
    /// `learned`, one number, or `channel`, one for each of the width.
    Learned(String),
}

impl Default for Scaling {
    fn default() -> Self {
        Self::Fixed(1.0)
    }
}

/// What goes past an adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Residual {
    /// The sublayer's output, or else what the adapter sees.
    Before(bool),
    /// `post_add`: the joint's sum.
    Word(String),
}

impl Default for Residual {
    fn default() -> Self {
        Self::Before(true)
    }
}

impl BottleneckConfig {
    /// Whether a config is of this format: it says how to build it, and no method of PEFT.
    pub fn recognises(bytes: &[u8]) -> bool {
        let fields: Option<Map<String, Value>> =
            (bytes.len() <= MAX_BYTES).then(|| json::object(bytes).ok()).flatten();
        fields.is_some_and(|fields| {
            !fields.contains_key("peft_type") && fields.get("config").is_some_and(Value::is_object)
        })
    }

    /// Reads `adapter_config.json`.
    ///
    /// # Errors
    /// When it is too large, not JSON, or has a field of the wrong type or without sense.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadPeftConfig> {
        if bytes.len() > MAX_BYTES {
            return Err(BadPeftConfig::TooLarge(bytes.len()));
        }
        let read: Result<Self, _> = json::object(bytes);
        let config = read.map_err(|error| BadPeftConfig::Malformed(excerpt(&error.to_string())))?;
        let positive = |factor: f64| factor.is_finite() && factor > 0.0;
        let sound = match &config.config.reduction_factor {
            Reduction::All(factor) => positive(*factor),
            Reduction::Each(factors) => factors.values().all(|factor| positive(*factor)),
        };
        if sound {
            return Ok(config);
        }
        let expected = "it has to be a number above 0";
        let found = "0, negative or no number".to_owned();
        Err(BadPeftConfig::BadValue { field: "reduction_factor", found, expected })
    }

    /// What is asked for and not understood here.
    pub fn unsupported(&self) -> Vec<String> {
        let build = &self.config;
        let on = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
        let fields = ["architecture", "inv_adapter", "ln_before", "phm_layer", "use_gating"];
        let fields = fields.into_iter().filter(|field| build.rest.get(*field).is_some_and(on));
        let mut all: Vec<String> = fields.map(str::to_owned).collect();
        if let Residual::Word(word) = &build.residual_before_ln
            && word != "post_add"
        {
            all.push(format!("residual_before_ln {}", excerpt(word)));
        }
        if let Scaling::Learned(word) = &build.scaling
            && !["learned", "channel"].contains(&word.as_str())
        {
            all.push(format!("scaling {}", excerpt(word)));
        }
        all
    }

    /// The tensors that it has on a network of this width and number of layers, by bare name, with their
    /// shapes.
    pub fn expected(&self, joints: Joints, layers: u64, width: u64) -> BTreeMap<String, Vec<u64>> {
        let (build, mut tensors) = (&self.config, BTreeMap::new());
        for layer in (0..layers).filter(|layer| !build.leave_out.contains(layer)) {
            let Some(inner) = build.inner(layer, width) else { continue };
            for (there, joint) in
                [(build.mh_adapter, joints.attention), (build.output_adapter, joints.output)]
            {
                if there {
                    let at = |rest: &str| format!("{}{rest}", self.path(joints, layer, joint));
                    tensors.insert(at("adapter_down.0.weight"), vec![inner, width]);
                    tensors.insert(at("adapter_down.0.bias"), vec![inner]);
                    tensors.insert(at("adapter_up.weight"), vec![width, inner]);
                    tensors.insert(at("adapter_up.bias"), vec![width]);
                    if build.ln_after {
                        tensors.insert(at("adapter_norm_after.weight"), vec![width]);
                        tensors.insert(at("adapter_norm_after.bias"), vec![width]);
                    }
                    if let Scaling::Learned(word) = &build.scaling {
                        let size = if word == "channel" { width } else { 1 };
                        tensors.insert(at("scaling"), vec![size]);
                    }
                }
            }
        }
        tensors
    }

    /// What the bare names of the tensors at a joint begin with.
    pub fn path(&self, joints: Joints, layer: u64, joint: &str) -> String {
        format!("{}.{layer}.{joint}.adapters.{}.", joints.layers, self.name)
    }
}

impl Build {
    /// How wide it is in a layer; `None` where the config does not say.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "widths are small, and cut as the library cuts them"
    )]
    fn inner(&self, layer: u64, width: u64) -> Option<u64> {
        let factor = match &self.reduction_factor {
            Reduction::All(factor) => *factor,
            Reduction::Each(factors) => {
                *factors.get(&layer.to_string()).or_else(|| factors.get("default"))?
            }
        };
        Some(((width as f64 / factor).floor() as u64).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(build: &str) -> Result<BottleneckConfig, BadPeftConfig> {
        let fixed = r#""mh_adapter":true,"output_adapter":true,"non_linearity":"relu""#;
        BottleneckConfig::parse(format!(r#"{{"name":"n","config":{{{fixed}{build}}}}}"#).as_bytes())
    }

    #[test]
    fn widths_follow_the_reduction_of_each_layer() {
        let config =
            config(r#","reduction_factor":{"1":2,"default":400},"leave_out":[2],"scaling":"learned""#)
                .unwrap();
        let tensors = config.expected(Joints::of("bert").unwrap(), 3, 32);
        assert_eq!(tensors["encoder.layer.1.attention.output.adapters.n.adapter_down.0.weight"], [16, 32]);
        // Never narrower than one number.
        assert_eq!(tensors["encoder.layer.0.output.adapters.n.adapter_up.weight"], [32, 1]);
        assert_eq!(tensors["encoder.layer.0.output.adapters.n.scaling"], [1]);
        assert!(!tensors.keys().any(|name| name.starts_with("encoder.layer.2.")));
        assert_eq!(config.unsupported(), Vec::<String>::new());
    }

    #[test]
    fn widths_without_sense_are_refused() {
        for factor in ["0", "-1", r#"{"0":0}"#, r#""no""#, "null"] {
            assert!(config(&format!(r#","reduction_factor":{factor}"#)).is_err(), "{factor}");
        }
        assert!(BottleneckConfig::parse(br#"{"name":"n","config":{}}"#).is_err());
    }

    #[test]
    fn options_that_are_not_understood_are_named() {
        let config =
            config(r#","reduction_factor":2,"phm_layer":true,"inv_adapter":"nice","use_gating":false"#);
        assert_eq!(config.unwrap().unsupported(), ["inv_adapter", "phm_layer"]);
    }

    #[test]
    fn the_format_is_told_from_pefts() {
        assert!(BottleneckConfig::recognises(br#"{"config":{},"name":"n"}"#));
        for other in [&br#"{"peft_type":"LORA","config":{}}"#[..], br#"{"config":3}"#, b"{}", b"no"] {
            assert!(!BottleneckConfig::recognises(other));
        }
    }

    #[test]
    fn names_are_told_from_the_layers_on() {
        let joints = Joints::of("roberta").unwrap();
        let bare = "encoder.layer.11.output.adapters.n.scaling";
        assert_eq!(joints.bare(&format!("roberta.{bare}")), bare);
        assert_eq!(joints.bare(bare), bare);
        assert_eq!((joints.layer(bare), joints.layer("pooler.dense")), (Some(11), None));
        assert_eq!(Joints::of("t5"), None);
    }
}
