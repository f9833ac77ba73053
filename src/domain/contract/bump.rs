//! How far one version is from another, as cargo counts.
//!
//! Source: The Cargo Book, "SemVer Compatibility": below 1.0.0 the first number that is not zero counts as the major
//! one; pre-releases promise nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::version::Version;

/// How much of a version changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bump {
    /// Nobody notices.
    Patch,
    /// There is more than before, and whoever used it goes on.
    Minor,
    /// Whoever used it may have to change something.
    Major,
}

impl Bump {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// How far `version` is from an earlier one, by the numbers that count.
    pub fn between(baseline: &Version, version: &Version) -> Self {
        let (from, to) = (baseline.semver(), version.semver());
        if from.major != to.major {
            Self::Major
        } else if from.minor != to.minor {
            if from.major == 0 { Self::Major } else { Self::Minor }
        } else if from.patch != to.patch {
            match (from.major, from.minor) {
                (0, 0) => Self::Major,
                // Below 1.0.0 there is one number less: the last one stands for both.
                (0, _) => Self::Minor,
                _ => Self::Patch,
            }
        } else {
            Self::Patch
        }
    }
}

/// The release that a new version is held against: the latest one before it. Pre-releases are none, because they
/// promise nothing; there is none for a first release.
pub fn baseline<'a>(
    version: &Version,
    published: impl IntoIterator<Item = &'a Version>,
) -> Option<&'a Version> {
    published.into_iter().filter(|other| !other.is_prerelease() && *other < version).max()
}

/// The smallest version after `baseline` that gives `bump` and is not taken, a pre-release where `wanted` is one.
/// Where later releases are in the way, it is the one after those.
pub fn smallest(baseline: &Version, bump: Bump, wanted: &Version, published: &[Version]) -> Version {
    let mut from = baseline;
    loop {
        let candidate = after(from, bump, wanted);
        let between = published.iter().filter(|other| !other.is_prerelease() && *other > from);
        // What lies between would be the baseline of the candidate; what is equal to it has taken it.
        let Some(next) = between.filter(|other| **other <= candidate.1).min() else {
            return if published.contains(&candidate.0) { candidate.1 } else { candidate.0 };
        };
        from = next;
    }
}

/// The version itself, as a pre-release where one is wanted, and the one without the pre-release.
fn after(from: &Version, bump: Bump, wanted: &Version) -> (Version, Version) {
    let from = from.semver();
    let (major, minor, patch) = match (bump, from.major, from.minor) {
        (Bump::Major, 0, 0) | (Bump::Minor, 0, _) | (Bump::Patch, ..) => {
            (from.major, from.minor, from.patch.saturating_add(1))
        }
        (Bump::Major, 0, _) | (Bump::Minor, ..) => (from.major, from.minor.saturating_add(1), 0),
        (Bump::Major, ..) => (from.major.saturating_add(1), 0, 0),
    };
    let mut version = semver::Version::new(major, minor, patch);
    let plain = Version::without_build(version.clone());
    version.pre = wanted.semver().pre.clone();
    (Version::without_build(version), plain)
}
