//! The embedded database against real PostgreSQL binaries: it starts, survives, stops, and never leaves or
//! hits a process that it should not.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use cambium::embedded::{EmbeddedError, EmbeddedPostgres, Options};
use cambium::privileges::{self, Account};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

const FOLDER: &str = "CAMBIUM_TEST_FOLDER";
const DROP_ROOT: &str = "CAMBIUM_TEST_DROP_ROOT";

/// The user of the database when the tests run as root.
fn account() -> Option<Account> {
    let root = Uid::effective().is_root();
    root.then(|| privileges::choose_account(Path::new("/"), None).expect("an unprivileged user"))
}

fn options() -> Options {
    Options { durable: false, account: account(), max_connections: 20, ..Options::default() }
}

/// A folder that the unprivileged user can enter, wherever the checkout lies.
fn place() -> TempDir {
    let place = tempfile::Builder::new().prefix("cambium-test-").tempdir_in("/tmp").expect("a folder");
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("opened");
    place
}

async fn start(folder: &Path) -> Result<EmbeddedPostgres, EmbeddedError> {
    EmbeddedPostgres::start_with(folder, options()).await
}

async fn ask(url: &str, question: &'static str) -> Result<i32, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar(question).fetch_one(&mut connection).await
}

/// Whether the process exists and is more than a zombie.
fn is_alive(pid: u32) -> bool {
    fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).expect("a process id")), signal).expect("signalled");
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_database_keeps_its_rows_and_leaves_no_process() {
    let place = place();
    let folder = place.path().join("data");
    let database = start(&folder).await.expect("started");
    let pid = database.process_id().expect("running");
    let mut connection = PgConnection::connect(database.url()).await.expect("connected");
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        .execute(&mut connection)
        .await
        .expect("stored");
    assert_eq!(fs::metadata(&folder).expect("there").permissions().mode() & 0o777, 0o700);
    database.stop().await;
    assert!(!is_alive(pid), "the database outlived its stop");
    assert!(!folder.join("postgres/postmaster.pid").exists(), "it was not shut down in order");

    let database = start(&folder).await.expect("started again");
    assert_eq!(ask(database.url(), "SELECT n FROM kept").await.expect("asked"), 7);
    database.stop().await;
}

#[tokio::test]
async fn it_listens_on_no_network_and_stores_utf8() {
    let place = place();
    let database = start(&place.path().join("data")).await.expect("started");
    let mut connection = PgConnection::connect(database.url()).await.expect("connected");
    for (setting, expected) in [
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("lc_messages", "C"),
        ("data_checksums", "on"),
    ] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .expect("asked");
        assert_eq!(value, expected, "{setting}");
    }
    database.stop().await;
}

#[tokio::test]
async fn a_second_server_on_the_folder_is_refused_and_told_who_has_it() {
    let place = place();
    let folder = place.path().join("data");
    let first = start(&folder).await.expect("started");
    let refused = start(&folder).await.expect_err("in use");
    assert_eq!(refused.code(), "data_folder_in_use");
    assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
    assert_eq!(ask(first.url(), "SELECT 1").await.expect("the first still works"), 1);
    first.stop().await;
}

#[tokio::test]
async fn a_killed_database_comes_back_by_itself() {
    let place = place();
    let database = start(&place.path().join("data")).await.expect("started");
    for _ in 0..2 {
        let pid = database.process_id().expect("running");
        signal(pid, Signal::SIGKILL);
        until("a new process", async || database.process_id().is_some_and(|new| new != pid)).await;
        assert_eq!(ask(database.url(), "SELECT 1").await.expect("asked"), 1);
    }
    database.stop().await;
}

#[tokio::test]
async fn a_database_that_an_earlier_server_left_is_stopped_first() {
    let place = place();
    let folder = place.path().join("data");
    let database = start(&folder).await.expect("started");
    let pid = database.process_id().expect("running");
    let program = fs::read_link(format!("/proc/{pid}/exe")).expect("a program");
    database.stop().await;
    let mut left = leave_running(&program, &folder);
    let database = start(&folder).await.expect("started beside what was left");
    assert!(left.try_wait().expect("asked").is_some(), "the old one still runs");
    assert_eq!(ask(database.url(), "SELECT 1").await.expect("asked"), 1);
    database.stop().await;
}

/// A postmaster on the cluster that nobody owns any more.
fn leave_running(program: &Path, folder: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.arg("-D").arg(folder.join("postgres")).args(["-c", "listen_addresses="]);
    command.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
    command.current_dir("/").stderr(Stdio::null());
    if let Some(account) = account() {
        command.uid(account.uid).gid(account.gid);
    }
    let child = command.spawn().expect("left behind");
    let lock = folder.join("postgres/postmaster.pid");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(&lock).is_ok_and(|text| text.contains("ready")) {
        assert!(Instant::now() < deadline, "the one left behind did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[tokio::test]
async fn a_half_made_cluster_of_a_killed_start_is_swept() {
    let place = place();
    let folder = place.path().join("data");
    fs::create_dir_all(folder.join("postgres.new/base")).expect("made");
    fs::write(folder.join("postgres.new/PG_VERSION"), "1").expect("written");
    if let Some(account) = account() {
        std::os::unix::fs::chown(&folder, Some(account.uid), Some(account.gid)).expect("given");
    }
    let database = start(&folder).await.expect("started");
    assert!(!folder.join("postgres.new").exists());
    database.stop().await;
}

#[tokio::test]
async fn a_cluster_of_an_unknown_version_is_refused_with_the_way_out() {
    let place = place();
    let folder = place.path().join("data");
    fs::create_dir_all(folder.join("postgres")).expect("made");
    fs::write(folder.join("postgres/PG_VERSION"), "9\n").expect("written");
    let refused = start(&folder).await.expect_err("nobody has version 9");
    assert_eq!(refused.code(), "postgres_version_mismatch");
    assert!(refused.to_string().contains("postgresql-9"), "{refused}");
    assert_eq!(fs::read_to_string(folder.join("postgres/PG_VERSION")).expect("kept"), "9\n");
}

#[tokio::test]
async fn a_broken_cluster_is_refused_with_what_postgresql_said() {
    let place = place();
    let folder = place.path().join("data");
    start(&folder).await.expect("started").stop().await;
    fs::remove_file(folder.join("postgres/global/pg_control")).expect("broken");
    let refused = start(&folder).await.expect_err("broken");
    assert_eq!(refused.code(), "postgres_start_failed");
    assert!(refused.to_string().contains("pg_control"), "{refused}");
}

#[tokio::test]
async fn a_data_folder_too_deep_for_a_socket_works_too() {
    let place = place();
    let folder = place.path().join("deep".repeat(30));
    let database = start(&folder).await.expect("started");
    assert_eq!(ask(database.url(), "SELECT 1").await.expect("asked"), 1);
    let options = PgConnectOptions::from_str(database.url()).expect("parsed");
    let socket = options.get_socket().expect("a socket").clone();
    assert!(socket.is_dir() && !socket.starts_with(&folder), "{}", socket.display());
    database.stop().await;
    assert!(!socket.exists(), "{} is left", socket.display());
}

/// Another process that serves the database in a folder; this very program, started again.
struct Helper {
    process: Child,
    postmaster: u32,
}

async fn helper(program: &Path, folder: &Path, drop_root: bool) -> Helper {
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", "serve_in_another_process", "--nocapture"]).env(FOLDER, folder);
    if drop_root {
        command.env(DROP_ROOT, "1");
    }
    let process = command.stdout(Stdio::null()).spawn().expect("a helper");
    let lock = folder.join("postgres/postmaster.pid");
    until("the helper's database", async || {
        fs::read_to_string(&lock).is_ok_and(|text| text.contains("ready"))
    })
    .await;
    let text = fs::read_to_string(&lock).expect("read");
    let postmaster = text.lines().next().and_then(|line| line.parse().ok()).expect("a process id");
    Helper { process, postmaster }
}

#[test]
#[ignore = "no test of its own: the other half of those that kill a server"]
fn serve_in_another_process() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    if std::env::var_os(DROP_ROOT).is_some() {
        let program = std::env::current_exe().expect("a program");
        privileges::drop_root(&folder, None, &[program.as_path()]).expect("dropped");
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(start(&folder)).expect("started");
    std::thread::sleep(Duration::from_secs(120));
    drop(database);
}

#[tokio::test]
async fn a_killed_server_leaves_no_database_behind() {
    let place = place();
    let folder = place.path().join("data");
    let program = std::env::current_exe().expect("a program");
    let mut helper = helper(&program, &folder, false).await;
    helper.process.kill().expect("killed");
    helper.process.wait().expect("reaped");
    until("the end of the database", async || !is_alive(helper.postmaster)).await;
    let database = start(&folder).await.expect("the folder is free again");
    database.stop().await;
}

#[tokio::test]
async fn a_server_started_as_root_works_as_an_unprivileged_user() {
    if !Uid::effective().is_root() {
        return;
    }
    let place = place();
    let program = place.path().join("server");
    fs::copy(std::env::current_exe().expect("a program"), &program).expect("copied");
    let folder = place.path().join("data");
    let expected = account().expect("an unprivileged user").uid;
    let mut helper = helper(&program, &folder, true).await;
    let running_as = fs::read_to_string(format!("/proc/{}/status", helper.process.id())).expect("a process");
    let ids = running_as.lines().find(|line| line.starts_with("Uid:")).expect("ids");
    assert!(ids.split_whitespace().skip(1).all(|id| id == expected.to_string()), "{ids}");
    assert_eq!(fs::metadata(&folder).expect("there").uid(), expected);
    helper.process.kill().expect("killed");
    helper.process.wait().expect("reaped");
    until("the end of the database", async || !is_alive(helper.postmaster)).await;
}
