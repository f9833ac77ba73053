//! Bottleneck adapters in AdapterHub's format: the tensors are those that the config and the backbone's
//! sizes ask for.

use std::collections::BTreeMap;

use super::Fit;
use super::backbone::Backbone;
use super::reasons::{misshapen, missing, no_attach_points, not_understood};
use crate::domain::bottleneck::{BottleneckConfig, Joints};
use crate::domain::finding::{Finding, Findings, excerpt};
use crate::domain::interface::{AttachPoint, Interface};

/// Checks an adapter's tensors and config against its backbone.
pub(super) fn check(config: &BottleneckConfig, tensors: &[AttachPoint], backbone: &Interface) -> Fit {
    if backbone.attach_points.is_empty() {
        return Fit::of(vec![no_attach_points()], false);
    }
    let unsupported = config.unsupported();
    if !unsupported.is_empty() {
        return Fit::of(vec![not_understood(&unsupported)], false);
    }
    let joints = backbone.architecture.as_deref().and_then(Joints::of);
    let backbone = Backbone::new(backbone);
    let (Some(joints), Some(width)) = (joints, backbone.embedded()) else {
        return Fit::of(vec![no_joints()], false);
    };
    let layers = backbone.modules.iter().filter_map(|module| joints.layer(joints.bare(module)));
    let layers = layers.max().map_or(0, |last| last.saturating_add(1)).min(backbone.modules.len() as u64);
    let expected = config.expected(joints, layers, width);
    let found: BTreeMap<&str, &AttachPoint> =
        tensors.iter().map(|tensor| (joints.bare(&tensor.name), tensor)).collect();
    let mut findings = Findings::default();
    for (name, shape) in &expected {
        match found.get(name.as_str()) {
            None => findings.push(missing(name, "the config puts an adapter there", true)),
            Some(tensor) if tensor.shape != *shape => {
                let shape: Vec<Option<u64>> = shape.iter().copied().map(Some).collect();
                findings.push(misshapen(tensor, &shape, "the backbone's width with the config's reduction"));
            }
            Some(_) => {}
        }
    }
    for (_, tensor) in found.iter().filter(|(name, _)| !expected.contains_key(**name)) {
        let name = excerpt(&tensor.name);
        let message = format!("Nothing in the config and the backbone explains the tensor `{name}`.");
        let remedy = "Save the adapter again with the adapters library, or leave the tensor out.";
        findings.push(Finding::error("unexpected_key", name, message, remedy));
    }
    Fit::of(findings.into_vec(), true)
}

fn no_joints() -> Finding {
    Finding::warning(
        "adapter_method_unknown",
        "adapter_config.json",
        "Where bottleneck adapters stand in this backbone's architecture is not known here.",
        "Use LoRA or another method of the peft library to have the adapter checked.",
    )
}
