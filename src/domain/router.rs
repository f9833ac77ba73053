//! Routers: what they choose among, and whether what they give can be a choice.
//!
//! A router's outputs are a score for each candidate, \[batch, candidates\] of floating point, the largest of which
//! is the choice; or places in the list of candidates, \[batch\] or \[batch, choices\] of int64.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::finding::{Finding, excerpt};
use super::interface::{Dim, Interface};
use super::manifest::{FILE_NAME, Manifest};
use super::module::Kind;
use super::name::ModuleName;

/// The input through which a router is told its candidates: their places, int64 \[candidates\].
pub const CANDIDATES: &str = "candidates";
/// The most candidates: beyond it a list is a mistake, or work for a search index.
const MOST: usize = 1000;

/// What a router chooses among.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouterSection {
    /// The modules that it may choose, in the order of its scores; 2 to 1,000, each once.
    pub candidates: Vec<ModuleName>,
    /// The output that chooses; absent where it is the only one, or the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// What is wrong with the candidates that a manifest names, or does not name.
pub fn declared(manifest: &Manifest) -> Option<Finding> {
    let (kind, name) = (manifest.module.kind, manifest.module.name.as_str());
    let invalid = |message: String, remedy: &str| {
        let place = format!("{FILE_NAME}: router.candidates");
        Some(Finding::error("router_candidates_invalid", place, message, remedy))
    };
    let Some(section) = &manifest.router else {
        let message = "A router chooses among modules, and the manifest does not say among which.";
        let remedy = "Name them under `[router]`, in the order of its scores: `candidates = [\"team/one\", \"team/two\"]`.";
        let place = format!("{FILE_NAME}: router");
        return (kind == Kind::Router)
            .then(|| Finding::error("router_candidates_missing", place, message, remedy));
    };
    if kind != Kind::Router {
        let message = format!("The manifest has candidates to choose among, and calls the module a {kind}.");
        return invalid(message, "Make `module.kind` \"router\", or leave `[router]` out.");
    }
    let count = section.candidates.len();
    if !(2..=MOST).contains(&count) {
        let message = format!("A router chooses among 2 to {MOST} modules, and the manifest names {count}.");
        return invalid(message, "Name each module that it may choose, once.");
    }
    let mut seen = BTreeSet::from([name.to_ascii_lowercase()]);
    let again = section.candidates.iter().find(|one| !seen.insert(one.as_str().to_ascii_lowercase()))?;
    let why = if again.as_str().eq_ignore_ascii_case(name) { "the router itself" } else { "named twice" };
    invalid(format!("The candidate `{again}` is {why}."), "Name each module that it may choose, once.")
}

/// What is wrong with the output that chooses, as far as the ports tell.
pub fn ports(section: &RouterSection, interface: &Interface) -> Option<Finding> {
    let chooses = |name: &String| interface.outputs.iter().find(|port| port.name == *name);
    let port = match &section.output {
        Some(name) => chooses(name),
        None => interface.outputs.first(),
    };
    let Some(port) = port else {
        let name = section.output.as_ref().filter(|_| !interface.outputs.is_empty())?;
        return Some(no_choice(
            FILE_NAME,
            &format!("it does not give `{}`, which should choose", excerpt(name)),
        ));
    };
    let scores = port.dtype.contains("float");
    match port.dims.as_slice() {
        [_, Dim::Fixed(width)] if scores => width_finding(FILE_NAME, section, *width),
        [_, Dim::Symbol(_)] if scores => None,
        [_] | [_, _] if port.dtype == "int64" => None,
        _ => {
            let (name, dims) = (excerpt(&port.name), port.dims.len());
            Some(no_choice(
                FILE_NAME,
                &format!("`{name}` is {} with {dims} dimensions", excerpt(&port.dtype)),
            ))
        }
    }
}

/// The finding about scores that are not one for each candidate.
pub fn width_finding(subject: &str, section: &RouterSection, width: u64) -> Option<Finding> {
    let count = section.candidates.len() as u64;
    let message =
        format!("{subject}: the router gives {width} scores, and has {count} candidates to choose among.");
    let remedy =
        "Name as many candidates as there are scores, in their order, or give the router an output for each.";
    (width != count)
        .then(|| Finding::error("router_width", subject, message, remedy).with_change(count, width))
}

/// The finding about what cannot be read as a choice.
pub fn no_choice(subject: &str, why: &str) -> Finding {
    let message = format!("{subject}: what the router gives is no choice: {why}.");
    let remedy = "Give a score for each candidate, [batch, candidates] as float32, or the places of those that are \
                  chosen, [batch] or [batch, choices] as int64; `output` under `[router]` names which output it is.";
    Finding::error("router_no_choice", subject, message, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(kind: &str, router: &str) -> Manifest {
        let text =
            format!("[module]\nname = \"a/chooser\"\nkind = \"{kind}\"\nversion = \"1.0.0\"\n{router}");
        Manifest::from_toml(&text).unwrap()
    }

    fn section(candidates: &str) -> String {
        format!("[router]\ncandidates = [{candidates}]\n")
    }

    #[test]
    fn a_router_names_what_it_chooses_among_and_nothing_else_does() {
        let two = section("\"a/one\", \"b/two\"");
        assert_eq!(declared(&manifest("router", &two)), None);
        assert_eq!(declared(&manifest("head", "")), None);
        for (kind, router, rule, why) in [
            ("router", String::new(), "router_candidates_missing", "among which"),
            ("head", two, "router_candidates_invalid", "calls the module a head"),
            ("router", section("\"a/one\""), "router_candidates_invalid", "names 1"),
            (
                "router",
                section("\"a/one\", \"A/One\""),
                "router_candidates_invalid",
                "`A/One` is named twice",
            ),
            ("router", section("\"a/one\", \"a/Chooser\""), "router_candidates_invalid", "the router itself"),
        ] {
            let finding = declared(&manifest(kind, &router)).unwrap();
            assert_eq!((finding.rule.as_str(), finding.refuses()), (rule, true), "{router}");
            assert!(finding.message.contains(why), "{}", finding.message);
        }
        for bad in [section("\"one\""), section("1"), "[router]\n".to_owned(), section("") + "among = 2\n"] {
            let text = format!("[module]\nname = \"a/b\"\nkind = \"router\"\nversion = \"1.0.0\"\n{bad}");
            assert!(Manifest::from_toml(&text).is_err(), "{bad}");
        }
    }

    #[test]
    fn ports_of_another_width_or_type_are_no_choice() {
        let three = section("\"a/one\", \"b/two\", \"c/three\"");
        let rule = |outputs: &str, more: &str| {
            let router = format!("{three}{more}\n[interface]\noutputs = [{outputs}]\n");
            let manifest = manifest("router", &router);
            let found = ports(&manifest.router.unwrap(), &manifest.interface.unwrap());
            found.map(|finding| finding.rule)
        };
        let port =
            |dtype: &str, dims: &str| format!("{{ name = \"s\", dtype = \"{dtype}\", dims = [{dims}] }}");
        for sound in [
            port("float32", "\"batch\", 3"),
            port("bfloat16", "\"batch\", \"candidates\""),
            port("int64", "\"batch\""),
            port("int64", "\"batch\", 2"),
            String::new(),
        ] {
            assert_eq!(rule(&sound, ""), None, "{sound}");
        }
        assert_eq!(rule(&port("float32", "\"batch\", 4"), "").as_deref(), Some("router_width"));
        for none in [port("float32", "\"batch\""), port("bool", "\"batch\", 3"), port("float32", "1, 2, 3")] {
            assert_eq!(rule(&none, "").as_deref(), Some("router_no_choice"), "{none}");
        }
        let other = rule(&port("float32", "\"batch\", 3"), "output = \"chosen\"");
        assert_eq!(other.as_deref(), Some("router_no_choice"));
    }
}
