//! What the manifest says against what the files say.

use super::Derivation;
use crate::domain::card;
use crate::domain::finding::{Finding, Findings, excerpt};
use crate::domain::interface::{Dim, Interface, Port};
use crate::domain::manifest::{FILE_NAME, Manifest};
use crate::domain::module::Kind;
use crate::domain::router;

/// Compares, and completes the derived interface by what only the manifest says.
pub(super) fn with_manifest(manifest: &Manifest, derivation: &mut Derivation<'_>) {
    let Derivation { found, findings, .. } = derivation;
    kind(manifest.module.kind, found.kind, findings);
    requirement(manifest, findings);
    license(manifest, found.card.license.as_deref(), findings);
    if let Some(declared) = &manifest.interface {
        found.interface = merged(declared, std::mem::take(&mut found.interface), findings);
    }
    findings.extend(router::declared(manifest));
    if let Some(section) = &manifest.router {
        findings.extend(router::ports(section, &found.interface));
    }
    if let Some(base) = &manifest.provenance.base_model {
        found.base_model.get_or_insert_with(|| base.clone());
    }
}

fn kind(declared: Kind, derived: Option<Kind>, findings: &mut Findings) {
    let agrees = match derived {
        None => true,
        // A whole model may also generate or choose.
        Some(Kind::Backbone) => matches!(declared, Kind::Backbone | Kind::Decoder | Kind::Router),
        // So few layers can also lead from one module to another, give tokens or choose.
        Some(Kind::Head) => {
            matches!(declared, Kind::Head | Kind::Bridge | Kind::Decoder | Kind::Router)
        }
        Some(derived) => derived == declared,
    };
    if let Some(derived) = derived.filter(|_| !agrees) {
        let message =
            format!("The manifest calls the module a {declared}, and its files are those of a {derived}.");
        let remedy = "Correct `module.kind`, or publish the files that belong to this kind.";
        let finding =
            Finding::error("interface_mismatch", format!("{FILE_NAME}: module.kind"), message, remedy);
        findings.push(finding.with_change(declared.as_str(), derived.as_str()));
    }
}

fn requirement(manifest: &Manifest, findings: &mut Findings) {
    let kind = manifest.module.kind;
    if kind != Kind::Backbone && manifest.requires.is_empty() {
        let article = if kind == Kind::Adapter { "An" } else { "A" };
        let message =
            format!("{article} {kind} attaches to something, and the manifest does not say to what.");
        let remedy = "Name it under `requires`: `module = \"namespace/name\"` and a version such as `version = \"^1.0\"`.";
        findings.push(Finding::error(
            "manifest_missing_requirement",
            format!("{FILE_NAME}: requires"),
            message,
            remedy,
        ));
    }
}

fn license(manifest: &Manifest, card: Option<&str>, findings: &mut Findings) {
    let declared = manifest.module.license.as_deref();
    findings.extend(declared.or(card).and_then(card::license_finding));
    if let (Some(declared), Some(card)) = (declared, card)
        && card::spdx(declared).as_deref().unwrap_or(declared) != card
    {
        let message = format!("The manifest says {}, and the model card says {card}.", excerpt(declared));
        let remedy = "Let both say the same.";
        let finding =
            Finding::warning("license_mismatch", format!("{FILE_NAME}: module.license"), message, remedy);
        findings.push(finding.with_change(declared, card));
    }
}

/// The derived interface with what only the manifest says, and a finding for each contradiction.
fn merged(declared: &Interface, mut derived: Interface, findings: &mut Findings) -> Interface {
    derived.inputs = ports("inputs", &declared.inputs, derived.inputs, findings);
    derived.outputs = ports("outputs", &declared.outputs, derived.outputs, findings);
    if let (Some(ours), Some(theirs)) = (&declared.architecture, &derived.architecture) {
        findings.extend((ours != theirs).then(|| mismatch("architecture", ours, theirs)));
    }
    for point in &declared.attach_points {
        let same = derived.attach_points.binary_search_by(|known| known.name.cmp(&point.name));
        match same.ok().and_then(|at| derived.attach_points.get(at)) {
            _ if derived.attach_points.is_empty() => {}
            Some(known) if known.shape == point.shape => {}
            known => {
                let place = format!("attach_points: {}", excerpt(&point.name));
                let found = known.map_or_else(|| "nothing".to_owned(), |known| format!("{:?}", known.shape));
                findings.push(mismatch(&place, &format!("{:?}", point.shape), &found));
            }
        }
    }
    if derived.attach_points.is_empty() {
        derived.attach_points.clone_from(&declared.attach_points);
        derived.attach_points.sort();
    }
    derived.precision = declared.precision.clone().or(derived.precision);
    derived.architecture = derived.architecture.or_else(|| declared.architecture.clone());
    derived.implements.clone_from(&declared.implements);
    let texts = [
        ("tokenizer", &declared.tokenizer, &mut derived.tokenizer),
        ("chat_template", &declared.chat_template, &mut derived.chat_template),
        ("quantisation", &declared.quantisation, &mut derived.quantisation),
    ];
    for (place, declared, derived) in texts {
        match (declared, derived) {
            (Some(ours), Some(theirs)) if ours != theirs => findings.push(mismatch(place, ours, theirs)),
            (Some(ours), theirs) => *theirs = Some(ours.clone()),
            (None, _) => {}
        }
    }
    derived
}

/// The ports of one side. Where nothing was derived, the declared ones stand, and where both
/// exist the declared ones say what they mean and the derived ones what they are.
fn ports(side: &str, declared: &[Port], mut derived: Vec<Port>, findings: &mut Findings) -> Vec<Port> {
    if derived.is_empty() {
        return declared.to_vec();
    }
    for port in declared {
        let place = format!("{side}: {}", excerpt(&port.name));
        match derived.iter_mut().find(|known| known.name == port.name) {
            Some(known) if contradicts(port, known) => {
                findings.push(mismatch(&place, &shown(port), &shown(known)))
            }
            Some(known) => complete(known, port),
            None if side == "inputs" => findings.push(mismatch(&place, &shown(port), "nothing")),
            None => {
                let message = format!(
                    "The files do not show the output `{}`; a smoke run has to.",
                    excerpt(&port.name)
                );
                let remedy = "Nothing, if the smoke run passes.";
                findings.push(Finding::warning(
                    "port_unproven",
                    format!("{FILE_NAME}: interface.{place}"),
                    message,
                    remedy,
                ));
                derived.push(port.clone());
            }
        }
    }
    derived
}

fn contradicts(declared: &Port, derived: &Port) -> bool {
    let sizes = declared.dims.iter().zip(&derived.dims);
    let clash = |(a, b): (&Dim, &Dim)| matches!((a, b), (Dim::Fixed(a), Dim::Fixed(b)) if a != b);
    // Models run in other precisions than they are stored in, but never in whole numbers.
    let floats = declared.dtype.contains("float") && derived.dtype.contains("float");
    declared.dims.len() != derived.dims.len()
        || sizes.into_iter().any(clash)
        || !floats && declared.dtype != derived.dtype
}

fn complete(derived: &mut Port, declared: &Port) {
    derived.dtype.clone_from(&declared.dtype);
    for (ours, theirs) in derived.dims.iter_mut().zip(&declared.dims) {
        // A declared size for a free dimension is a narrower promise; a name for a size is none.
        if matches!(ours, Dim::Symbol(_)) {
            ours.clone_from(theirs);
        }
    }
    let take = |ours: &mut Option<String>, theirs: &Option<String>| {
        if theirs.is_some() {
            ours.clone_from(theirs);
        }
    };
    take(&mut derived.semantics, &declared.semantics);
    take(&mut derived.normalisation, &declared.normalisation);
    take(&mut derived.vocabulary, &declared.vocabulary);
    take(&mut derived.modality, &declared.modality);
    take(&mut derived.origin, &declared.origin);
    if !declared.classes.is_empty() {
        derived.classes.clone_from(&declared.classes);
    }
    derived.optional |= declared.optional;
}

fn mismatch(place: &str, declared: &str, derived: &str) -> Finding {
    let message =
        format!("The manifest declares {}, and the files show {}.", excerpt(declared), excerpt(derived));
    let remedy = "Correct the manifest, or leave the entry out: it is derived from the files.";
    let subject = format!("{FILE_NAME}: interface.{place}");
    Finding::error("interface_mismatch", subject, message, remedy).with_change(declared, derived)
}

fn shown(port: &Port) -> String {
    let dims = port.dims.iter().map(|dim| match dim {
        Dim::Fixed(size) => size.to_string(),
        Dim::Symbol(name) => excerpt(name),
    });
    format!("{} [{}]", excerpt(&port.dtype), dims.collect::<Vec<_>>().join(", "))
}
