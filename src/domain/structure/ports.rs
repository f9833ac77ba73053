//! Dependents that read a backbone's outputs: heads, decoders, bridges.

use super::{Fit, hidden_size, width};
use crate::domain::finding::{Finding, Findings, excerpt};
use crate::domain::head::{CONFIG_FILE, HeadConfig, HeadInput};
use crate::domain::interface::{Dim, Interface, Port};

/// Checks a head of a few layers against the output that it reads.
pub(super) fn check_head(head: &HeadConfig, backbone: &Interface) -> Fit {
    let (output, found) = match &head.input {
        HeadInput::PoolerOutput => ("pooler_output", width(backbone, "pooler_output")),
        HeadInput::Output(output) => match width(backbone, &output.name) {
            // What the module does not give may come from another one between the two.
            None => return Fit::of(Vec::new(), false),
            found => (output.name.as_str(), found),
        },
        _ => ("last_hidden_state", hidden_size(backbone)),
    };
    match found {
        Some(width) if width == head.in_features => Fit::of(Vec::new(), true),
        Some(width) => {
            let subject = format!("{CONFIG_FILE}: in_features");
            let needs = head.in_features;
            let message = format!("The head reads {needs} numbers, and the backbone's {output} has {width}.");
            let remedy =
                "Train the head on this backbone, or require the releases that have the head's width.";
            Fit::of(
                vec![Finding::error("shape_mismatch", subject, message, remedy).with_change(width, needs)],
                true,
            )
        }
        None if backbone.outputs.is_empty() => Fit::of(vec![no_ports("the backbone", "outputs")], false),
        None => {
            let has: Vec<&str> = backbone.outputs.iter().map(|port| port.name.as_str()).collect();
            let message = format!("The head reads `{output}`, and the backbone gives {}.", has.join(", "));
            let remedy = "Attach the head to a backbone with this output.";
            let subject = format!("{CONFIG_FILE}: input");
            Fit::of(
                vec![Finding::error("interface_mismatch", subject, message, remedy).with_change(has, output)],
                true,
            )
        }
    }
}

/// Checks declared input ports against the backbone's ports of the same name. What has no
/// namesake stays unknown.
pub(super) fn check(dependent: &Interface, backbone: &Interface) -> Fit {
    if dependent.inputs.is_empty() {
        return Fit::of(vec![no_ports("the release", "inputs")], false);
    }
    let mut findings = Findings::default();
    let mut all_checked = true;
    for port in &dependent.inputs {
        match source(port, backbone) {
            Some(source) => findings.extend(mismatch(port, &source)),
            None => all_checked = false,
        }
    }
    Fit::of(findings.into_vec(), all_checked)
}

/// The backbone's port that feeds this one: an output, or an input that is handed on, of its name;
/// or the pooled hidden states, which every runner can make.
fn source(port: &Port, backbone: &Interface) -> Option<Port> {
    let known = backbone.outputs.iter().chain(&backbone.inputs);
    let name = match port.name.as_str() {
        "hidden" | "hidden_states" => "last_hidden_state",
        "mask" => "attention_mask",
        name => name,
    };
    if let Some(source) = known.into_iter().find(|source| source.name == name) {
        return Some(source.clone());
    }
    let pooled = ["embedding", "embeddings", "pooled", "mean_pooled", "sentence_embedding"];
    let states = backbone.outputs.iter().find(|source| source.name == "last_hidden_state")?;
    let width = hidden_size(backbone).filter(|_| pooled.contains(&name))?;
    let dims = vec![states.dims.first()?.clone(), Dim::Fixed(width)];
    Some(Port { name: "the pooled last_hidden_state".into(), dims, ..states.clone() })
}

fn mismatch(port: &Port, source: &Port) -> Option<Finding> {
    let clash =
        |(ours, theirs): (&Dim, &Dim)| matches!((ours, theirs), (Dim::Fixed(a), Dim::Fixed(b)) if a != b);
    let shapes_differ = port.dims.len() != source.dims.len() || port.dims.iter().zip(&source.dims).any(clash);
    let (rule, what) = if shapes_differ {
        ("shape_mismatch", "shape")
    } else if is_float(&port.dtype) != is_float(&source.dtype) {
        ("dtype_mismatch", "element type")
    } else {
        return None;
    };
    let shown = |port: &Port| format!("{} {}", port.dtype, shape(&port.dims));
    let message = format!(
        "The {what} of input `{}` is not that of what feeds it: it takes {}, and {} is {}.",
        excerpt(&port.name),
        shown(port),
        source.name,
        shown(source)
    );
    let remedy = "Attach it to a backbone with this output, or correct the port in the manifest.";
    let finding = Finding::error(rule, format!("interface: {}", excerpt(&port.name)), message, remedy);
    Some(finding.with_change(shown(source), shown(port)))
}

/// Ports of a module may be computed in another precision than declared; whole numbers may not.
fn is_float(dtype: &str) -> bool {
    dtype.contains("float")
}

fn shape(dims: &[Dim]) -> String {
    let dims = dims.iter().map(|dim| match dim {
        Dim::Fixed(size) => size.to_string(),
        Dim::Symbol(name) => excerpt(name),
    });
    format!("[{}]", dims.collect::<Vec<_>>().join(", "))
}

fn no_ports(whose: &str, which: &str) -> Finding {
    Finding::warning(
        "ports_unknown",
        format!("interface: {which}"),
        format!("Nothing says what {whose} has as {which}, so the headers alone prove nothing."),
        "Declare the ports in the manifest's `interface`.",
    )
}
