//! Where the socket lies: in the data folder, or in a private folder elsewhere when that path is too long.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::EmbeddedError;
use super::spawn::RunAs;

/// The kernel's limit for the path of a socket, in bytes.
const LONGEST_PATH: usize = 107;
/// What PostgreSQL calls its socket on its default port. The port only names the socket.
const SOCKET: &str = ".s.PGSQL.5432";

/// The socket's folder for a database in `data_folder`, empty and for its user alone.
pub fn prepare(data_folder: &Path, run_as: &RunAs) -> Result<PathBuf, EmbeddedError> {
    let inside = data_folder.join("run");
    let folder = if fits(&inside) { inside } else { outside(data_folder, run_as) };
    match fs::DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => run_as.own(&folder).map_err(EmbeddedError::io("hand over", &folder))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            check_private(&folder, run_as)?;
        }
        Err(error) => return Err(EmbeddedError::io("create", &folder)(error)),
    }
    // A killed database leaves its socket and lock file; we hold the data folder, so nobody uses them.
    for leftover in [SOCKET.to_owned(), format!("{SOCKET}.lock")] {
        let _ = fs::remove_file(folder.join(leftover));
    }
    Ok(folder)
}

/// The address of the database `database` for sqlx and libpq.
pub fn url(folder: &Path, user: &str, database: &str) -> String {
    let host: String = folder.as_os_str().as_bytes().iter().fold(String::new(), |mut host, byte| {
        if byte.is_ascii_alphanumeric() {
            host.push(char::from(*byte));
        } else {
            host.push('%');
            host.push_str(&hex::encode_upper([*byte]));
        }
        host
    });
    format!("postgres://{user}@{host}:5432/{database}")
}

fn fits(folder: &Path) -> bool {
    folder.as_os_str().len() + 1 + SOCKET.len() <= LONGEST_PATH
}

/// A name in the user's runtime folder or /tmp that is the same at each start on this data folder.
fn outside(data_folder: &Path, run_as: &RunAs) -> PathBuf {
    let digest = hex::encode(&Sha256::digest(data_folder.as_os_str().as_bytes())[..8]);
    let runtime = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|folder| fs::metadata(folder).is_ok_and(|found| found.uid() == run_as.uid()));
    let named = |parent: PathBuf| parent.join(format!("cambium-{}-{digest}", run_as.uid()));
    runtime.map(named).filter(|folder| fits(folder)).unwrap_or_else(|| named(PathBuf::from("/tmp")))
}

/// In /tmp anybody may have made a folder of that name first.
fn check_private(folder: &Path, run_as: &RunAs) -> Result<(), EmbeddedError> {
    let found = fs::symlink_metadata(folder).map_err(EmbeddedError::io("inspect", folder))?;
    let private = found.is_dir() && found.uid() == run_as.uid() && found.permissions().mode() & 0o077 == 0;
    if private { Ok(()) } else { Err(EmbeddedError::SocketFolder(folder.to_path_buf())) }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use sqlx::postgres::PgConnectOptions;

    use super::*;

    #[test]
    fn the_socket_lies_in_the_data_folder_when_its_path_is_short_enough() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = prepare(data.path(), &RunAs::current()).expect("prepared");
        assert_eq!(folder, data.path().join("run"));
        assert_eq!(fs::metadata(folder).expect("there").permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_long_path_puts_the_socket_into_a_short_private_folder() {
        let data = tempfile::tempdir().expect("a folder");
        let long = data.path().join("x".repeat(100));
        fs::create_dir(&long).expect("made");
        let folder = prepare(&long, &RunAs::current()).expect("prepared");
        assert!(fits(&folder) && !folder.starts_with(&long), "{}", folder.display());
        assert_eq!(folder, prepare(&long, &RunAs::current()).expect("the same again"));
        fs::remove_dir(folder).expect("removed");
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = data.path().join("run");
        fs::create_dir(&folder).expect("made");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("set");
        let refused = prepare(data.path(), &RunAs::current()).expect_err("not private");
        assert_eq!(refused.code(), "socket_folder_unsafe");
    }

    #[test]
    fn the_address_survives_odd_characters_in_the_path() {
        let address = url(Path::new("/tmp/a b%/é@x"), "cambium", "cambium");
        let options = PgConnectOptions::from_str(&address).expect("parsed");
        assert_eq!(options.get_socket().map(PathBuf::as_path), Some(Path::new("/tmp/a b%/é@x")));
        assert_eq!(options.get_database(), Some("cambium"));
    }
}
