//! The manifest: what a release says of itself, as `cambium.toml` in its folder and as JSON in the
//! API. Both have the same shape.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::digest::Digest;
use super::interface::Interface;
use super::module::Kind;
use super::name::{FilePath, ModuleName};
use super::router::RouterSection;
use super::version::Version;

/// The manifest's file name in a release's folder. It is not one of the release's files.
pub const FILE_NAME: &str = "cambium.toml";

/// The longest manifest read, in bytes, as TOML or as JSON.
pub const MAX_BYTES: usize = 1 << 20;

/// What a release says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Which module, and which version of it.
    pub module: ModuleSection,
    /// What it attaches to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// The interface, or the parts of it that cannot be derived from the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<Interface>,
    /// What it chooses among; routers have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router: Option<RouterSection>,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Provenance::is_empty")]
    pub provenance: Provenance,
    /// How its smoke run is judged.
    #[serde(default, skip_serializing_if = "SmokeSection::is_default")]
    pub smoke: SmokeSection,
}

/// Which module, and which version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModuleSection {
    /// `namespace/name`.
    pub name: ModuleName,
    /// What it is.
    pub kind: Kind,
    /// Semantic version without build metadata.
    pub version: Version,
    /// SPDX expression, as `Apache-2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// One or two sentences for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Tasks in the Hub's words, as `text-classification`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// What a release attaches to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"module": "demo/minilm", "version": "^1.0"}))]
pub struct Requirement {
    /// The module.
    pub module: ModuleName,
    /// The releases of it that are admitted, in cargo's words, as `^1.2` or `>=1, <3`.
    #[schema(value_type = String)]
    pub version: semver::VersionReq,
    /// Digest of the release that this one was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Digest>,
}

/// Where a release comes from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The model outside of this registry that it comes from, as
    /// `sentence-transformers/all-MiniLM-L6-v2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_model: Option<String>,
    /// Releases that it was made from: `namespace/name@version`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<String>,
    /// Data sets that it was trained or evaluated on, by name or URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// The code that made it: a URL with a revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The training run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl Provenance {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How a release's smoke run is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SmokeSection {
    /// Largest absolute difference to the golden outputs of `probe.safetensors`; more than 0.01 counts as 0.01.
    #[serde(default = "default_tolerance")]
    pub tolerance: f64,
}

const fn default_tolerance() -> f64 {
    1e-4
}

impl Default for SmokeSection {
    fn default() -> Self {
        Self { tolerance: default_tolerance() }
    }
}

impl SmokeSection {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path in the release.
    pub path: FilePath,
    /// Its length in bytes.
    pub size: u64,
    /// Digest of its bytes.
    pub digest: Digest,
}

/// Why a manifest was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    /// Longer than [`MAX_BYTES`].
    #[error("the manifest has {0} bytes; at most 1 MiB is read: move data into files of the release")]
    TooLarge(usize),
    /// Not TOML, not the manifest's shape, or a bad value in it.
    #[error("the manifest cannot be read: {0}")]
    Malformed(String),
}

impl Manifest {
    /// Reads `cambium.toml`.
    ///
    /// # Errors
    /// When it is too large or malformed; the message names the line and the field.
    pub fn from_toml(text: &str) -> Result<Self, BadManifest> {
        if text.len() > MAX_BYTES {
            return Err(BadManifest::TooLarge(text.len()));
        }
        toml::from_str(text).map_err(|error| BadManifest::Malformed(error.to_string()))
    }

    /// Writes `cambium.toml`.
    ///
    /// # Errors
    /// When a value has no TOML form; none that [`Self::from_toml`] reads does.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}

/// The digest that names a release by content: SHA-256 of the canonical JSON (RFC 8785) of
/// `{"files": […], "manifest": {…}}`, files sorted by path.
///
/// # Errors
/// Never for values that were read from JSON or TOML.
pub fn release_digest(manifest: &Manifest, files: &[FileEntry]) -> Result<Digest, serde_json::Error> {
    #[derive(Serialize)]
    struct Content<'a> {
        files: Vec<&'a FileEntry>,
        manifest: &'a Manifest,
    }
    let mut files: Vec<&FileEntry> = files.iter().collect();
    files.sort();
    Digest::of_canonical(&Content { files, manifest })
}

/// The digest that facts about behaviour hang on: what decides how a release computes, which is its
/// kind, its declared interface, what it chooses among and those of its files that are not documentation. Releases that
/// differ in name, version, ranges or texts alone share it.
///
/// # Errors
/// Never for values that were read from JSON or TOML.
pub fn content_digest(manifest: &Manifest, files: &[FileEntry]) -> Result<Digest, serde_json::Error> {
    #[derive(Serialize)]
    struct Content<'a> {
        files: Vec<&'a FileEntry>,
        interface: &'a Option<Interface>,
        kind: Kind,
        // Absent where there is none, so that other kinds keep the digests that they have.
        #[serde(skip_serializing_if = "Option::is_none")]
        router: &'a Option<RouterSection>,
        smoke: &'a SmokeSection,
    }
    let mut files: Vec<&FileEntry> =
        files.iter().filter(|file| !is_documentation(file.path.as_str())).collect();
    files.sort();
    Digest::of_canonical(&Content {
        files,
        interface: &manifest.interface,
        kind: manifest.module.kind,
        router: &manifest.router,
        smoke: &manifest.smoke,
    })
}

/// Exactly these names, in the release's own folder: any other name could be given to weights, as an
/// index of shards may name files as it likes.
fn is_documentation(path: &str) -> bool {
    const TEXTS: [&str; 7] =
        ["LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt", "README.md", ".gitattributes"];
    TEXTS.contains(&path)
}
