//! Names: of namespaces, of modules, and of the files of a release.
//!
//! Namespaces and modules follow the Hugging Face Hub's repository rules (`validate_repo_id` of
//! `huggingface_hub`): letters, digits, `-`, `_` and `.`; no `--` or `..`; no `-` or `.` at either
//! end; no `.git` at the end; at most 96 characters with the slash. Case is kept, and two names
//! that differ in nothing else are the same name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: {why}")]
pub struct BadName {
    what: &'static str,
    text: String,
    why: &'static str,
}

impl BadName {
    fn new(what: &'static str, text: &str, why: &'static str) -> Self {
        Self { what, text: text.chars().take(120).collect(), why }
    }

    /// Whether it was to name a file.
    pub fn is_path(&self) -> bool {
        self.what == "file path"
    }
}

const LONGEST_NAME: usize = 96;

fn check_part(what: &'static str, text: &str) -> Result<(), BadName> {
    let bad = |why| Err(BadName::new(what, text, why));
    if text.is_empty() {
        return bad("it is empty");
    }
    if text.len() > LONGEST_NAME {
        return bad("it is longer than 96 characters");
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return bad("only ASCII letters, digits, `-`, `_` and `.` are allowed");
    }
    if text.contains("--") || text.contains("..") {
        return bad("`--` and `..` are not allowed");
    }
    if text.starts_with(['-', '.']) || text.ends_with(['-', '.']) {
        return bad("`-` and `.` are not allowed at either end");
    }
    if text.ends_with(".git") {
        return bad("it ends in `.git`");
    }
    Ok(())
}

macro_rules! text_type {
    ($type:ident, $what:literal) => {
        impl $type {
            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($what))
                    .build()
                    .into()
            }
        }
        impl utoipa::ToSchema for $type {}
    };
}

/// The name of a namespace.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceName(String);
text_type!(NamespaceName, "The name of a namespace.");

impl FromStr for NamespaceName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        check_part("namespace name", text)?;
        Ok(Self(text.to_owned()))
    }
}

/// The full name of a module: `namespace/name`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleName(String);
text_type!(ModuleName, "The full name of a module: `namespace/name`.");

impl ModuleName {
    /// The namespace before the slash.
    pub fn namespace(&self) -> NamespaceName {
        NamespaceName(self.split().0.to_owned())
    }

    /// The module's own name behind the slash.
    pub fn name(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        self.0.split_once('/').expect("a module name is only made with one slash in it")
    }
}

impl FromStr for ModuleName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        const WHAT: &str = "module name";
        let Some((namespace, name)) = text.split_once('/') else {
            return Err(BadName::new(WHAT, text, "it has to be `namespace/name`"));
        };
        check_part(WHAT, namespace)?;
        check_part(WHAT, name)?;
        if text.len() > LONGEST_NAME {
            return Err(BadName::new(WHAT, text, "it is longer than 96 characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The path of a file inside a release: relative, with `/`, and harmless on every file system.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(String);
text_type!(FilePath, "The path of a file inside a release.");

impl FromStr for FilePath {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = |why| Err(BadName::new("file path", text, why));
        if text.is_empty() || text.len() > 512 {
            return bad("it has to have 1 to 512 bytes");
        }
        if text.chars().any(|c| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
        {
            return bad(r#"control characters and \ : * ? " < > | are not allowed"#);
        }
        for part in text.split('/') {
            match part {
                "" => return bad("it starts or ends with `/`, or has two in a row"),
                "." | ".." => return bad("`.` and `..` are not allowed as parts"),
                _ if part.ends_with(['.', ' ']) || part.starts_with(' ') => {
                    return bad("a part may not end in `.`, nor start or end with a space");
                }
                _ if part.len() > 255 => return bad("a part is longer than 255 bytes"),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_hub_are_names_here() {
        for text in ["sentence-transformers/all-MiniLM-L6-v2", "acme/q_proj.v1", "a/b", "0/9"] {
            let name: ModuleName = text.parse().unwrap();
            assert_eq!(format!("{}/{}", name.namespace(), name.name()), text);
        }
    }

    #[test]
    fn names_the_hub_refuses_are_refused() {
        let long = format!("a/{}", "b".repeat(95));
        for text in [
            "",
            "a",
            "/a",
            "a/",
            "a/b/c",
            "a/-b",
            "a/b-",
            "a/.b",
            "a/b.",
            "a/b--c",
            "a/b..c",
            "a/b.git",
            "a/b c",
            "a/ü",
            "../etc/passwd",
            &long,
        ] {
            assert!(text.parse::<ModuleName>().is_err(), "{text}");
        }
    }

    #[test]
    fn paths_that_leave_the_release_are_refused() {
        for text in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "C:x",
            "a\0b",
            "a\nb",
            "a.",
            "con ",
            "a/. /b",
        ] {
            assert!(text.parse::<FilePath>().is_err(), "{text:?}");
        }
        for text in ["model.safetensors", "1_Pooling/config.json", ".gitattributes", "déjà vu.txt"] {
            assert!(text.parse::<FilePath>().is_ok(), "{text:?}");
        }
    }
}
