//! Why the embedded database does not start, for people and for machines.

use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Another server works on the same data folder.
    #[error(
        "the data folder {folder} is in use by {holder}: stop that one first, or set CAMBIUM_DATA to another folder"
    )]
    DataFolderInUse {
        /// The data folder.
        folder: PathBuf,
        /// Who uses it, as far as the lock file says.
        holder: String,
    },
    /// No PostgreSQL server binaries of a supported version on this machine.
    #[error(
        "no PostgreSQL server (initdb and postgres, version {oldest} or later) found{where_}: install it \
         (`apt-get install postgresql`), or set DATABASE_URL to a database of your own"
    )]
    BinariesNotFound {
        /// The oldest major version that will do.
        oldest: u32,
        /// Where was looked, when somebody said where; else empty.
        where_: String,
    },
    /// The cluster in the data folder was made by a PostgreSQL version that this machine does not have.
    #[error(
        "the database in {cluster} was made by PostgreSQL {found}, and this machine has {available}: install \
         postgresql-{found}, or move the data with pg_dump and pg_restore"
    )]
    VersionMismatch {
        /// The folder of the cluster.
        cluster: PathBuf,
        /// What its `PG_VERSION` says.
        found: String,
        /// The major versions found here.
        available: String,
    },
    /// The folder for the socket exists and could be somebody else's.
    #[error(
        "the socket folder {0} is not a private folder of ours: remove it, or choose a data folder with a \
         shorter path so that the socket fits inside of it"
    )]
    SocketFolder(PathBuf),
    /// The process is root, which PostgreSQL refuses to be.
    #[error("PostgreSQL refuses to run as root: start Cambium so that it can drop to an unprivileged user")]
    Root,
    /// The cluster could not be initialised; nothing half-made is left.
    #[error(
        "the database could not be initialised: {output}; see that the disk is neither full nor read-only"
    )]
    Init {
        /// The last lines of what the program said.
        output: String,
    },
    /// PostgreSQL did not come up.
    #[error("the database did not start: {output}")]
    Start {
        /// The last lines of its log.
        output: String,
    },
    /// A file or program could not be used.
    #[error("cannot {what} {path}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl EmbeddedError {
    /// The stable code of this refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DataFolderInUse { .. } => "data_folder_in_use",
            Self::BinariesNotFound { .. } => "postgres_not_found",
            Self::VersionMismatch { .. } => "postgres_version_mismatch",
            Self::SocketFolder(_) => "socket_folder_unsafe",
            Self::Root => "postgres_as_root",
            Self::Init { .. } => "postgres_init_failed",
            Self::Start { .. } => "postgres_start_failed",
            Self::Io { .. } => "data_folder_unusable",
        }
    }

    /// Says what was tried on which path when the system refused.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { what, path, source }
    }
}
