//! Whether the tensors of `head.safetensors` are those of the declared layers: for the inspection of headers and
//! for the engine.

use std::collections::BTreeSet;

use super::layers::expected;
use super::{CONFIG_FILE, HeadConfig};
use crate::domain::finding::{Finding, Findings, excerpt};

/// How tensors fit the declared layers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fit {
    /// What does not, one reason each.
    pub findings: Vec<Finding>,
    /// Tensors that have a place.
    pub consumed: usize,
    /// Tensors that layers need and that are not there.
    pub missing: Vec<String>,
    /// Tensors that no layer has.
    pub unexpected: Vec<String>,
}

impl HeadConfig {
    /// Compares the tensors of a file, by name and shape, with those of the layers. `file` is what findings call
    /// it.
    pub fn fit(&self, tensors: &[(&str, Vec<u64>)], file: &str) -> Fit {
        let layers = expected(&self.steps(), self.in_features);
        let known: BTreeSet<&str> = layers.iter().map(|one| one.name.as_str()).collect();
        let (mut fit, mut findings) = (Fit::default(), Findings::default());
        for one in &layers {
            match tensors.iter().find(|(name, _)| *name == one.name) {
                Some((name, shape)) => {
                    fit.consumed += 1;
                    findings.extend((*shape != one.shape).then(|| misshapen(file, name, shape, &one.shape)));
                }
                None if one.optional => {}
                None => {
                    findings.push(missing(file, &one.name, &one.shape));
                    fit.missing.push(one.name.clone());
                }
            }
        }
        for (name, _) in tensors.iter().filter(|(name, _)| !known.contains(name)) {
            findings.push(unexpected(file, name));
            fit.unexpected.push((*name).to_owned());
        }
        fit.findings = findings.into_vec();
        fit
    }
}

fn missing(file: &str, name: &str, shape: &[u64]) -> Finding {
    let message = format!("Tensor `{name}` is missing: {CONFIG_FILE} declares it with the shape {shape:?}.");
    let remedy = "Save the layer's parameters under this name, or correct the declared layers; a linear layer \
                  without a bias says `\"bias\": false`.";
    Finding::error("missing_key", format!("{file}: {name}"), message, remedy)
}

fn misshapen(file: &str, name: &str, shape: &[u64], expected: &[u64]) -> Finding {
    let (found, expected) = (format!("{shape:?}"), format!("{expected:?}"));
    let message = format!("Tensor `{name}` has the shape {found}, and {CONFIG_FILE} makes it {expected}.");
    let remedy = "Correct the declared widths, or save the head's own tensors.";
    Finding::error("shape_mismatch", format!("{file}: {name}"), message, remedy).with_change(expected, found)
}

fn unexpected(file: &str, name: &str) -> Finding {
    let name = excerpt(name);
    let message = format!("Nothing explains the tensor `{name}`: no layer in {CONFIG_FILE} has it.");
    let remedy = "Leave the tensor out, declare its layer (an mlp_head names them), or publish the head as TorchScript.";
    Finding::error("unexpected_key", format!("{file}: {name}"), message, remedy)
}
