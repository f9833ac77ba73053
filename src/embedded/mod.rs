//! The private PostgreSQL of a server that was given no `DATABASE_URL`.
//!
//! A cluster in the data folder, reachable over a Unix socket that only its own user can open. It is made
//! on the first start, started again whenever it dies, and gone with the server, however the server ends:
//! told to, it shuts down in order; after a SIGKILL of the server the kernel tells it. It speaks the same
//! SQL as any other PostgreSQL, so nothing else in the house knows that it exists.

mod binaries;
mod cluster;
mod error;
mod socket;
mod spawn;
mod supervisor;

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

pub use error::EmbeddedError;

use crate::privileges::Account;
use spawn::RunAs;
use supervisor::{Launch, State};

/// How long a start may take. Recovery after a crash of the machine replays at most half a gigabyte.
const PATIENCE: Duration = Duration::from_secs(120);

/// What can be chosen about the database. The default is what a server wants.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder with `initdb` and `postgres`; by default they are searched for.
    pub binaries: Option<PathBuf>,
    /// Whether data must survive a crash of the machine. Tests need not wait for disks.
    pub durable: bool,
    /// The user to run as when this process is root. A server has dropped root before; tests have not.
    pub account: Option<Account>,
    /// Connections at the same time.
    pub max_connections: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self { binaries: None, durable: true, account: None, max_connections: 100 }
    }
}

/// A running PostgreSQL in a data folder. Dropping it stops it too, but blocks the thread meanwhile.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    url: String,
    tell: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    state: watch::Receiver<State>,
    socket: PathBuf,
    // Released after the thread was joined: fields drop after `Drop::drop`.
    _lock: File,
}

impl EmbeddedPostgres {
    /// Starts the database in `data_folder`, making folder and cluster where missing, and returns when it
    /// takes connections. Takes about two seconds the first time, a fraction of one later.
    ///
    /// # Errors
    /// Each [`EmbeddedError`]; then nothing is left running and nothing half-made.
    pub async fn start(data_folder: &Path) -> Result<Self, EmbeddedError> {
        Self::start_with(data_folder, Options::default()).await
    }

    /// As [`EmbeddedPostgres::start`], with choices.
    ///
    /// # Errors
    /// As [`EmbeddedPostgres::start`].
    pub async fn start_with(data_folder: &Path, options: Options) -> Result<Self, EmbeddedError> {
        let folder = std::path::absolute(data_folder).map_err(EmbeddedError::io("find", data_folder))?;
        let launched = tokio::task::spawn_blocking(move || launch(&folder, options)).await;
        let database = launched.map_err(|error| EmbeddedError::Start { output: error.to_string() })??;
        database.wait_until_ready().await?;
        Ok(database)
    }

    /// The address of the database, over its private socket, with a user that may do everything in it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id of the postmaster, or `None` while it is not taking connections.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        match *self.state.borrow() {
            State::Ready(pid) => Some(pid),
            _ => None,
        }
    }

    /// Shuts down in order (connections are closed, data is written) and returns when the processes ended.
    pub async fn stop(self) {
        // Joining blocks; the destructor does the work, elsewhere.
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }

    async fn wait_until_ready(&self) -> Result<(), EmbeddedError> {
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| *state != State::Starting);
        let settled = match tokio::time::timeout(PATIENCE, settled).await {
            Ok(Ok(state)) => state.clone(),
            Ok(Err(_)) => State::Failed("its supervisor ended".to_owned()),
            Err(_) => State::Failed(format!("it was not ready after {} s", PATIENCE.as_secs())),
        };
        match settled {
            State::Ready(_) => Ok(()),
            State::Failed(output) => Err(EmbeddedError::Start { output }),
            State::Starting | State::Stopped => {
                Err(EmbeddedError::Start { output: "it was stopped while starting".to_owned() })
            }
        }
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        // Without a sender the supervisor stops the process and ends.
        drop(self.tell.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been logged; the kernel has told the process.
            let _ = thread.join();
        }
        // It can lie in /tmp. Not empty means that somebody still needs it.
        let _ = fs::remove_dir(&self.socket);
    }
}

/// Everything up to the running process; blocks for as long as `initdb` takes.
fn launch(data_folder: &Path, options: Options) -> Result<EmbeddedPostgres, EmbeddedError> {
    let run_as = RunAs::account_if_root(options.account);
    if run_as.is_root() {
        return Err(EmbeddedError::Root);
    }
    make_folder(data_folder, &run_as)?;
    let lock = lock(data_folder)?;
    let cluster = data_folder.join("postgres");
    let version = cluster::version(&cluster)?;
    let binaries = binaries::choose(options.binaries.as_deref(), &cluster, version.as_deref())?;
    if version.is_none() {
        tracing::info!(cluster = %cluster.display(), major = binaries.major, "making the embedded database");
        cluster::initialise(&cluster, &binaries, &run_as, options.durable)?;
    }
    // Before the socket's folder is swept: an old postmaster still uses it.
    cluster::free_of_leftovers(&cluster, &run_as)?;
    let socket = socket::prepare(data_folder, &run_as)?;
    let arguments = settings(&socket, options.durable, options.max_connections);
    let launch = Launch { program: binaries.program("postgres"), arguments, cluster, run_as };
    let (tell, told) = mpsc::channel();
    let (sender, state) = watch::channel(State::Starting);
    let thread = std::thread::Builder::new()
        .name("postgres".to_owned())
        .spawn(move || supervisor::supervise(&launch, &told, &sender))
        .map_err(EmbeddedError::io("start a thread for", data_folder))?;
    let url = socket::url(&socket, cluster::NAME, cluster::NAME);
    Ok(EmbeddedPostgres { url, tell: Some(tell), thread: Some(thread), state, socket, _lock: lock })
}

fn make_folder(folder: &Path, run_as: &RunAs) -> Result<(), EmbeddedError> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .and_then(|()| run_as.own(folder))
        .map_err(EmbeddedError::io("create", folder))
}

/// Takes the folder for this process. The kernel gives the lock back however the process ends.
fn lock(data_folder: &Path) -> Result<File, EmbeddedError> {
    let path = data_folder.join("postgres.lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(EmbeddedError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.take(20).read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => "another server".to_owned(),
                pid => format!("another server (process {pid})"),
            };
            return Err(EmbeddedError::DataFolderInUse { folder: data_folder.to_path_buf(), holder });
        }
        Err(TryLockError::Error(error)) => return Err(EmbeddedError::io("lock", &path)(error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(EmbeddedError::io("write", &path))?;
    Ok(file)
}

/// Small, quiet, and deaf to the network. On the command line, so that a new version can change them.
fn settings(socket: &Path, durable: bool, max_connections: u16) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=".to_owned(),
        "port=5432".to_owned(),
        format!("unix_socket_directories={}", quoted(socket)),
        "unix_socket_permissions=0700".to_owned(),
        format!("max_connections={max_connections}"),
        "shared_buffers=64MB".to_owned(),
        "max_wal_size=512MB".to_owned(),
        "jit=off".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_line_prefix=".to_owned(),
        "log_checkpoints=off".to_owned(),
        // A failing statement is reported by who sent it; its text can hold what must not be logged.
        "log_min_error_statement=panic".to_owned(),
        "logging_collector=off".to_owned(),
        "log_destination=stderr".to_owned(),
    ];
    if !durable {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
}

/// The setting is a list, whose separators may occur in a path.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('"', "\"\""))
}
