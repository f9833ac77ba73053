//! What models call otherwise than files do.
//!
//! Since transformers 5 modules of some architectures have other names than the parameters in their
//! files: names are translated whenever a file is read or written. Adapters keep the names of the model
//! that they were trained on, old or new.

use std::borrow::Cow;

/// Names in files and in models; each is whole components of a path.
type Pairs = &'static [(&'static str, &'static str)];

const ATTENTION: [(&str, &str); 4] = [
    ("attention.attention.query", "attention.q_proj"),
    ("attention.attention.key", "attention.k_proj"),
    ("attention.attention.value", "attention.v_proj"),
    ("attention.output.dense", "attention.o_proj"),
];

/// `output.dense` comes after attention's, whose end it is.
const VIT: [(&str, &str); 7] = [
    ATTENTION[0],
    ATTENTION[1],
    ATTENTION[2],
    ATTENTION[3],
    ("intermediate.dense", "mlp.fc1"),
    ("output.dense", "mlp.fc2"),
    ("encoder.layer", "layers"),
];

/// By `model_type`, as transformers' `conversion_mapping.py` has them.
const ARCHITECTURES: [(&str, Pairs); 3] =
    [("vit", &VIT), ("dinov2", &ATTENTION), ("gpt_neox", &[("embed_out", "lm_head")])];

/// An architecture's renamed modules; none by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Renamed(Pairs);

impl Renamed {
    /// Those of a `model_type`.
    pub fn of(model_type: &str) -> Self {
        let known = ARCHITECTURES.iter().find(|(known, _)| *known == model_type);
        Self(known.map_or(&[], |(_, pairs)| pairs))
    }

    /// What files call the module or parameter that a model has at this path, where they call it
    /// otherwise.
    pub fn in_file(self, path: &str) -> Option<String> {
        translated(path, self.0.iter().map(|(file, model)| (*model, *file)))
    }

    /// What models call the module or parameter that a file has at this path, where they call it
    /// otherwise.
    pub fn in_model(self, path: &str) -> Option<String> {
        translated(path, self.0.iter().copied())
    }
}

fn translated<'a>(path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let new = pairs.fold(Cow::Borrowed(path), |path, (from, to)| match replaced(&path, from, to) {
        Some(new) => Cow::Owned(new),
        None => path,
    });
    (new != path).then(|| new.into_owned())
}

/// The path with `from` replaced where it first is whole components.
fn replaced(path: &str, from: &str, to: &str) -> Option<String> {
    path.match_indices(from).find_map(|(at, _)| {
        let (before, after) = (&path[..at], &path[at + from.len()..]);
        let whole =
            (before.is_empty() || before.ends_with('.')) && (after.is_empty() || after.starts_with('.'));
        whole.then(|| format!("{before}{to}{after}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_and_models_are_translated_both_ways() {
        let names = [
            ("vit", "encoder.layer.0.attention.attention.query", "layers.0.attention.q_proj"),
            ("vit", "vit.encoder.layer.10.attention.output.dense", "vit.layers.10.attention.o_proj"),
            ("vit", "vit.encoder.layer.1.output.dense.weight", "vit.layers.1.mlp.fc2.weight"),
            (
                "dinov2",
                "dinov2.encoder.layer.1.attention.attention.key",
                "dinov2.encoder.layer.1.attention.k_proj",
            ),
            ("gpt_neox", "embed_out", "lm_head"),
        ];
        for (model_type, file, model) in names {
            let renamed = Renamed::of(model_type);
            assert_eq!(renamed.in_model(file).as_deref(), Some(model));
            assert_eq!(renamed.in_file(model).as_deref(), Some(file));
            assert_eq!((renamed.in_file(file), renamed.in_model(model)), (None, None), "{file}");
        }
    }

    #[test]
    fn names_that_only_look_alike_stay() {
        assert_eq!(Renamed::of("gpt_neox").in_file("my_lm_head.x"), None);
        assert_eq!(Renamed::of("vit").in_model("sublayer.0.my_output.dense"), None);
        assert_eq!(Renamed::of("bert").in_model("encoder.layer.0.attention.output.dense"), None);
    }
}
