//! Reads a module's folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::domain::manifest::{FILE_NAME, MAX_BYTES, Manifest};
use crate::domain::name::FilePath;
use crate::domain::reading::{FileFacts, Reading};

/// The most files of one folder.
const MAX_FILES: usize = 10_000;
/// The deepest folder within the folder.
const MAX_DEPTH: usize = 16;

/// A module's folder: its manifest, where it has one, and its files.
#[derive(Debug)]
pub struct Folder {
    /// What it is called: its last component.
    pub name: String,
    /// `cambium.toml`.
    pub manifest: Option<Manifest>,
    /// Path in the release → where the bytes lie. The manifest is not among them.
    pub files: BTreeMap<FilePath, PathBuf>,
}

impl Folder {
    /// Lists a folder. Hidden files and folders are left out, and no link out of the folder is
    /// followed.
    ///
    /// # Errors
    /// When it is no folder, cannot be read, has a link out of it, a file name that no release may
    /// have, or a malformed manifest.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let root = path.canonicalize().with_context(|| format!("{} cannot be opened", path.display()))?;
        if !root.is_dir() {
            bail!("{} is not a folder", path.display());
        }
        let mut found = Vec::new();
        walk(&root, &root, 0, &mut found)?;
        let (mut files, mut manifest) = (BTreeMap::new(), None);
        for place in found {
            let inside = place.strip_prefix(&root)?.to_str();
            let inside = inside.with_context(|| format!("{} is not named in UTF-8", place.display()))?;
            if inside == FILE_NAME {
                manifest = Some(read_manifest(&place)?);
            } else {
                let name: FilePath =
                    inside.parse().with_context(|| format!("{} cannot be in a release", place.display()))?;
                files.insert(name, place);
            }
        }
        let name =
            root.file_name().map_or_else(|| "folder".into(), |name| name.to_string_lossy().into_owned());
        Ok(Self { name, manifest, files })
    }

    /// What each file is, by its content.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn facts(&self) -> anyhow::Result<Vec<FileFacts>> {
        self.files
            .iter()
            .map(|(name, place)| {
                facts(name, place).with_context(|| format!("{} cannot be read", place.display()))
            })
            .collect()
    }
}

fn walk(root: &Path, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if depth > MAX_DEPTH {
        bail!("{} is deeper than {MAX_DEPTH} folders", folder.display());
    }
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            let target = path.canonicalize().with_context(|| format!("{} leads nowhere", path.display()))?;
            if !target.starts_with(root) || !target.is_file() {
                bail!(
                    "{} is a link out of the folder, and is not followed: copy the files with `cp -rL`",
                    path.display()
                );
            }
            found.push(path);
        } else if kind.is_dir() {
            walk(root, &path, depth + 1, found)?;
        } else if kind.is_file() {
            found.push(path);
        } else {
            bail!("{} is neither a file nor a folder", path.display());
        }
        if found.len() > MAX_FILES {
            bail!("{} has more than {MAX_FILES} files", root.display());
        }
    }
    Ok(())
}

fn read_manifest(path: &Path) -> anyhow::Result<Manifest> {
    let mut text = String::new();
    File::open(path)?
        .take(MAX_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Manifest::from_toml(&text).with_context(|| path.display().to_string())
}

fn facts(name: &FilePath, place: &Path) -> std::io::Result<FileFacts> {
    let mut file = File::open(place)?;
    let mut reading = Reading::start(name.clone(), file.metadata()?.len());
    while let Some(range) = reading.next() {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(range.start))?;
        (&mut file).take(range.end - range.start).read_to_end(&mut bytes)?;
        reading.feed(&bytes);
    }
    Ok(reading.finish())
}
