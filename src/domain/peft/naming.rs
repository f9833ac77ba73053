//! How the module paths of an adapter read in its backbone's file.
//!
//! Adapters are trained on a model with a task's head around the backbone, whose paths begin with
//! the backbone's own name (`bert.encoder…`); files of a bare backbone lack it (`encoder…`), and it
//! may be the other way round. Some modules are renamed besides: see [`Renamed`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::renamed::Renamed;

/// The most first components tried on either side: real models have one or two.
const MOST_TRIED: usize = 8;

/// The translation between an adapter's paths and the names in the backbone's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    front: Front,
    renamed: Renamed,
    /// Whether the adapter has names that are models' and not files'.
    has_new: bool,
}

/// What stands in front of the names on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Front {
    /// Nothing.
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
        renamed: Renamed,
        has_module: impl Fn(&str) -> bool,
    ) -> Self {
        let in_file: Vec<Cow<str>> = modules.iter().map(|module| in_file(renamed, module)).collect();
        let found =
            |front: &Front| in_file.iter().filter(|module| has_module(&front.to_backbone(module))).count();
        let theirs = first_components(in_file.iter().map(AsRef::as_ref)).into_iter().map(Front::AdapterHas);
        let ours = first_components(backbone).into_iter().map(Front::BackboneHas);
        let mut best = (found(&Front::Same), Front::Same);
        for front in theirs.chain(ours) {
            let hits = found(&front);
            if hits > best.0 {
                best = (hits, front);
            }
        }
        let has_new = in_file.iter().any(|module| matches!(module, Cow::Owned(_)));
        Self { front: best.1, renamed, has_new }
    }

    /// An adapter's path as the backbone's file has it.
    pub fn to_backbone<'a>(&self, path: &'a str) -> Cow<'a, str> {
        match in_file(self.renamed, path) {
            Cow::Borrowed(path) => self.front.to_backbone(path),
            Cow::Owned(path) => self.front.to_backbone(&path).into_owned().into(),
        }
    }

    /// A name of the backbone's file as the adapter's model has it.
    pub fn to_adapter<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self.renamed.in_model(name).filter(|_| self.has_new) {
            Some(name) => self.front.to_adapter(&name).into_owned().into(),
            None => self.front.to_adapter(name),
        }
    }
}

fn in_file(renamed: Renamed, path: &str) -> Cow<'_, str> {
    renamed.in_file(path).map_or(Cow::Borrowed(path), Cow::Owned)
}

impl Front {
    fn to_backbone<'a>(&self, path: &'a str) -> Cow<'a, str> {
        match self {
            Self::Same => path.into(),
            Self::AdapterHas(prefix) => without(prefix, path).unwrap_or(path).into(),
            Self::BackboneHas(prefix) => format!("{prefix}.{path}").into(),
        }
    }

    fn to_adapter<'a>(&self, name: &'a str) -> Cow<'a, str> {
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
        let renamed = Renamed::default();
        Naming::between(&set, backbone.iter().copied(), renamed, |module| backbone.contains(&module))
    }

    #[test]
    fn a_prefix_that_the_file_lacks_is_taken_off() {
        let adapter = format!("bert.{QUERY}");
        let naming = naming(&[&adapter, "classifier"], &["embeddings.word_embeddings", QUERY]);
        assert_eq!(naming.front, Front::AdapterHas("bert".into()));
        assert_eq!(naming.to_backbone(&adapter), QUERY);
        assert_eq!(naming.to_backbone("classifier"), "classifier");
        assert_eq!(naming.to_adapter(QUERY), adapter);
    }

    #[test]
    fn a_prefix_that_the_adapter_lacks_is_put_on() {
        let file = format!("bert.{QUERY}");
        let naming = naming(&[QUERY], &["cls.predictions", &file]);
        assert_eq!(naming.front, Front::BackboneHas("bert".into()));
        assert_eq!(naming.to_backbone(QUERY), file);
        assert_eq!(naming.to_adapter(&file), QUERY);
        assert_eq!(naming.to_adapter("bertram.x"), "bertram.x");
    }

    #[test]
    fn equal_names_stay() {
        assert_eq!(naming(&[QUERY], &[QUERY]).front, Front::Same);
        assert_eq!(naming(&["a.b"], &["c.d"]).front, Front::Same);
        assert_eq!(naming(&[], &[]).front, Front::Same);
    }
}
