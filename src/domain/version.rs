//! Versions of releases: Semantic Versioning 2.0.0 without build metadata.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version of a release.
///
/// Build metadata is refused: semver gives two versions that differ in it alone the same
/// precedence, so that neither could be called the newer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(semver::Version);

/// A version was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVersion {
    /// Not Semantic Versioning.
    #[error("`{text}` is not a semantic version ({why}): write one such as 1.2.0 or 2.0.0-rc.1")]
    Malformed {
        /// What was given.
        text: String,
        /// What the parser says.
        why: String,
    },
    /// It has a `+` part.
    #[error("`{0}` has build metadata, which does not order versions: leave out everything from the `+`")]
    BuildMetadata(String),
}

impl Version {
    /// Whether it is a pre-release such as `2.0.0-rc.1`.
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// A version of these numbers and this pre-release; build metadata is left out.
    pub fn without_build(version: semver::Version) -> Self {
        Self(semver::Version { build: semver::BuildMetadata::EMPTY, ..version })
    }

    /// The parsed version.
    pub const fn semver(&self) -> &semver::Version {
        &self.0
    }

    /// Bytes whose lexicographic order is the order of versions, for an index to sort by.
    ///
    /// Numbers are written as their length and their big-endian digits, pre-release identifiers
    /// tagged so that numeric ones come before others and a release after all its pre-releases
    /// (Semantic Versioning 2.0.0, point 11).
    pub fn sort_key(&self) -> Vec<u8> {
        const END_OF_PRERELEASE: u8 = 0;
        const NUMERIC: u8 = 1;
        const ALPHANUMERIC: u8 = 2;
        const RELEASE: u8 = 3;
        let mut key = Vec::new();
        for number in [self.0.major, self.0.minor, self.0.patch] {
            push_digits(&mut key, &number.to_string());
        }
        if self.0.pre.is_empty() {
            key.push(RELEASE);
            return key;
        }
        for identifier in self.0.pre.split('.') {
            if identifier.bytes().all(|b| b.is_ascii_digit()) {
                key.push(NUMERIC);
                push_digits(&mut key, identifier);
            } else {
                key.push(ALPHANUMERIC);
                key.extend_from_slice(identifier.as_bytes());
                key.push(0);
            }
        }
        key.push(END_OF_PRERELEASE);
        key
    }
}

fn push_digits(key: &mut Vec<u8>, digits: &str) {
    // A version is at most 128 bytes long, so its numbers' lengths fit a byte.
    key.push(u8::try_from(digits.len()).unwrap_or(u8::MAX));
    key.extend_from_slice(digits.as_bytes());
}

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let shown = || text.chars().take(80).collect::<String>();
        if text.len() > 128 {
            return Err(BadVersion::Malformed {
                text: shown(),
                why: "it is longer than 128 characters".into(),
            });
        }
        let version = semver::Version::parse(text)
            .map_err(|error| BadVersion::Malformed { text: shown(), why: error.to_string() })?;
        if !version.build.is_empty() {
            return Err(BadVersion::BuildMetadata(shown()));
        }
        Ok(Self(version))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Version {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A semantic version without build metadata."))
            .examples([serde_json::json!("1.2.0")])
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Version {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn build_metadata_is_refused_by_its_own_reason() {
        assert_eq!("1.0.0+gpu".parse::<Version>(), Err(BadVersion::BuildMetadata("1.0.0+gpu".into())));
    }

    #[test]
    fn texts_that_are_not_semver_are_refused() {
        for text in [
            "",
            "1",
            "1.0",
            "v1.0.0",
            "1.0.0.0",
            "01.0.0",
            "1.0.0-",
            "1.0.0-01",
            "latest",
            "99999999999999999999.0.0",
        ] {
            assert!(matches!(text.parse::<Version>(), Err(BadVersion::Malformed { .. })), "{text}");
        }
    }

    proptest! {
        #[test]
        fn sort_keys_order_as_versions_do(
            a in "(0|1|9|10|99)\\.(0|2|10)\\.(0|3)(-(0|1|10|a|b|rc|A)(\\.(0|2|11|x|-))?)?",
            b in "(0|1|9|10|99)\\.(0|2|10)\\.(0|3)(-(0|1|10|a|b|rc|A)(\\.(0|2|11|x|-))?)?",
        ) {
            let (a, b): (Version, Version) = (a.parse().unwrap(), b.parse().unwrap());
            prop_assert_eq!(a.sort_key().cmp(&b.sort_key()), a.cmp(&b));
        }
    }
}
