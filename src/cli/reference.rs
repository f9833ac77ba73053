//! How releases are named on the command line: `namespace/name@version` or `namespace/name@channel`.

use std::fmt;
use std::str::FromStr;

use crate::domain::name::ModuleName;

/// A release by version or channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its module.
    pub module: ModuleName,
    /// A version, or the name of a channel.
    pub revision: String,
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (module, revision) = text.split_once('@').ok_or_else(|| {
            format!("`{text}` names no release: write namespace/name@1.0.0, or namespace/name@stable")
        })?;
        let module = module.parse().map_err(|error| format!("{error}"))?;
        if revision.is_empty() || revision.contains(['/', '@']) {
            return Err(format!("`{revision}` is neither a version nor the name of a channel"));
        }
        Ok(Self { module, revision: revision.to_owned() })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.module, self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_by_its_version_or_by_a_channel() {
        for text in ["demo/minilm@1.0.0", "demo/minilm@stable", "a/b@1.0.0-rc.1"] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_names_no_release_is_refused() {
        for text in ["demo/minilm", "demo@1.0.0", "demo/minilm@", "demo/minilm@../x", "@", ""] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
