//! The encoder of Whisper: Radford et al., "Robust Speech Recognition via Large-Scale Weak
//! Supervision".

use serde::Deserialize;
use serde_json::Value;
use tch::{Kind, TchError, Tensor};

use super::parts::{Activation, Heads};
use super::shapes::has;
use super::{Family, NoFamily, Shapes, Takes, activation, divides, fields, sane};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    d_model: i64,
    encoder_layers: i64,
    encoder_attention_heads: i64,
    encoder_ffn_dim: i64,
    num_mel_bins: i64,
    max_source_positions: i64,
    #[serde(default = "gelu")]
    activation_function: String,
    #[serde(default)]
    classifier_proj_size: Option<i64>,
    #[serde(default)]
    use_weighted_layer_sum: bool,
}

fn gelu() -> String {
    "gelu".to_owned()
}

const EPSILON: f64 = 1e-5;

#[derive(Debug)]
struct Whisper {
    config: Config,
    heads: Heads,
    activation: Activation,
}

/// The encoder of a Whisper as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let config: Config = fields(config)?;
    sane(
        config.encoder_layers,
        &[
            ("d_model", config.d_model),
            ("encoder_attention_heads", config.encoder_attention_heads),
            ("encoder_ffn_dim", config.encoder_ffn_dim),
            ("num_mel_bins", config.num_mel_bins),
            ("max_source_positions", config.max_source_positions),
            ("classifier_proj_size", config.classifier_proj_size.unwrap_or(1)),
        ],
    )?;
    divides("d_model by encoder_attention_heads", config.d_model, config.encoder_attention_heads)?;
    let activation = activation(&config.activation_function)?;
    if config.use_weighted_layer_sum {
        return Err(NoFamily::Unsupported("use_weighted_layer_sum".to_owned()));
    }
    Ok(Box::new(Whisper {
        heads: Heads::even(config.encoder_attention_heads, config.d_model / config.encoder_attention_heads),
        activation,
        config,
    }))
}

impl Family for Whisper {
    fn takes(&self) -> Takes {
        // The second convolution takes every other frame.
        Takes::Features { bins: self.config.num_mel_bins, frames: 2 * self.config.max_source_positions }
    }

    fn prefix(&self) -> &'static str {
        "model"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (wide, mut shapes) = (self.config.d_model, Shapes::default());
        for (name, from) in [("conv1", self.config.num_mel_bins), ("conv2", wide)] {
            shapes.tensor(format!("encoder.{name}.weight"), &[wide, from, 3]);
            shapes.tensor(format!("encoder.{name}.bias"), &[wide]);
        }
        shapes.table("encoder.embed_positions", self.config.max_source_positions, wide);
        for layer in 0..self.config.encoder_layers {
            let at = |rest: &str| format!("encoder.layers.{layer}.{rest}");
            for (projection, bias) in [("q", true), ("k", false), ("v", true), ("out", true)] {
                shapes.linear(&at(&format!("self_attn.{projection}_proj")), wide, wide, bias);
            }
            shapes.norm(&at("self_attn_layer_norm"), wide);
            shapes.linear(&at("fc1"), self.config.encoder_ffn_dim, wide, true);
            shapes.linear(&at("fc2"), wide, self.config.encoder_ffn_dim, true);
            shapes.norm(&at("final_layer_norm"), wide);
        }
        shapes.norm("encoder.layer_norm", wide);
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        let mut shapes = Shapes::default();
        let middle = self.config.classifier_proj_size.unwrap_or(256);
        if has(named, "projector") {
            shapes.linear("projector", middle, self.config.d_model, true);
        }
        shapes.labels(named, "classifier", middle, true);
        shapes
    }

    fn head_names(&self) -> &'static [&'static str] {
        &["projector", "classifier"]
    }

    fn ignores(&self, name: &str) -> bool {
        name.starts_with("decoder.") || name.starts_with("proj_out.")
    }

    /// An encoder that was saved alone has no name for itself.
    fn rename(&self, name: &str) -> Option<String> {
        let own = ["conv1.", "conv2.", "embed_positions.", "layers.", "layer_norm."];
        own.iter().any(|start| name.starts_with(start)).then(|| format!("encoder.{name}"))
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let missing = || TchError::Kind("the probe has no input_features".to_owned());
        let features = inputs.get("input_features").ok_or_else(missing)?;
        let convolve = |name: &str, x: &Tensor, stride: i64| {
            let weight = parameters.get(&format!("encoder.{name}.weight"))?;
            let bias = parameters.get(&format!("encoder.{name}.bias"))?;
            x.f_conv1d(&weight, Some(&bias), [stride], [1], [1], 1)?.f_gelu("none")
        };
        let heard = convolve("conv2", &convolve("conv1", features, 1)?, 2)?.f_transpose(1, 2)?;
        let mut hidden = heard.f_add(&parameters.get("encoder.embed_positions.weight")?)?;
        for layer in 0..self.config.encoder_layers {
            hidden = self.layer(parameters, layer, &hidden)?;
        }
        hidden = parameters.layer_norm("encoder.layer_norm", &hidden, EPSILON)?;
        let mut outputs = Values::new();
        if parameters.has("classifier.weight") {
            let projected = parameters.linear("projector", &hidden)?;
            let pooled = projected.f_mean_dim([1i64].as_slice(), false, None::<Kind>)?;
            outputs.insert("logits".to_owned(), parameters.linear("classifier", &pooled)?);
        }
        // What a model with a decoder calls it.
        outputs.insert("encoder_last_hidden_state".to_owned(), hidden.shallow_clone());
        outputs.insert("last_hidden_state".to_owned(), hidden);
        Ok(outputs)
    }
}

impl Whisper {
    fn layer(&self, parameters: &Parameters, number: i64, hidden: &Tensor) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("encoder.layers.{number}.{rest}");
        let normed = parameters.layer_norm(&at("self_attn_layer_norm"), hidden, EPSILON)?;
        let project = |name: &str| {
            self.heads.split(&parameters.linear(&at(&format!("self_attn.{name}_proj")), &normed)?)
        };
        let context = self.heads.attend(&project("q")?, &project("k")?, &project("v")?, None, None)?;
        let attended = parameters.linear(&at("self_attn.out_proj"), &context)?.f_add_(hidden)?;
        let normed = parameters.layer_norm(&at("final_layer_norm"), &attended, EPSILON)?;
        let mut inner = parameters.linear(&at("fc1"), &normed)?;
        self.activation.apply(&mut inner)?;
        parameters.linear(&at("fc2"), &inner)?.f_add_(&attended)
    }
}
