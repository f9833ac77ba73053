//! The BERT family: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers".
//!
//! Parameters keep the names of the checkpoint, less a leading `bert.`; the names of old checkpoints
//! (`gamma`, `beta`) become today's.

use std::collections::BTreeMap;

use cambium::domain::finding::{Finding, excerpt};
use serde::Deserialize;
use tch::{Kind, TchError, Tensor};

use crate::adapter::Parameters;
use crate::load::Tensors;
use crate::values::{Values, mean_pool};

/// The parts of `config.json` that decide how the network computes.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
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
    architectures: Option<Vec<String>>,
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

/// The largest number of layers that is believed; beyond it a config is a mistake or an attack.
const MAX_LAYERS: i64 = 512;

/// A BERT, its parameters and what is attached to them.
#[derive(Debug)]
pub struct Bert {
    config: Config,
    /// Its parameters, and adapters on them.
    pub parameters: Parameters,
    /// The checkpoint's names of parameters that are called otherwise here.
    names: BTreeMap<String, String>,
}

/// What a checkpoint's names came to.
#[derive(Debug, Default)]
pub struct Keys {
    /// Parameters that the network uses.
    pub consumed: usize,
    /// Known to be no part of the forward pass, as `position_ids` and pretraining heads.
    pub ignored: Vec<String>,
    /// Needed and not there.
    pub missing: Vec<String>,
    /// There and not known.
    pub unexpected: Vec<String>,
    /// One finding for each parameter of another shape than the config demands.
    pub misshapen: Vec<Finding>,
}

impl Config {
    /// Why this config cannot be run, if it cannot.
    pub fn unsupported(&self) -> Option<String> {
        let sizes = [self.vocab_size, self.hidden_size, self.num_attention_heads, self.intermediate_size];
        if sizes.iter().chain([&self.max_position_embeddings, &self.type_vocab_size]).any(|size| *size < 1) {
            return Some("a size in config.json is not positive".to_owned());
        }
        if !(0..=MAX_LAYERS).contains(&self.num_hidden_layers) {
            return Some(format!("config.json asks for {} layers", self.num_hidden_layers));
        }
        if self.hidden_size % self.num_attention_heads != 0 {
            return Some("hidden_size is not a multiple of num_attention_heads".to_owned());
        }
        match self.position_embedding_type.as_deref() {
            None | Some("absolute") => {}
            Some(other) => return Some(format!("position_embedding_type `{}`", excerpt(other))),
        }
        if self.is_decoder {
            return Some("is_decoder".to_owned());
        }
        let known = ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish", "tanh"];
        (!known.contains(&self.hidden_act.as_str()))
            .then(|| format!("the activation `{}`", excerpt(&self.hidden_act)))
    }

    /// Tokens that the embeddings know.
    pub fn vocabulary(&self) -> i64 {
        self.vocab_size
    }

    /// The longest sequence.
    pub fn positions(&self) -> i64 {
        self.max_position_embeddings
    }

    fn labels_tokens(&self) -> bool {
        self.architectures.iter().flatten().any(|name| name.ends_with("ForTokenClassification"))
    }

    /// Every parameter of the bare model with its shape; the pooler's where `pooler` says so.
    fn expected(&self, pooler: bool) -> Vec<(String, Vec<i64>)> {
        let (hidden, inner) = (self.hidden_size, self.intermediate_size);
        let mut all = vec![
            ("embeddings.word_embeddings.weight".to_owned(), vec![self.vocab_size, hidden]),
            ("embeddings.position_embeddings.weight".to_owned(), vec![self.max_position_embeddings, hidden]),
            ("embeddings.token_type_embeddings.weight".to_owned(), vec![self.type_vocab_size, hidden]),
        ];
        let mut add = |path: String, shape: &[i64]| {
            all.push((format!("{path}.weight"), shape.to_vec()));
            all.push((format!("{path}.bias"), shape[..1].to_vec()));
        };
        add("embeddings.LayerNorm".to_owned(), &[hidden]);
        for layer in 0..self.num_hidden_layers {
            let at = |rest: &str| format!("encoder.layer.{layer}.{rest}");
            for projection in ["query", "key", "value"] {
                add(at(&format!("attention.self.{projection}")), &[hidden, hidden]);
            }
            add(at("attention.output.dense"), &[hidden, hidden]);
            add(at("attention.output.LayerNorm"), &[hidden]);
            add(at("intermediate.dense"), &[inner, hidden]);
            add(at("output.dense"), &[hidden, inner]);
            add(at("output.LayerNorm"), &[hidden]);
        }
        if pooler {
            add("pooler.dense".to_owned(), &[hidden, hidden]);
        }
        all
    }
}

/// The name of a parameter inside of the network: without `bert.`, and with today's norm names.
pub fn canonical(name: &str) -> String {
    let name = name.strip_prefix("bert.").unwrap_or(name);
    match name.strip_suffix("LayerNorm.gamma") {
        Some(path) => format!("{path}LayerNorm.weight"),
        None => match name.strip_suffix("LayerNorm.beta") {
            Some(path) => format!("{path}LayerNorm.bias"),
            None => name.to_owned(),
        },
    }
}

/// Parts of checkpoints that the forward pass does not use.
fn is_ignored(name: &str) -> bool {
    name == "embeddings.position_ids" || name == "embeddings.token_type_ids" || name.starts_with("cls.")
}

impl Bert {
    /// Builds the network from a checkpoint; [`Keys`] say whether it is complete.
    ///
    /// # Errors
    /// When libtorch fails to convert a parameter to float32.
    pub fn new(config: Config, tensors: Tensors) -> Result<(Self, Keys), TchError> {
        let (mut named, mut names) = (Tensors::new(), BTreeMap::new());
        let mut keys = Keys::default();
        for (name, tensor) in tensors {
            let short = canonical(&name);
            if is_ignored(&short) {
                keys.ignored.push(name);
                continue;
            }
            // Computing is in float32 whatever the checkpoint is stored in.
            let tensor = if tensor.is_floating_point() { tensor.f_to_kind(Kind::Float)? } else { tensor };
            if named.insert(short.clone(), tensor).is_some() {
                keys.unexpected.push(name);
            } else if short != name {
                names.insert(short, name);
            }
        }
        let pooler = named.keys().any(|name| name.starts_with("pooler."));
        let mut expected = config.expected(pooler);
        expected.extend(classifier_shapes(&named, config.hidden_size));
        for (name, shape) in &expected {
            match named.get(name) {
                None => keys.missing.push(name.clone()),
                Some(tensor) if tensor.size() != *shape => {
                    keys.misshapen.push(misshapen(name, tensor, shape))
                }
                Some(_) => keys.consumed += 1,
            }
        }
        let known: std::collections::BTreeSet<&str> =
            expected.iter().map(|(name, _)| name.as_str()).collect();
        keys.unexpected.extend(named.keys().filter(|name| !known.contains(name.as_str())).cloned());
        Ok((Self { config, parameters: Parameters::new(named), names }, keys))
    }

    /// What `config.json` said.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the checkpoint calls the parameter at this path.
    pub fn name_in_file(&self, path: &str) -> String {
        self.names.get(path).cloned().unwrap_or_else(|| path.to_owned())
    }

    /// The forward pass: `input_ids` [batch, sequence] int64, and optional `attention_mask`,
    /// `token_type_ids`, `position_ids`. Gives `last_hidden_state`, `mean_pooled`, and where the
    /// network has the parts, `pooler_output` and `logits`.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn forward(&self, inputs: &Values) -> Result<Values, TchError> {
        let missing = || TchError::Kind("the probe has no input_ids".to_owned());
        let ids = inputs.get("input_ids").ok_or_else(missing)?;
        let mask = match inputs.get("attention_mask") {
            Some(mask) => mask.f_to_kind(Kind::Float)?,
            None => ids.f_ones_like()?.f_to_kind(Kind::Float)?,
        };
        // [batch, 1, 1, sequence]: 0 where attended, the lowest float where not.
        let bias = mask.f_rsub_scalar(1.0)?.f_mul_scalar(f64::from(f32::MIN))?;
        let bias = bias.f_unsqueeze(1)?.f_unsqueeze(1)?;
        let mut hidden = self.embed(ids, inputs)?;
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.layer(layer, &hidden, &bias)?;
        }
        let mut outputs = Values::new();
        outputs.insert("mean_pooled".to_owned(), mean_pool(&hidden, &mask)?);
        self.add_heads(&hidden, &mut outputs)?;
        outputs.insert("last_hidden_state".to_owned(), hidden);
        Ok(outputs)
    }

    fn embed(&self, ids: &Tensor, inputs: &Values) -> Result<Tensor, TchError> {
        let words = self.parameters.embedding("embeddings.word_embeddings", ids)?;
        let types = match inputs.get("token_type_ids") {
            Some(types) => types.shallow_clone(),
            None => ids.f_zeros_like()?,
        };
        let types = self.parameters.embedding("embeddings.token_type_embeddings", &types)?;
        let positions = match inputs.get("position_ids") {
            Some(positions) => positions.shallow_clone(),
            None => Tensor::f_arange(ids.size().last().copied().unwrap_or(0), (Kind::Int64, ids.device()))?,
        };
        let positions = self.parameters.embedding("embeddings.position_embeddings", &positions)?;
        self.norm("embeddings.LayerNorm", &words.f_add(&types)?.f_add(&positions)?)
    }

    fn layer(&self, number: i64, hidden: &Tensor, bias: &Tensor) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("encoder.layer.{number}.{rest}");
        let attended = self.attend(&at("attention"), hidden, bias)?;
        let mut inner = self.parameters.linear(&at("intermediate.dense"), &attended)?;
        // In place: this is the largest tensor of a pass.
        self.activate(&mut inner)?;
        let mut out = self.parameters.linear(&at("output.dense"), &inner)?;
        drop(inner);
        out = out.f_add_(&attended)?;
        self.norm(&at("output.LayerNorm"), &out)
    }

    fn attend(&self, path: &str, hidden: &Tensor, bias: &Tensor) -> Result<Tensor, TchError> {
        let (heads, width) = (self.config.num_attention_heads, self.config.hidden_size);
        let size = hidden.size();
        let split = |name: &str| -> Result<Tensor, TchError> {
            let projected = self.parameters.linear(&format!("{path}.self.{name}"), hidden)?;
            projected.f_view([size[0], size[1], heads, width / heads])?.f_transpose(1, 2)
        };
        let context = Tensor::f_scaled_dot_product_attention(
            &split("query")?,
            &split("key")?,
            &split("value")?,
            Some(bias),
            0.0,
            false,
            None::<f64>,
            false,
        )?;
        let context = context.f_transpose(1, 2)?.f_reshape([size[0], size[1], width])?;
        let mut attended = self.parameters.linear(&format!("{path}.output.dense"), &context)?;
        attended = attended.f_add_(hidden)?;
        self.norm(&format!("{path}.output.LayerNorm"), &attended)
    }

    fn add_heads(&self, hidden: &Tensor, outputs: &mut Values) -> Result<(), TchError> {
        if self.parameters.has("pooler.dense.weight") {
            let first = hidden.f_select(1, 0)?;
            let pooled = self.parameters.linear("pooler.dense", &first)?.f_tanh()?;
            outputs.insert("pooler_output".to_owned(), pooled);
        }
        if self.parameters.has("classifier.weight") {
            let tokens = self.config.labels_tokens() || self.parameters.labels_tokens;
            let from = if tokens { Some(hidden) } else { outputs.get("pooler_output") };
            let missing = || TchError::Kind("the classifier needs a pooler, and there is none".to_owned());
            let logits = self.parameters.linear("classifier", from.ok_or_else(missing)?)?;
            outputs.insert("logits".to_owned(), logits);
        }
        Ok(())
    }

    fn norm(&self, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        let weight = self.parameters.get(&format!("{path}.weight"))?;
        let bias = self.parameters.get(&format!("{path}.bias"))?;
        x.f_layer_norm([self.config.hidden_size], Some(weight), Some(bias), self.config.layer_norm_eps, false)
    }

    fn activate(&self, x: &mut Tensor) -> Result<(), TchError> {
        match self.config.hidden_act.as_str() {
            "gelu_new" | "gelu_pytorch_tanh" => x.f_gelu_("tanh"),
            "relu" => x.f_relu_(),
            "silu" | "swish" => x.f_silu_(),
            "tanh" => x.f_tanh_(),
            _ => x.f_gelu_("none"),
        }
        .map(drop)
    }
}

/// A classifier may have any number of labels; its input is the hidden size.
fn classifier_shapes(named: &Tensors, hidden: i64) -> Vec<(String, Vec<i64>)> {
    let Some(labels) = named.get("classifier.weight").and_then(|weight| weight.size().first().copied())
    else {
        return vec![];
    };
    vec![("classifier.weight".to_owned(), vec![labels, hidden]), ("classifier.bias".to_owned(), vec![labels])]
}

/// The finding about a parameter of the wrong shape.
pub fn misshapen(name: &str, tensor: &Tensor, expected: &[i64]) -> Finding {
    Finding::error(
        "shape_mismatch",
        name,
        format!("`{}` has shape {:?} where {expected:?} is needed.", excerpt(name), tensor.size()),
        "Use weights that were made for this network, or correct the sizes in the config.",
    )
    .with_change(expected.to_vec(), tensor.size())
}
