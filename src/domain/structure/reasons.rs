//! The findings about adapters that do not fit.

use std::collections::BTreeSet;

use crate::domain::finding::{Finding, Severity, excerpt};
use crate::domain::interface::AttachPoint;
use crate::domain::peft::PeftConfig;

/// The most names in a list of a finding.
const MOST_NAMES: usize = 30;

pub(super) const SUBJECT: &str = "adapter_config.json: target_modules";

pub(super) fn target_not_found(missing: &BTreeSet<String>, modules: &[&str]) -> Finding {
    let has: BTreeSet<&str> =
        modules.iter().map(|module| module.rsplit('.').next().unwrap_or(module)).collect();
    let has: Vec<String> = has.into_iter().take(MOST_NAMES).map(excerpt).collect();
    let more = missing.len().saturating_sub(MOST_NAMES);
    let missing: Vec<String> = missing.iter().take(MOST_NAMES).cloned().collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message =
        format!("The backbone has no module `{}`{more}; it has {}.", missing.join("`, `"), has.join(", "));
    let remedy =
        "Train the adapter on this backbone's modules, or require the backbone that it was trained on.";
    Finding::error("target_not_found", SUBJECT, message, remedy).with_change(has, missing)
}

/// `of` is what needs the expected shape; sizes of any number are `None`.
pub(super) fn misshapen(tensor: &AttachPoint, expected: &[Option<u64>], of: &str) -> Finding {
    let shown = |size: &Option<u64>| size.map_or_else(|| "r".to_owned(), |size| size.to_string());
    let expected: Vec<String> = expected.iter().map(shown).collect();
    let expected = format!("[{}]", expected.join(", "));
    let (name, found) = (excerpt(&tensor.name), format!("{:?}", tensor.shape));
    let message = format!("Tensor `{name}` has the shape {found}, and {of} needs {expected}.");
    let remedy = "Train the adapter on this backbone, or require the releases that it was trained on.";
    Finding::error("shape_mismatch", name, message, remedy).with_change(expected, found)
}

pub(super) fn untargeted(module: &str) -> Finding {
    let message = format!("There are tensors for `{}`, which the config does not target.", excerpt(module));
    let remedy = "Name the module in `target_modules`, or leave its tensors out.";
    Finding::error("unexpected_key", excerpt(module), message, remedy)
}

pub(super) fn missing(name: &str, why: &str, refuses: bool) -> Finding {
    let name = excerpt(name);
    let message = format!("Tensor `{name}` is missing, though {why}.");
    let remedy = "Save the adapter again with the peft library, with all of its tensors.";
    let severity = if refuses { Severity::Error } else { Severity::Warning };
    Finding::error("missing_key", name, message, remedy).with_severity(severity)
}

pub(super) fn saved_without_place(name: &str) -> Finding {
    let name = excerpt(name);
    let message = format!("Tensor `{name}` replaces a parameter that the backbone's file does not have.");
    let remedy = "If it belongs to a task's head, a smoke run will tell; otherwise check `modules_to_save`.";
    Finding::warning("saved_module_unknown", name, message, remedy)
}

pub(super) fn not_understood(fields: &[String]) -> Finding {
    let fields = fields.iter().take(MOST_NAMES).map(|field| excerpt(field)).collect::<Vec<_>>();
    let message = format!("The config uses {}, which is not understood here.", fields.join(", "));
    Finding::warning(
        "config_unsupported",
        "adapter_config.json",
        message,
        "Merge the adapter or train it without these.",
    )
}

pub(super) fn unknown_method(config: &PeftConfig, understood: &[&str]) -> Finding {
    let message = format!(
        "The method {} is not understood here; {} are.",
        excerpt(&config.peft_type),
        understood.join(", ")
    );
    let remedy = "Train the adapter with one of these methods to have it checked.";
    Finding::warning("adapter_method_unknown", "adapter_config.json: peft_type", message, remedy)
}

pub(super) fn too_costly(most: usize) -> Finding {
    let message = format!("Patterns are matched against at most {most} names, and there are more here.");
    let remedy = "List the modules by name instead of by patterns.";
    Finding::warning("pattern_too_costly", SUBJECT, message, remedy)
}

pub(super) fn no_attach_points() -> Finding {
    let message = "Nothing is known of the parameters of the release that the adapter attaches to.";
    let remedy = "Require a backbone with safetensors weights.";
    Finding::warning("attach_points_unknown", "requires", message, remedy)
}
