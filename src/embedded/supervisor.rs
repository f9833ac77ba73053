//! The thread that owns the PostgreSQL process: starts it, starts it again when it dies, stops it.
//!
//! It is a plain thread because the kernel's "signal me when my parent dies" watches the thread that
//! spawned; it also is the only one that signals the process, so no signal can reach a recycled number.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;

use super::cluster;
use super::error::EmbeddedError;
use super::spawn::RunAs;

/// Lines of PostgreSQL's log that are kept for the message when it does not start.
const KEPT_LINES: usize = 8;
/// How often the very first start is tried: after a crash of everything, dying remnants of the old database
/// can hold its shared memory for a moment.
const FIRST_ATTEMPTS: u32 = 5;

/// What the supervisor says about the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not taking connections yet, or again.
    Starting,
    /// Takes connections; the process id of the postmaster.
    Ready(u32),
    /// Never came up; the last lines of its log. Final.
    Failed(String),
    /// Stopped because it was told to. Final.
    Stopped,
}

/// How to start the process.
pub struct Launch {
    /// The `postgres` program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The cluster's folder.
    pub cluster: PathBuf,
    /// The user it runs as.
    pub run_as: RunAs,
}

enum Ended {
    /// Told to stop, by a message or because nobody is there any more to send one.
    Told,
    /// It ended by itself: why, and whether it had been ready.
    Died { reason: String, was_ready: bool },
}

/// Runs until told to stop (a message, or the other end being dropped) or until the first start failed.
pub fn supervise(launch: &Launch, told: &Receiver<()>, state: &watch::Sender<State>) {
    let mut ever_ready = false;
    let mut failures = 0;
    loop {
        let started = Instant::now();
        match run_once(launch, told, state) {
            Ended::Told => break,
            Ended::Died { reason, was_ready } => {
                ever_ready |= was_ready;
                let lasted = was_ready && started.elapsed() > Duration::from_secs(60);
                failures = if lasted { 1 } else { failures + 1 };
                if !ever_ready && (failures >= FIRST_ATTEMPTS || !reason.contains("shared memory")) {
                    state.send_replace(State::Failed(reason));
                    return;
                }
                let pause = pause_after(failures);
                tracing::error!(%reason, ?pause, "the embedded database ended; starting it again");
                state.send_replace(State::Starting);
                if !matches!(told.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
                    break;
                }
            }
        }
    }
    state.send_replace(State::Stopped);
}

/// 0.2 s, doubling up to 30 s.
fn pause_after(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(8);
    Duration::from_millis(200 << doublings).min(Duration::from_secs(30))
}

fn run_once(launch: &Launch, told: &Receiver<()>, state: &watch::Sender<State>) -> Ended {
    let died = |reason: String, was_ready| Ended::Died { reason, was_ready };
    if let Err(error) = cluster::free_of_leftovers(&launch.cluster, &launch.run_as) {
        return died(error.to_string(), false);
    }
    let mut child = match spawn(launch) {
        Ok(child) => child,
        Err(error) => return died(error.to_string(), false),
    };
    let log = Arc::new(Mutex::new(VecDeque::new()));
    if let Some(stderr) = child.stderr.take() {
        let log = Arc::clone(&log);
        std::thread::spawn(move || follow_log(stderr, &log));
    }
    let mut ready = false;
    loop {
        let pause = Duration::from_millis(if ready { 200 } else { 20 });
        if !matches!(told.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
            stop(&mut child);
            return Ended::Told;
        }
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => return died(format!("{status}; {}", last_lines(&log)), ready),
            Err(error) => return died(error.to_string(), ready),
        }
        if !ready && cluster::is_ready(&launch.cluster, child.id()) {
            ready = true;
            state.send_replace(State::Ready(child.id()));
        }
    }
}

fn spawn(launch: &Launch) -> Result<Child, EmbeddedError> {
    let mut command = launch.run_as.command(&launch.program, &launch.cluster);
    command.args(&launch.arguments).arg("-D").arg(&launch.cluster);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().map_err(EmbeddedError::io("start", &launch.program))
}

/// Ends the process and waits: fast shutdown, then immediate, then by force. Each is safe for the data.
fn stop(child: &mut Child) {
    let Ok(number) = i32::try_from(child.id()) else { return };
    for (signal, seconds) in [(Signal::SIGINT, 30), (Signal::SIGQUIT, 5), (Signal::SIGKILL, 5)] {
        // Not reaped yet, so the number still is this child's.
        let _ = kill(Pid::from_raw(number), signal);
        let deadline = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < deadline {
            match child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Ok(Some(_)) => return,
                Err(error) => {
                    tracing::error!(%error, "cannot wait for the embedded database");
                    return;
                }
            }
        }
        tracing::warn!(%signal, "the embedded database did not stop in time");
    }
}

fn last_lines(log: &Mutex<VecDeque<String>>) -> String {
    // The reader may be a moment behind the end of the process.
    std::thread::sleep(Duration::from_millis(50));
    let lines = log.lock().unwrap_or_else(PoisonError::into_inner);
    Vec::from_iter(lines.iter().cloned()).join("; ")
}

/// Passes PostgreSQL's log on to ours, until the last process that writes to it has ended.
fn follow_log(stderr: ChildStderr, kept: &Mutex<VecDeque<String>>) {
    let mut reader = BufReader::new(stderr);
    let mut bytes = Vec::new();
    while matches!(reader.read_until(b'\n', &mut bytes), Ok(read) if read > 0) {
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        bytes.clear();
        if is_expected(&line) {
            tracing::debug!(target: "postgres", "{line}");
            continue;
        }
        log_line(&line);
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(line);
    }
}

/// What every connection is told while the database stops or starts.
fn is_expected(line: &str) -> bool {
    let told = ["terminating connection", "the database system is starting", "not yet accepting connections"];
    line.starts_with("FATAL:") && told.iter().any(|told| line.contains(told))
}

fn log_line(line: &str) {
    match line.split(':').next() {
        Some("PANIC") => tracing::error!(target: "postgres", "{line}"),
        Some("FATAL" | "WARNING") => tracing::warn!(target: "postgres", "{line}"),
        // What an application's own statements provoke is the application's to report.
        _ => tracing::debug!(target: "postgres", "{line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_between_restarts_grows_to_half_a_minute() {
        assert_eq!(pause_after(1), Duration::from_millis(200));
        assert_eq!(pause_after(2), Duration::from_millis(400));
        assert_eq!(pause_after(9), Duration::from_secs(30));
        assert_eq!(pause_after(u32::MAX), Duration::from_secs(30));
    }
}
