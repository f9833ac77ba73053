//! One throw-away PostgreSQL for a run of a test program, and a migrated, empty database for each test.
//!
//! A test program says `#[path = "support/postgres.rs"] mod postgres;` and a test asks for
//! `postgres::database().await`. The cluster works without waiting for disks, as an unprivileged user when
//! the tests run as root, below /tmp so that this user can reach it. It stops when the program exits, and
//! when it is killed the kernel stops it; folders of killed runs are swept by the next one.

#![allow(dead_code, reason = "each test program uses another part")]

use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use cambium::embedded::{EmbeddedPostgres, Options};
use cambium::privileges;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use tempfile::TempDir;
use tokio::sync::OnceCell;

const PREFIX: &str = "cambium-tests-";
const TEMPLATE: &str = "template_migrated";

/// The address of the cluster, once it is up and its template is migrated.
static CLUSTER: OnceCell<PgConnectOptions> = OnceCell::const_new();
/// What must be stopped and removed at the exit.
static RUNNING: Mutex<Option<(EmbeddedPostgres, TempDir)>> = Mutex::new(None);
/// Databases whose tests have ended; the next test drops them.
static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The database of one test, gone with it. Use it where a `&PgPool` is wanted.
pub struct Database {
    pool: PgPool,
    url: String,
    name: String,
}

impl Database {
    /// A handle for what wants to own one.
    pub fn pool(&self) -> PgPool {
        self.pool.clone()
    }

    /// The address, for programs that connect by themselves.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Deref for Database {
    type Target = PgPool;

    fn deref(&self) -> &PgPool {
        &self.pool
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        ENDED.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.name));
    }
}

/// A database with the schema and no rows, which no other test sees.
pub async fn database() -> Database {
    let cluster = CLUSTER.get_or_init(start).await;
    let mut admin = PgConnection::connect_with(cluster).await.expect("connected");
    let ended = std::mem::take(&mut *ENDED.lock().unwrap_or_else(PoisonError::into_inner));
    for name in ended {
        run(&mut admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    }
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    run(&mut admin, format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
    admin.close().await.expect("closed");
    let options = cluster.clone().database(&name);
    let url = {
        use sqlx::ConnectOptions;
        options.to_url_lossy().to_string()
    };
    let pool = PgPoolOptions::new().max_connections(5).connect_with(options).await.expect("connected");
    Database { pool, url, name }
}

/// Names come from this file alone, so they need no quoting.
async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.expect("executed");
}

async fn start() -> PgConnectOptions {
    sweep();
    let account = nix::unistd::Uid::effective()
        .is_root()
        .then(|| privileges::choose_account(Path::new("/"), None).expect("an unprivileged user"));
    let prefix = format!("{PREFIX}{}-", std::process::id());
    let place = tempfile::Builder::new().prefix(&prefix).tempdir_in("/tmp").expect("a folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path(), open).expect("opened");
    let options = Options { durable: false, account, max_connections: 300, ..Options::default() };
    let cluster =
        EmbeddedPostgres::start_with(&place.path().join("data"), options).await.expect("PostgreSQL");
    let address: PgConnectOptions = cluster.url().parse().expect("an address");
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some((cluster, place));
    // SAFETY: the function is `extern "C"`, touches only statics, and unwinds nowhere.
    unsafe { libc::atexit(stop_at_exit) };

    let mut admin = PgConnection::connect_with(&address).await.expect("connected");
    run(&mut admin, format!("CREATE DATABASE {TEMPLATE}")).await;
    let pool = PgPool::connect_with(address.clone().database(TEMPLATE)).await.expect("connected");
    cambium::store::migrate(&pool).await.expect("migrated");
    // A database with connections cannot be copied.
    pool.close().await;
    admin.close().await.expect("closed");
    address
}

extern "C" fn stop_at_exit() {
    drop(RUNNING.lock().unwrap_or_else(PoisonError::into_inner).take());
}

/// Removes the folders of runs that were killed.
fn sweep() {
    for entry in std::fs::read_dir("/tmp").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        if pid.is_some_and(|pid: u32| !Path::new("/proc").join(pid.to_string()).exists()) {
            // Another user's folder stays.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
