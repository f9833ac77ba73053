//! Reads a module's folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ignore::gitignore::Gitignore;

use crate::domain::manifest::{FILE_NAME, MAX_BYTES, Manifest};
use crate::domain::name::FilePath;
use crate::domain::reading::{FileFacts, Reading};

/// The most files of one folder.
const MAX_FILES: usize = 10_000;
/// Patterns of what is left out, in the words of `.gitignore`.
const IGNORE_FILE: &str = ".cambiumignore";
/// The longest file of patterns, in bytes.
const MAX_IGNORE_BYTES: u64 = 64 << 10;
/// What programs leave behind in folders.
const LEFT_OUT: [&str; 2] = ["__pycache__", "Thumbs.db"];
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
    /// Lists a folder and reads its manifest. Hidden files and folders are left out, as is what
    /// `.cambiumignore` names, and no link out of the folder is followed.
    ///
    /// # Errors
    /// When it is no folder, cannot be read, has a link out of it, a file name that no release may
    /// have, or a malformed manifest.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let mut folder = Self::list(path)?;
        let manifest = path.join(FILE_NAME);
        if manifest.is_file() {
            folder.manifest = Some(read_manifest(&manifest)?);
        }
        Ok(folder)
    }

    /// As [`Self::read`], without looking at the manifest.
    ///
    /// # Errors
    /// When it is no folder, cannot be read, has a link out of it, or a file name that no release
    /// may have.
    pub fn list(path: &Path) -> anyhow::Result<Self> {
        let root = path.canonicalize().with_context(|| format!("{} cannot be opened", path.display()))?;
        if !root.is_dir() {
            bail!("{} is not a folder", path.display());
        }
        let mut found = Vec::new();
        walk(&root, &root, &ignored(&root)?, 0, &mut found)?;
        let mut files = BTreeMap::new();
        for place in found {
            let inside = place.strip_prefix(&root)?.to_str();
            let inside = inside.with_context(|| format!("{} is not named in UTF-8", place.display()))?;
            if inside != FILE_NAME {
                let name: FilePath =
                    inside.parse().with_context(|| format!("{} cannot be in a release", place.display()))?;
                files.insert(name, place);
            }
        }
        let name =
            root.file_name().map_or_else(|| "folder".into(), |name| name.to_string_lossy().into_owned());
        Ok(Self { name, manifest: None, files })
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

/// The patterns of `.cambiumignore`, none where there is no such file.
fn ignored(root: &Path) -> anyhow::Result<Gitignore> {
    let path = root.join(IGNORE_FILE);
    if !path.is_file() {
        return Ok(Gitignore::empty());
    }
    if path.metadata()?.len() > MAX_IGNORE_BYTES {
        bail!("{} is longer than 64 KiB", path.display());
    }
    match Gitignore::new(&path) {
        (patterns, None) => Ok(patterns),
        (_, Some(error)) => Err(error).with_context(|| format!("{} cannot be used", path.display())),
    }
}

fn walk(
    root: &Path,
    folder: &Path,
    ignored: &Gitignore,
    depth: usize,
    found: &mut Vec<PathBuf>,
) -> anyhow::Result<()> {
    if depth > MAX_DEPTH {
        bail!("{} is deeper than {MAX_DEPTH} folders", folder.display());
    }
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let (path, kind, name) = (entry.path(), entry.file_type()?, entry.file_name());
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if hidden
            || LEFT_OUT.iter().any(|left_out| name == *left_out)
            || ignored.matched(&path, kind.is_dir()).is_ignore()
        {
            continue;
        }
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
            walk(root, &path, ignored, depth + 1, found)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn names(dir: &tempfile::TempDir) -> Vec<String> {
        Folder::list(dir.path()).unwrap().files.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn a_release_has_what_is_neither_hidden_nor_ignored() {
        let dir = folder(&[
            ("config.json", "{}"),
            ("1_Pooling/config.json", "{}"),
            ("cambium.toml", "not a manifest"),
            (".git/HEAD", "x"),
            (".cache/huggingface/x", "x"),
            ("__pycache__/x.pyc", "x"),
            ("runs/1.log", "x"),
            ("checkpoint.pt", "x"),
            ("sub/checkpoint.pt", "x"),
            (".cambiumignore", "# logs\nruns/\n/checkpoint.pt\n"),
        ]);
        assert_eq!(names(&dir), ["1_Pooling/config.json", "config.json", "sub/checkpoint.pt"]);
        assert!(Folder::read(dir.path()).unwrap_err().to_string().contains("cambium.toml"));
    }

    #[test]
    fn links_out_of_the_folder_are_refused() {
        let dir = folder(&[("a.txt", "x")]);
        std::os::unix::fs::symlink(dir.path().join("a.txt"), dir.path().join("b.txt")).unwrap();
        assert_eq!(names(&dir), ["a.txt", "b.txt"]);
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("c.txt")).unwrap();
        assert!(Folder::list(dir.path()).unwrap_err().to_string().contains("link out of the folder"));
    }

    #[test]
    fn names_that_no_release_may_have_are_refused() {
        let dir = folder(&[("a\\b", "x")]);
        assert!(Folder::list(dir.path()).unwrap_err().to_string().contains("cannot be in a release"));
        assert!(Folder::list(&dir.path().join("absent")).is_err());
        assert!(Folder::list(&dir.path().join("a\\b")).unwrap_err().to_string().contains("not a folder"));
    }
}
