//! The structural fact of a pair: do the headers of a dependent fit the backbone that it attaches
//! to? No tensor data is looked at.

mod adapter;
mod backbone;
mod bottleneck;
mod ports;
mod reasons;

use serde::{Deserialize, Serialize};

use super::bottleneck::BottleneckConfig;
use super::finding::Finding;
use super::head::HeadConfig;
use super::interface::{AttachPoint, Dim, Interface};
use super::peft::PeftConfig;
use super::verdict::Verdict;

/// What a release is made of, as far as structural checks ask: kept with a release, so that it can
/// be checked against others later without its files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Anatomy {
    /// The tensors of its weights, sorted by name. A backbone's are its interface's attach points
    /// and are left out here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tensors: Vec<AttachPoint>,
    /// Its PEFT config, where it is such an adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peft: Option<PeftConfig>,
    /// Its config where it is a bottleneck adapter in AdapterHub's format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bottleneck: Option<BottleneckConfig>,
    /// Its head config, where it is a few layers as safetensors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadConfig>,
    /// Whether it has TorchScript archives.
    #[serde(default)]
    pub torchscript: bool,
}

/// Whether a dependent fits, and why not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Compatible when everything that is known fits, unknown when too little is known.
    pub verdict: Verdict,
    /// One reason each.
    pub findings: Vec<Finding>,
}

impl Fit {
    /// Nothing was compared yet.
    pub const fn unchecked() -> Self {
        Self { verdict: Verdict::Unknown, findings: Vec::new() }
    }

    /// The verdict that follows from findings: incompatible with an error, else unknown unless
    /// everything could be checked.
    fn of(findings: Vec<Finding>, all_checked: bool) -> Self {
        let verdict = if findings.iter().any(Finding::refuses) {
            Verdict::Incompatible
        } else if all_checked {
            Verdict::Compatible
        } else {
            Verdict::Unknown
        };
        Self { verdict, findings }
    }
}

/// Checks a dependent (its interface and anatomy) against the interface of the release that it
/// attaches to.
pub fn check(interface: &Interface, anatomy: &Anatomy, backbone: &Interface) -> Fit {
    if let Some(peft) = &anatomy.peft {
        adapter::check(peft, &anatomy.tensors, backbone)
    } else if let Some(config) = &anatomy.bottleneck {
        bottleneck::check(config, &anatomy.tensors, backbone)
    } else if let Some(head) = &anatomy.head {
        ports::check_head(head, backbone)
    } else {
        ports::check(interface, backbone)
    }
}

/// The width of a backbone's hidden states: the last dimension of `last_hidden_state`, or of the
/// pooler's output.
fn hidden_size(backbone: &Interface) -> Option<u64> {
    ["last_hidden_state", "pooler_output"].into_iter().find_map(|name| width(backbone, name))
}

fn width(backbone: &Interface, output: &str) -> Option<u64> {
    match backbone.outputs.iter().find(|port| port.name == output)?.dims.last()? {
        Dim::Fixed(width) => Some(*width),
        Dim::Symbol(_) => None,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
