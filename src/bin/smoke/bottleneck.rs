//! Bottleneck adapters in AdapterHub's format: read, fitted to a network, and computed.

use std::collections::BTreeMap;

use cambium::domain::bottleneck::{BottleneckConfig, Build, Residual, Scaling};
use cambium::domain::finding::Finding;
use tch::{Kind, TchError, Tensor};

use crate::adapter::all_are;
use crate::load::Tensors;
use crate::nets::parts::Activation;
use crate::nets::{Net, misshapen};
use crate::outcome::{from_torch, listed};
use crate::peft::{Fit, missing_keys, unexpected};

/// What an adapter's own norms add to the variance.
const EPSILON: f64 = 1e-5;

/// A small network at a joint: the place where a sublayer's output meets what went past it.
#[derive(Debug)]
pub struct Bottleneck {
    /// By what their names end with.
    tensors: Tensors,
    activation: Activation,
    build: Build,
}

/// Why the engine cannot tell about this adapter on this network, if it cannot.
pub fn unsupported(config: &BottleneckConfig, net: &Net, called: &str) -> Option<Finding> {
    let fields = config.unsupported();
    let what = if !fields.is_empty() {
        listed(fields.iter().map(String::as_str))
    } else if activation(config).is_none() {
        format!("the non_linearity {}", listed([config.config.non_linearity.as_str()]))
    } else if net.joints().is_none() {
        "bottleneck adapters on this architecture".to_owned()
    } else {
        return None;
    };
    Some(Finding::warning(
        "unsupported_adapter",
        called,
        format!("The engine cannot run {what}."),
        "Supported are bottleneck adapters, sequential and parallel, with scaling and a norm behind them, on BERT, \
         RoBERTa, DistilBERT, GPT-2, Llama, Mistral, Qwen2 and Qwen3; export other adapters as TorchScript.",
    ))
}

fn activation(config: &BottleneckConfig) -> Option<Activation> {
    Activation::of(&config.config.non_linearity.to_ascii_lowercase())
}

/// Fits an adapter to a network.
pub fn fit(config: &BottleneckConfig, tensors: &Tensors, net: &Net, called: &str) -> Fit {
    let mut fit = Fit::default();
    // Networks without joints, and activations that are not known, are told before.
    let (Some((joints, layers, width)), Some(activation)) = (net.joints(), activation(config)) else {
        return fit;
    };
    let unsigned = |size: i64| u64::try_from(size).unwrap_or(0);
    let expected = config.expected(joints, unsigned(layers), unsigned(width));
    let found: BTreeMap<&str, &Tensor> =
        tensors.iter().map(|(name, tensor)| (joints.bare(name), tensor)).collect();
    fit.missing = expected.keys().filter(|name| !found.contains_key(name.as_str())).cloned().collect();
    fit.unexpected =
        tensors.keys().filter(|name| !expected.contains_key(joints.bare(name))).cloned().collect();
    if !fit.missing.is_empty() {
        fit.findings.push(missing_keys(called, &fit.missing, "the config puts an adapter there"));
    }
    if !fit.unexpected.is_empty() {
        fit.findings.push(unexpected(&fit.unexpected, called));
    }
    for layer in 0..unsigned(layers) {
        for joint in [joints.attention, joints.output] {
            let begin = config.path(joints, layer, joint);
            let mut own = Tensors::new();
            for (name, shape) in expected.range(begin.clone()..) {
                let Some(end) = name.strip_prefix(&begin) else { break };
                let Some(tensor) = found.get(name.as_str()) else { continue };
                let shape: Vec<i64> = shape.iter().map(|size| i64::try_from(*size).unwrap_or(0)).collect();
                if tensor.size() != shape {
                    fit.findings.push(misshapen(name, tensor, &shape));
                    continue;
                }
                match tensor.f_to_kind(Kind::Float) {
                    Ok(tensor) => drop(own.insert(end.to_owned(), tensor)),
                    Err(error) => fit.findings.push(from_torch(name, &error)),
                }
            }
            if !own.is_empty() {
                fit.consumed += own.len();
                fit.adapter.parameters += own.values().map(|tensor| tensor.numel() as u64).sum::<u64>();
                let path = format!("{}.{layer}.{joint}", joints.layers);
                let bottleneck = Bottleneck { tensors: own, activation, build: config.config.clone() };
                fit.adapter.bottlenecks.push((path, bottleneck));
            }
        }
    }
    fit
}

impl Bottleneck {
    /// What comes of a joint with this adapter: of the sublayer's `output`, what went `past` it, and the
    /// network's own norm of their sum, where it has one there. All \[batch, tokens, width\].
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn join(
        &self,
        output: &Tensor,
        past: &Tensor,
        norm: &dyn Fn(&Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Tensor, TchError> {
        let build = &self.build;
        let sum = output.f_add(past)?;
        let joined = if build.is_parallel {
            let mut up = self.compute(past)?;
            if build.ln_after {
                up = self.own_norm(&up)?;
            }
            up.f_add_(output)?
        } else {
            let seen = if build.original_ln_before { norm(&sum)? } else { output.shallow_clone() };
            let residual = match &build.residual_before_ln {
                Residual::Before(true) => output,
                Residual::Word(_) if build.original_ln_before => &sum,
                Residual::Word(_) => output,
                Residual::Before(false) => &seen,
            };
            let mut up = self.compute(&seen)?;
            if build.adapter_residual_before_ln {
                up = up.f_add_(residual)?;
            }
            if build.ln_after {
                up = self.own_norm(&up)?;
            }
            if build.adapter_residual_before_ln { up } else { up.f_add_(residual)? }
        };
        if build.original_ln_after { norm(&joined.f_add(past)?) } else { Ok(joined) }
    }

    /// Whether a joint with it gives exactly what it gives without: its part is all zeros, and nothing else that
    /// it brings stands in the way.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn does_nothing(&self) -> Result<bool, TchError> {
        let build = &self.build;
        let past = build.is_parallel
            || !build.original_ln_before
            || matches!(build.residual_before_ln, Residual::Before(true));
        if !past || build.ln_after || !build.original_ln_after {
            return Ok(false);
        }
        let zero = |name: &str| self.tensors.get(name).map_or(Ok(true), |tensor| all_are(tensor, 0.0));
        let scaled_away = match &build.scaling {
            Scaling::Fixed(factor) => *factor == 0.0,
            Scaling::Learned(_) => zero("scaling")?,
        };
        Ok(scaled_away || zero("adapter_up.weight")? && zero("adapter_up.bias")?)
    }

    /// Down, activation, up, scaled.
    fn compute(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let bias = |name: &str| self.tensors.get(name);
        let mut inner = x.f_linear(self.get("adapter_down.0.weight")?, bias("adapter_down.0.bias"))?;
        self.activation.apply(&mut inner)?;
        let up = inner.f_linear(self.get("adapter_up.weight")?, bias("adapter_up.bias"))?;
        match &self.build.scaling {
            Scaling::Fixed(factor) => up.f_mul_scalar(*factor),
            Scaling::Learned(_) => up.f_mul(self.get("scaling")?),
        }
    }

    fn own_norm(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let weight = self.get("adapter_norm_after.weight")?;
        x.f_layer_norm(
            weight.size(),
            Some(weight),
            self.tensors.get("adapter_norm_after.bias"),
            EPSILON,
            false,
        )
    }

    fn get(&self, name: &str) -> Result<&Tensor, TchError> {
        self.tensors.get(name).ok_or_else(|| TchError::Kind(format!("the adapter has no `{name}`")))
    }
}
