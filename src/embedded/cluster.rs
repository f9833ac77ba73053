//! The cluster's folder: made once and whole, and freed of what a killed server left running in it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::binaries::Binaries;
use super::error::EmbeddedError;
use super::spawn::RunAs;

/// The role and the database that everything works with.
pub const NAME: &str = "cambium";

/// The major version of an existing cluster, as its `PG_VERSION` says.
pub fn version(cluster: &Path) -> Result<Option<String>, EmbeddedError> {
    let file = cluster.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(EmbeddedError::io("read", &file)(error)),
    }
}

/// Makes the cluster under another name and renames it when it is complete: a kill in the middle leaves
/// nothing that looks like a database. The caller holds the lock of the data folder.
pub fn initialise(
    cluster: &Path,
    binaries: &Binaries,
    run_as: &RunAs,
    durable: bool,
) -> Result<(), EmbeddedError> {
    let unfinished = cluster.with_extension("new");
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(EmbeddedError::io("remove", &unfinished)(error));
        }
        _ => {}
    }
    let made = run_initdb(&unfinished, binaries, run_as, durable)
        .and_then(|()| create_database(&unfinished, binaries, run_as));
    if let Err(error) = made {
        // What is left is swept by the next start; the reason for this failure matters more.
        let _ = fs::remove_dir_all(&unfinished);
        return Err(error);
    }
    fs::rename(&unfinished, cluster).map_err(EmbeddedError::io("rename", &unfinished))?;
    let parent = cluster.parent().unwrap_or(cluster);
    fs::File::open(parent).and_then(|folder| folder.sync_all()).map_err(EmbeddedError::io("sync", parent))
}

fn run_initdb(
    cluster: &Path,
    binaries: &Binaries,
    run_as: &RunAs,
    durable: bool,
) -> Result<(), EmbeddedError> {
    let program = binaries.program("initdb");
    let mut command = run_as.command(&program, cluster.parent().unwrap_or(cluster));
    command.arg("--pgdata").arg(cluster).args(["--username", NAME, "--encoding=UTF8", "--locale=C"]);
    // The socket's folder is private to this user: who reaches the socket is the server.
    command.args(["--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-instructions"]);
    if !durable {
        command.arg("--no-sync");
    }
    let output = command.stdin(Stdio::null()).output().map_err(EmbeddedError::io("run", &program))?;
    if output.status.success() { Ok(()) } else { Err(EmbeddedError::Init { output: last_lines(&output) }) }
}

/// Creates the database in single-user mode, so that it is part of the one rename.
fn create_database(cluster: &Path, binaries: &Binaries, run_as: &RunAs) -> Result<(), EmbeddedError> {
    let program = binaries.program("postgres");
    let mut command = run_as.command(&program, cluster.parent().unwrap_or(cluster));
    command.args(["--single", "-j", "-c", "fsync=off", "-D"]).arg(cluster).arg("postgres");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(EmbeddedError::io("run", &program))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin
            .write_all(format!("CREATE DATABASE {NAME};\n\n").as_bytes())
            .map_err(EmbeddedError::io("write to", &program))?;
    }
    let output = child.wait_with_output().map_err(EmbeddedError::io("run", &program))?;
    let said = String::from_utf8_lossy(&output.stderr);
    // Single-user mode ends with 0 whatever became of the statement.
    let failed = ["ERROR:", "FATAL:", "PANIC:"].iter().any(|level| said.contains(level));
    if output.status.success() && !failed {
        Ok(())
    } else {
        Err(EmbeddedError::Init { output: last_lines(&output) })
    }
}

fn last_lines(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.len().saturating_sub(5);
    if lines.is_empty() { output.status.to_string() } else { lines[last..].join("; ") }
}

/// Stops the postmaster that a killed server left in this cluster, if there is one, and removes its lock
/// file. A process is signalled only if it is a `postgres` of our user that works in this very folder: the
/// number in the file may long belong to somebody else. The caller holds the lock of the data folder.
pub fn free_of_leftovers(cluster: &Path, run_as: &RunAs) -> Result<(), EmbeddedError> {
    let file = cluster.join("postmaster.pid");
    let Some(pid) = fs::read_to_string(&file).ok().and_then(|text| first_pid(&text)) else {
        return Ok(());
    };
    let gone = [(Signal::SIGINT, 30), (Signal::SIGQUIT, 5), (Signal::SIGKILL, 5)]
        .into_iter()
        .any(|(signal, seconds)| stop_ours(pid, cluster, run_as, signal, Duration::from_secs(seconds)));
    if !gone {
        let output = format!("process {pid} of an earlier start does not end; stop it by hand");
        return Err(EmbeddedError::Start { output });
    }
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(EmbeddedError::io("remove", &file)(error))
        }
        _ => Ok(()),
    }
}

/// Whether the postmaster wrote that it takes connections: the eighth line of its lock file.
pub fn is_ready(cluster: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(cluster.join("postmaster.pid")) else { return false };
    let written_by = first_pid(&text).map(Pid::as_raw);
    let status = text.lines().nth(7).map(str::trim);
    status == Some("ready") && written_by.and_then(|written| u32::try_from(written).ok()) == Some(pid)
}

fn first_pid(text: &str) -> Option<Pid> {
    // A negative number means single-user mode; 0 and 1 would address groups and init.
    text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 1).map(Pid::from_raw)
}

/// Signals the postmaster while it is verified to be ours and waits; true when there is none any more.
fn stop_ours(pid: Pid, cluster: &Path, run_as: &RunAs, signal: Signal, patience: Duration) -> bool {
    if !is_ours(pid, cluster, run_as) {
        return true;
    }
    tracing::warn!(%pid, %signal, "stopping the database that an earlier server left behind");
    if kill(pid, signal).is_err() {
        return !is_ours(pid, cluster, run_as);
    }
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if !is_ours(pid, cluster, run_as) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Whether the process is a live `postgres` of our user whose working folder is this cluster. A zombie has
/// neither program nor folder and so is none.
fn is_ours(pid: Pid, cluster: &Path, run_as: &RunAs) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    let owner = fs::metadata(&process).map(|entry| entry.uid()).ok();
    let program = fs::read_link(process.join("exe")).ok();
    let folder = fs::read_link(process.join("cwd")).ok();
    let is_postgres = program
        .as_deref()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str())
        // An upgrade replaces the file of a running program.
        .is_some_and(|name| matches!(name.trim_end_matches(" (deleted)"), "postgres" | "postmaster"));
    is_postgres && owner == Some(run_as.uid()) && folder.is_some() && folder == fs::canonicalize(cluster).ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn cluster_with_pid(pid: u32) -> tempfile::TempDir {
        let cluster = tempfile::tempdir().expect("a folder");
        fs::write(cluster.path().join("postmaster.pid"), format!("{pid}\n/elsewhere\n")).expect("written");
        cluster
    }

    #[test]
    fn a_process_that_took_over_the_number_is_not_signalled() {
        let mut stranger = Command::new("sleep").arg("60").spawn().expect("a stranger");
        let cluster = cluster_with_pid(stranger.id());
        free_of_leftovers(cluster.path(), &RunAs::current()).expect("nothing in the way");
        let alive = stranger.try_wait().expect("asked").is_none();
        stranger.kill().expect("ended");
        stranger.wait().expect("reaped");
        assert!(alive, "the stranger was signalled");
        assert!(!cluster.path().join("postmaster.pid").exists());
    }

    #[test]
    fn a_lock_file_without_a_process_is_removed() {
        let mut gone = Command::new("true").spawn().expect("started");
        gone.wait().expect("ended");
        let cluster = cluster_with_pid(gone.id());
        free_of_leftovers(cluster.path(), &RunAs::current()).expect("nothing in the way");
        assert!(!cluster.path().join("postmaster.pid").exists());
    }

    #[test]
    fn numbers_that_address_groups_or_init_are_no_processes() {
        for text in ["-17\n", "0\n", "1\n", "\n", "x\n", ""] {
            assert_eq!(first_pid(text), None, "{text:?}");
        }
    }

    #[test]
    fn ready_is_believed_only_from_the_process_we_started() {
        let cluster = tempfile::tempdir().expect("a folder");
        let lines = "4711\n/d\n1\n5432\n/s\n\n  1 2\nready   \n";
        fs::write(cluster.path().join("postmaster.pid"), lines).expect("written");
        assert!(is_ready(cluster.path(), 4711));
        assert!(!is_ready(cluster.path(), 4712));
        fs::write(cluster.path().join("postmaster.pid"), lines.replace("ready", "starting"))
            .expect("written");
        assert!(!is_ready(cluster.path(), 4711));
    }

    #[test]
    fn a_failed_initialisation_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).expect("made");
        let script = "#!/bin/sh\nmkdir -p \"$2\" && touch \"$2/half\"\necho 'no space left' >&2\nexit 1\n";
        fs::write(programs.join("initdb"), script).expect("written");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(programs.join("initdb"), executable).expect("set");
        let binaries = Binaries { folder: programs, major: 15 };
        let cluster = folder.path().join("postgres");
        let refused = initialise(&cluster, &binaries, &RunAs::current(), false).expect_err("no space");
        assert_eq!(refused.code(), "postgres_init_failed");
        assert!(refused.to_string().contains("no space left"), "{refused}");
        assert!(!cluster.exists() && !cluster.with_extension("new").exists());
    }
}
