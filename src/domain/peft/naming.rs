//! How the module paths of an adapter read in its backbone's file.
//!
//! Adapters are trained on a model with a task's head around the backbone, whose paths begin with
//! the backbone's own name (`bert.encoder…`); files of a bare backbone lack it (`encoder…`), and it
//! may be the other way round.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// The most first components tried on either side: real models have one or two.
const MOST_TRIED: usize = 8;

/// The translation between an adapter's paths and the names in the backbone's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naming {
    /// They are the same.
    Same,
    /// The adapter's paths have this component in front, as `bert`, and the file has not.
    AdapterHas(String),
    /// The file's names have this component in front, and the adapter's paths have not.
    BackboneHas(String),
}

impl Naming {
    /// The translation that finds the most of the adapter's modules in the backbone; the plainest
    /// of those that find as many.
    ///
    /// `modules` are paths in the adapter; `has_module` says whether the backbone's file has a
    /// module of a path; `backbone` are the names of the file's tensors.
    pub fn between<'a>(
        modules: &BTreeSet<&'a str>,
        backbone: impl IntoIterator<Item = &'a str>,
        has_module: impl Fn(&str) -> bool,
    ) -> Self {
        let found =
            |naming: &Self| modules.iter().filter(|module| has_module(&naming.to_backbone(module))).count();
        let theirs = first_components(modules.iter().copied()).into_iter().map(Self::AdapterHas);
        let ours = first_components(backbone).into_iter().map(Self::BackboneHas);
        let mut best = (found(&Self::Same), Self::Same);
        for naming in theirs.chain(ours) {
            let hits = found(&naming);
            if hits > best.0 {
                best = (hits, naming);
            }
        }
        best.1
    }

    /// An adapter's path as the backbone's file has it.
    pub fn to_backbone<'a>(&self, path: &'a str) -> Cow<'a, str> {
        match self {
            Self::Same => path.into(),
            Self::AdapterHas(prefix) => without(prefix, path).unwrap_or(path).into(),
            Self::BackboneHas(prefix) => format!("{prefix}.{path}").into(),
        }
    }

    /// A name of the backbone's file as the adapter's model has it.
    pub fn to_adapter<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self {
            Self::Same => name.into(),
            Self::AdapterHas(prefix) => format!("{prefix}.{name}").into(),
            Self::BackboneHas(prefix) => without(prefix, name).unwrap_or(name).into(),
        }
    }
}

fn without<'a>(prefix: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(prefix)?.strip_prefix('.')
}

fn first_components<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut first = Vec::new();
    for path in paths {
        let component = path.split_once('.').map_or(path, |(component, _)| component);
        if !first.iter().any(|known| known == component) {
            first.push(component.to_owned());
            if first.len() == MOST_TRIED {
                break;
            }
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "encoder.layer.0.attention.self.query";

    fn naming(modules: &[&str], backbone: &[&str]) -> Naming {
        let set: BTreeSet<&str> = modules.iter().copied().collect();
        Naming::between(&set, backbone.iter().copied(), |module| backbone.contains(&module))
    }

    #[test]
    fn a_prefix_that_the_file_lacks_is_taken_off() {
        let adapter = format!("bert.{QUERY}");
        let naming = naming(&[&adapter, "classifier"], &["embeddings.word_embeddings", QUERY]);
        assert_eq!(naming, Naming::AdapterHas("bert".into()));
        assert_eq!(naming.to_backbone(&adapter), QUERY);
        assert_eq!(naming.to_backbone("classifier"), "classifier");
        assert_eq!(naming.to_adapter(QUERY), adapter);
    }

    #[test]
    fn a_prefix_that_the_adapter_lacks_is_put_on() {
        let file = format!("bert.{QUERY}");
        let naming = naming(&[QUERY], &["cls.predictions", &file]);
        assert_eq!(naming, Naming::BackboneHas("bert".into()));
        assert_eq!(naming.to_backbone(QUERY), file);
        assert_eq!(naming.to_adapter(&file), QUERY);
        assert_eq!(naming.to_adapter("bertram.x"), "bertram.x");
    }

    #[test]
    fn equal_names_stay() {
        assert_eq!(naming(&[QUERY], &[QUERY]), Naming::Same);
        assert_eq!(naming(&["a.b"], &["c.d"]), Naming::Same);
        assert_eq!(naming(&[], &[]), Naming::Same);
    }
}
