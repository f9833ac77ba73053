//! Networks that look at patches of an image: ViT (Dosovitskiy et al., "An Image is Worth 16x16
//! Words"), DINOv2 (Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision") and
//! CLIP's (Radford et al., "Learning Transferable Visual Models From Natural Language Supervision").
//! They differ in names, in norms and in what becomes of the first token.

use cambium::domain::peft::Renamed;
use serde::Deserialize;
use serde_json::Value;
use tch::{TchError, Tensor};

use super::parts::{Activation, Heads};
use super::shapes::has;
use super::{Family, NoFamily, Shapes, Takes, activation, divides, fields, sane};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    hidden_size: i64,
    num_hidden_layers: i64,
    num_attention_heads: i64,
    #[serde(default)]
    intermediate_size: Option<i64>,
    #[serde(default)]
    mlp_ratio: Option<f64>,
    #[serde(default)]
    use_swiglu_ffn: bool,
    image_size: i64,
    patch_size: i64,
    #[serde(default = "three")]
    num_channels: i64,
    #[serde(default)]
    hidden_act: Option<String>,
    #[serde(default)]
    layer_norm_eps: Option<f64>,
    #[serde(default = "yes")]
    qkv_bias: bool,
    #[serde(default)]
    projection_dim: Option<i64>,
}

const fn three() -> i64 {
    3
}

const fn yes() -> bool {
    true
}

/// Which of them it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Vit,
    Dino,
    Clip,
}

/// What the parts of a layer are called.
#[derive(Debug)]
struct Names {
    layers: &'static str,
    projections: [&'static str; 4],
    norms: [&'static str; 2],
    dense: [&'static str; 2],
}

const VIT: Names = Names {
    layers: "encoder.layer",
    projections: [
        "attention.attention.query",
        "attention.attention.key",
        "attention.attention.value",
        "attention.output.dense",
    ],
    norms: ["layernorm_before", "layernorm_after"],
    dense: ["intermediate.dense", "output.dense"],
};

const DINO: Names = Names { norms: ["norm1", "norm2"], dense: ["mlp.fc1", "mlp.fc2"], ..VIT };

const CLIP: Names = Names {
    layers: "encoder.layers",
    projections: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"],
    norms: ["layer_norm1", "layer_norm2"],
    dense: ["mlp.fc1", "mlp.fc2"],
};

#[derive(Debug)]
struct Patches {
    kind: Kind,
    config: Config,
    heads: Heads,
    inner: i64,
    activation: Activation,
    epsilon: f64,
}

/// A ViT as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read_vit(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    read(Kind::Vit, config)
}

/// A DINOv2.
///
/// # Errors
/// Why it cannot be run.
pub fn read_dino(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    read(Kind::Dino, config)
}

/// The part of a CLIP that looks at images, alone or beside the other.
///
/// # Errors
/// Why it cannot be run.
pub fn read_clip(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let Some(images) = config.get("vision_config") else { return read(Kind::Clip, config) };
    // Both halves are projected to the width that the whole config says.
    let mut images = images.clone();
    if let (Some(fields), Some(width)) = (images.as_object_mut(), config.get("projection_dim")) {
        fields.insert("projection_dim".to_owned(), width.clone());
    }
    read(Kind::Clip, &images)
}

fn read(kind: Kind, config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let config: Config = fields(config)?;
    #[expect(clippy::cast_possible_truncation, reason = "cut towards zero, as transformers does")]
    let wide = config.mlp_ratio.map(|ratio| (config.hidden_size as f64 * ratio) as i64);
    let inner = match (kind, wide, config.intermediate_size) {
        (Kind::Dino, wide, _) => wide.unwrap_or(4 * config.hidden_size),
        (_, _, Some(size)) => size,
        _ => 4 * config.hidden_size,
    };
    sane(
        config.num_hidden_layers,
        &[
            ("hidden_size", config.hidden_size),
            ("num_attention_heads", config.num_attention_heads),
            ("feed-forward width", inner),
            ("image_size", config.image_size),
            ("patch_size", config.patch_size),
            ("num_channels", config.num_channels),
        ],
    )?;
    divides("hidden_size by num_attention_heads", config.hidden_size, config.num_attention_heads)?;
    divides("image_size by patch_size", config.image_size, config.patch_size)?;
    let (plain, epsilon) = match kind {
        Kind::Vit => ("gelu", 1e-12),
        Kind::Dino => ("gelu", 1e-6),
        Kind::Clip => ("quick_gelu", 1e-5),
    };
    let name = config.hidden_act.as_deref().unwrap_or(plain);
    let activation = activation(name)?;
    Ok(Box::new(Patches {
        kind,
        heads: Heads::even(config.num_attention_heads, config.hidden_size / config.num_attention_heads),
        // SwiGLU's width in DINOv2: two thirds, rounded up to eight.
        inner: if config.use_swiglu_ffn { (inner * 2 / 3 + 7) / 8 * 8 } else { inner },
        activation,
        epsilon: config.layer_norm_eps.unwrap_or(epsilon),
        config,
    }))
}

impl Family for Patches {
    fn takes(&self) -> Takes {
        Takes::Pixels { channels: self.config.num_channels, size: self.config.image_size }
    }

    fn prefix(&self) -> &'static str {
        match self.kind {
            Kind::Vit => "vit",
            Kind::Dino => "dinov2",
            Kind::Clip => "vision_model",
        }
    }

    fn shapes(&self, named: &Tensors) -> Shapes {
        let (wide, mut shapes) = (self.config.hidden_size, Shapes::default());
        self.embedding_shapes(&mut shapes);
        let (names, inner) = (self.names(), self.inner);
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("{}.{layer}.{rest}", names.layers);
            for (index, projection) in names.projections.iter().enumerate() {
                shapes.linear(&at(projection), wide, wide, index == 3 || self.config.qkv_bias);
            }
            names.norms.iter().for_each(|norm| shapes.norm(&at(norm), wide));
            if self.config.use_swiglu_ffn {
                shapes.linear(&at("mlp.weights_in"), 2 * inner, wide, true);
                shapes.linear(&at("mlp.weights_out"), wide, inner, true);
            } else {
                shapes.linear(&at(names.dense[0]), inner, wide, true);
                shapes.linear(&at(names.dense[1]), wide, inner, true);
            }
            if self.kind == Kind::Dino {
                shapes.tensor(at("layer_scale1.lambda1"), &[wide]);
                shapes.tensor(at("layer_scale2.lambda1"), &[wide]);
            }
        }
        if self.kind == Kind::Clip {
            shapes.norm("pre_layrnorm", wide);
            shapes.norm("post_layernorm", wide);
        } else {
            shapes.norm("layernorm", wide);
        }
        if self.kind == Kind::Vit && has(named, "pooler") {
            shapes.linear("pooler.dense", wide, wide, true);
        }
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        let (wide, mut shapes) = (self.config.hidden_size, Shapes::default());
        shapes.labels(named, "classifier", if self.kind == Kind::Dino { 2 * wide } else { wide }, true);
        if has(named, "visual_projection") {
            let own = named.get("visual_projection.weight").and_then(|weight| weight.size().first().copied());
            let out = self.config.projection_dim.or(own).unwrap_or(wide);
            shapes.linear("visual_projection", out, wide, false);
        }
        shapes
    }

    fn head_names(&self) -> &'static [&'static str] {
        &["classifier", "visual_projection"]
    }

    fn ignores(&self, name: &str) -> bool {
        let text = ["text_model.", "text_projection.", "logit_scale"];
        name == "embeddings.mask_token"
            || name == "embeddings.position_ids"
            || self.kind == Kind::Clip && text.iter().any(|start| name.starts_with(start))
    }

    fn renamed(&self) -> Renamed {
        match self.kind {
            Kind::Vit => Renamed::of("vit"),
            Kind::Dino => Renamed::of("dinov2"),
            Kind::Clip => Renamed::default(),
        }
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let missing = || TchError::Kind("the probe has no pixel_values".to_owned());
        let mut hidden = self.embed(parameters, inputs.get("pixel_values").ok_or_else(missing)?)?;
        if self.kind == Kind::Clip {
            hidden = parameters.layer_norm("pre_layrnorm", &hidden, self.epsilon)?;
        }
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.layer(parameters, layer, &hidden)?;
        }
        if self.kind != Kind::Clip {
            hidden = parameters.layer_norm("layernorm", &hidden, self.epsilon)?;
        }
        let mut outputs = Values::new();
        self.add_heads(parameters, &hidden, &mut outputs)?;
        outputs.insert("last_hidden_state".to_owned(), hidden);
        Ok(outputs)
    }
}

impl Patches {
    const fn names(&self) -> &'static Names {
        match self.kind {
            Kind::Vit => &VIT,
            Kind::Dino => &DINO,
            Kind::Clip => &CLIP,
        }
    }

    fn embedding_shapes(&self, shapes: &mut Shapes) {
        let (wide, patch) = (self.config.hidden_size, self.config.patch_size);
        let side = self.config.image_size / patch;
        let kernel = [wide, self.config.num_channels, patch, patch];
        if self.kind == Kind::Clip {
            shapes.tensor("embeddings.class_embedding", &[wide]);
            shapes.tensor("embeddings.patch_embedding.weight", &kernel);
            shapes.table("embeddings.position_embedding", side * side + 1, wide);
        } else {
            shapes.tensor("embeddings.cls_token", &[1, 1, wide]);
            shapes.tensor("embeddings.patch_embeddings.projection.weight", &kernel);
            shapes.tensor("embeddings.patch_embeddings.projection.bias", &[wide]);
            shapes.tensor("embeddings.position_embeddings", &[1, side * side + 1, wide]);
        }
    }

    /// [batch, channels, height, width] → [batch, 1 + patches, width].
    fn embed(&self, parameters: &Parameters, pixels: &Tensor) -> Result<Tensor, TchError> {
        let (kernel, bias, first, places) = if self.kind == Kind::Clip {
            (
                parameters.get("embeddings.patch_embedding.weight")?,
                None,
                parameters.get("embeddings.class_embedding")?,
                parameters.get("embeddings.position_embedding.weight")?,
            )
        } else {
            (
                parameters.get("embeddings.patch_embeddings.projection.weight")?,
                Some(parameters.get("embeddings.patch_embeddings.projection.bias")?),
                parameters.get("embeddings.cls_token")?,
                parameters.get("embeddings.position_embeddings")?,
            )
        };
        let (wide, patch) = (self.config.hidden_size, self.config.patch_size);
        let patches = pixels.f_conv2d(&kernel, bias.as_ref(), [patch, patch], [0, 0], [1, 1], 1)?;
        let patches = patches.f_flatten(2, 3)?.f_transpose(1, 2)?;
        let first = first.f_reshape([1, 1, wide])?.f_expand([pixels.size()[0], 1, wide], false)?;
        Tensor::f_cat(&[&first, &patches], 1)?.f_add(&places.f_reshape([1, -1, wide])?)
    }

    fn layer(&self, parameters: &Parameters, number: i64, hidden: &Tensor) -> Result<Tensor, TchError> {
        let names = self.names();
        let at = |rest: &str| format!("{}.{number}.{rest}", names.layers);
        let norm = |index: usize, x: &Tensor| parameters.layer_norm(&at(names.norms[index]), x, self.epsilon);
        let scaled = |index: usize, x: Tensor| match self.kind {
            Kind::Dino => x.f_mul(&parameters.get(&at(&format!("layer_scale{index}.lambda1")))?),
            _ => Ok(x),
        };
        let normed = norm(0, hidden)?;
        let project =
            |index: usize| self.heads.split(&parameters.linear(&at(names.projections[index]), &normed)?);
        let context = self.heads.attend(&project(0)?, &project(1)?, &project(2)?, None, None)?;
        let attended = scaled(1, parameters.linear(&at(names.projections[3]), &context)?)?.f_add(hidden)?;
        let fed = self.feed(parameters, &at, &norm(1, &attended)?)?;
        scaled(2, fed)?.f_add(&attended)
    }

    fn feed(
        &self,
        parameters: &Parameters,
        at: &dyn Fn(&str) -> String,
        x: &Tensor,
    ) -> Result<Tensor, TchError> {
        if self.config.use_swiglu_ffn {
            let both = parameters.linear(&at("mlp.weights_in"), x)?.f_chunk(2, -1)?;
            let inner = both[0].f_silu()?.f_mul(&both[1])?;
            return parameters.linear(&at("mlp.weights_out"), &inner);
        }
        let names = self.names();
        let mut inner = parameters.linear(&at(names.dense[0]), x)?;
        self.activation.apply(&mut inner)?;
        parameters.linear(&at(names.dense[1]), &inner)
    }

    fn add_heads(
        &self,
        parameters: &Parameters,
        hidden: &Tensor,
        outputs: &mut Values,
    ) -> Result<(), TchError> {
        let first = hidden.f_select(1, 0)?;
        let patches = || {
            let rest = hidden.f_narrow(1, 1, hidden.size()[1] - 1)?;
            rest.f_mean_dim([1i64].as_slice(), false, None::<tch::Kind>)
        };
        let pooled = match self.kind {
            Kind::Clip => Some(parameters.layer_norm("post_layernorm", &first, self.epsilon)?),
            Kind::Dino => Some(first.shallow_clone()),
            Kind::Vit if parameters.has("pooler.dense.weight") => {
                Some(parameters.linear("pooler.dense", &first)?.f_tanh()?)
            }
            Kind::Vit => None,
        };
        if parameters.has("classifier.weight") {
            let from = match self.kind {
                Kind::Vit => first.shallow_clone(),
                Kind::Dino => Tensor::f_cat(&[&first, &patches()?], 1)?,
                // The mean of the patches, without the first token.
                Kind::Clip => patches()?,
            };
            outputs.insert("logits".to_owned(), parameters.linear("classifier", &from)?);
        }
        if let Some(pooled) = pooled {
            if parameters.has("visual_projection.weight") {
                outputs.insert("image_embeds".to_owned(), parameters.linear("visual_projection", &pooled)?);
            }
            outputs.insert("pooler_output".to_owned(), pooled);
        }
        Ok(())
    }
}
