//! Finds the PostgreSQL server programs of this machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::EmbeddedError;

/// The oldest major version whose SQL is enough: unique constraints that treat nulls as equal came with it.
pub const OLDEST: u32 = 15;

/// Parents of `VERSION/bin` as the systems' packages lay them out.
const VERSIONED: [&str; 2] = ["/usr/lib/postgresql", "/opt/postgresql"];

/// One installation: a folder with `initdb` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder.
    pub folder: PathBuf,
    /// The major version, 15 or later.
    pub major: u32,
}

impl Binaries {
    /// The full path of one of its programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The installation for a cluster of version `major`, or the newest one when there is no cluster yet.
/// With `explicit` only that folder is considered.
///
/// # Errors
/// [`EmbeddedError::BinariesNotFound`] and [`EmbeddedError::VersionMismatch`].
pub fn choose(
    explicit: Option<&Path>,
    cluster: &Path,
    found: Option<&str>,
) -> Result<Binaries, EmbeddedError> {
    let all: Vec<Binaries> = candidates(explicit).iter().filter_map(|folder| inspect(folder)).collect();
    if all.is_empty() {
        let where_ = explicit.map(|folder| format!(" in {}", folder.display())).unwrap_or_default();
        return Err(EmbeddedError::BinariesNotFound { oldest: OLDEST, where_ });
    }
    let Some(found) = found else {
        // Never empty, so there is a newest one.
        return all
            .into_iter()
            .max_by_key(|one| one.major)
            .ok_or(EmbeddedError::BinariesNotFound { oldest: OLDEST, where_: String::new() });
    };
    all.iter().find(|one| one.major.to_string() == found).cloned().ok_or_else(|| {
        let majors: BTreeSet<String> = all.iter().map(|one| one.major.to_string()).collect();
        EmbeddedError::VersionMismatch {
            cluster: cluster.to_path_buf(),
            found: found.to_owned(),
            available: Vec::from_iter(majors).join(", "),
        }
    })
}

fn candidates(explicit: Option<&Path>) -> Vec<PathBuf> {
    if let Some(folder) = explicit {
        return vec![folder.to_path_buf()];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versioned = VERSIONED
        .iter()
        .filter_map(|parent| std::fs::read_dir(parent).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path().join("bin")));
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .chain(versioned)
        .chain([PathBuf::from("/usr/local/pgsql/bin")])
        .collect()
}

/// What version lies in `folder`, if both programs do and it is not too old.
fn inspect(folder: &Path) -> Option<Binaries> {
    let complete = ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    if !complete {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").current_dir("/").output().ok()?;
    let major = major_of(std::str::from_utf8(&output.stdout).ok()?)?;
    (major >= OLDEST).then(|| Binaries { folder: folder.to_path_buf(), major })
}

/// Reads `postgres (PostgreSQL) 15.12 (Debian 15.12-0+deb12u2)` and `postgres (PostgreSQL) 19beta1`.
fn major_of(line: &str) -> Option<u32> {
    let (_, version) = line.split_once("(PostgreSQL) ")?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_program_says() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.12 (Debian 15.12-0+deb12u2)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_of("PostGIS 3"), None);
    }

    #[test]
    fn a_folder_without_the_programs_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = choose(Some(folder.path()), Path::new("/x"), None).expect_err("nothing there");
        assert_eq!(refused.code(), "postgres_not_found");
        assert!(refused.to_string().contains(&folder.path().display().to_string()), "{refused}");
    }
}
