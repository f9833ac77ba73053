//! Starts `cambium-smoke`, holds it to its limits, and turns whatever becomes of it into a report.
//!
//! A crash, a hang or a flood of output is a result of the run. Only an engine that cannot be started
//! is an error, and worth another try.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use super::endings::{ended_badly, failed, no_report, output_limit, signalled, time_limit};
use super::hearing::Heard;
use super::process::{Output, Process, on, surroundings};
use crate::domain::device::Device;
use crate::domain::finding::{Finding, excerpt};
use crate::domain::smoke::{AT_A_TIME, Job, MOST_IN_A_BATCH, NEEDS_OWN_PROCESS, Part, Report, Step};

/// How long the engine may take to say whether it can be confined here.
const CHECK: Duration = Duration::from_secs(20);

/// The engine's file name.
pub const ENGINE: &str = "cambium-smoke";

/// Why no run was made. Nothing was learnt about the modules.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no engine where one is looked for.
    #[error(
        "{ENGINE} was not found: build it with `cargo build --features torch`, put it beside this program or \
         on the PATH, or name it in CAMBIUM_SMOKE"
    )]
    NotFound,
    /// The engine could not be started.
    #[error("{} cannot be started: {source}", engine.display())]
    Start {
        /// Its path.
        engine: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The engine was started and its libraries were not found, or are not the right ones.
    #[error(
        "the engine's libraries cannot be loaded ({0}): set CAMBIUM_LIBTORCH to a folder with libtorch 2.13"
    )]
    Libraries(String),
    /// Talking to the running engine failed.
    #[error("the engine cannot be talked to: {0}")]
    Talk(#[from] io::Error),
}

/// The engine's path: `$CAMBIUM_SMOKE`, or else beside the current executable, or else on the `PATH`.
///
/// # Errors
/// When there is none.
pub fn find_engine() -> Result<PathBuf, EngineError> {
    if let Some(named) = std::env::var_os("CAMBIUM_SMOKE").filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(ENGINE)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(ENGINE));
    beside.into_iter().chain(on_path).find(|engine| engine.is_file()).ok_or(EngineError::NotFound)
}

/// Runs a job of one composition in a fresh process of the engine and gives its report. On the way `on_step`
/// is told what the engine does: each step once at most, and only ever a later one, whatever a module may
/// print.
///
/// Dropping the future kills the process and all that it may have started.
///
/// # Errors
/// When the engine could not be started or spoken to; never for what the modules did.
pub async fn run(engine: &Path, job: &Job, on_step: impl FnMut(Step)) -> Result<Report, EngineError> {
    let mut made = None;
    let spoiled = attempt(engine, job, on_step, |report| made = Some(report)).await?;
    Ok(spoiled.map(|finding| failed(job, finding)).or(made).unwrap_or_else(|| failed(job, no_report(job))))
}

/// Runs the compositions of a job's batch on one load of the backbone and tells each one's place in the batch
/// and its report, not always in their order. Where a process ends badly, those that it may have been at are run
/// each by itself, and those after them go on in a fresh process; those that bring code each get a process of
/// their own, after the others.
///
/// Dropping the future kills the process and all that it may have started.
///
/// # Errors
/// When the engine could not be started or spoken to; what was told until then stands.
pub async fn run_batch(
    engine: &Path,
    job: Job,
    mut on_report: impl FnMut(usize, Report),
) -> Result<(), EngineError> {
    let all = job.batch;
    let mut job = Job { batch: vec![], ..job };
    let (mut next, mut alone) = (0, Vec::new());
    while next < all.len() {
        job.batch = all[next..].iter().take(MOST_IN_A_BATCH).cloned().collect();
        let begun = next;
        let spoiled = attempt(
            engine,
            &job,
            |_| (),
            |report| {
                if report.findings.iter().any(|finding| finding.rule == NEEDS_OWN_PROCESS) {
                    alone.push(next);
                } else {
                    on_report(next, report);
                }
                next += 1;
            },
        )
        .await?;
        if spoiled.is_some() && next < all.len() {
            // One of those that ran at that time: by themselves they are judged by what they do.
            for _ in 0..AT_A_TIME.min(all.len() - next) {
                on_report(next, run_one(engine, &mut job, &all[next]).await?);
                next += 1;
            }
        } else if next == begun {
            return Err(EngineError::Talk(io::Error::other("it ended without a report")));
        }
    }
    for place in alone {
        on_report(place, run_one(engine, &mut job, &all[place]).await?);
    }
    Ok(())
}

/// One composition of a batch in a process of its own.
async fn run_one(engine: &Path, job: &mut Job, modules: &[Part]) -> Result<Report, EngineError> {
    job.batch.clear();
    job.modules = modules.to_vec();
    let report = run(engine, job, |_| ()).await;
    job.modules.clear();
    report
}

/// One process: tells reports as soon as nothing can take them back, and gives the finding about what spoiled
/// the one after them, if something did.
async fn attempt(
    engine: &Path,
    job: &Job,
    on_step: impl FnMut(Step),
    mut on_report: impl FnMut(Report),
) -> Result<Option<Finding>, EngineError> {
    let text = serde_json::to_vec(job).map_err(io::Error::other)?;
    let mut process = Process::start(engine, job.device).await?;
    let wall = Duration::from_secs(job.limits.wall_seconds);
    let all = wall.saturating_mul(u32::try_from(job.reports()).unwrap_or(u32::MAX));
    let mut heard = Heard::default();
    let ended =
        tokio::time::timeout(all, process.finish(&text, job, &mut heard, on_step, &mut on_report)).await;
    if !matches!(ended, Ok(Ok(Output::Whole { .. }))) {
        process.kill().await;
    }
    let spoiled = match ended {
        Err(_) | Ok(Ok(Output::TooSlow)) => Some(time_limit(job, "wall time", job.limits.wall_seconds)),
        Ok(Err(error)) => return Err(error.into()),
        Ok(Ok(Output::TooMuch)) => Some(output_limit(job)),
        Ok(Ok(Output::Whole { errors, status })) => spoiled(job, &heard, &errors, status)?,
    };
    // A process that ends badly after its last report has not ended well with it.
    if let Some(report) = heard.held.filter(|_| spoiled.is_none() || heard.count < job.reports()) {
        on_report(report);
    }
    Ok(spoiled)
}

/// What is wrong with the engine on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It does not start.
    Broken(String),
    /// It starts and cannot be confined fully; without leave it runs nothing then.
    Unconfined(String),
}

/// What keeps the engine from running modules on this device of the machine, if anything does.
pub async fn problem(engine: &Path, device: Device) -> Option<Problem> {
    let mut command = on(engine, device);
    command.arg("--check").stdin(Stdio::null());
    surroundings(&mut command);
    let ended = tokio::time::timeout(CHECK, command.output()).await;
    match ended {
        Err(_) => {
            Some(Problem::Broken(format!("{ENGINE} --check did not end in {} seconds", CHECK.as_secs())))
        }
        Ok(Err(error)) => Some(Problem::Broken(format!("{} cannot be started: {error}", engine.display()))),
        Ok(Ok(output)) if output.status.success() => None,
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = excerpt(said.trim());
            Some(match output.status.code() {
                // The engine's own word; a loader that lacks a library ends with 127.
                Some(1) if !said.is_empty() => Problem::Unconfined(said),
                _ if said.is_empty() => {
                    Problem::Broken(format!("{ENGINE} --check ended with {}", output.status))
                }
                _ => Problem::Broken(said),
            })
        }
    }
}

/// What spoiled the report that should have come next, if something did.
fn spoiled(
    job: &Job,
    heard: &Heard,
    errors: &[u8],
    status: ExitStatus,
) -> Result<Option<Finding>, EngineError> {
    let errors = String::from_utf8_lossy(errors);
    if !errors.is_empty() {
        tracing::debug!(stderr = %excerpt(&errors), "the engine printed something");
    }
    if let Some(signal) = status.signal() {
        return Ok(Some(signalled(job, signal, &errors)));
    }
    // The loader's own exit code, before the engine could write anything: texts a module can print too.
    if status.code() == Some(127) && heard.count == 0 && !heard.garbled {
        return Err(EngineError::Libraries(excerpt(errors.trim())));
    }
    let well = status.success() && heard.count == job.reports() && !heard.garbled;
    Ok((!well).then(|| ended_badly(job, status, &errors)))
}
