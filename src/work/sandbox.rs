//! Starts `cambium-smoke`, holds it to its limits, and turns whatever becomes of it into a report.
//!
//! A crash, a hang or a flood of output is a result of the run. Only an engine that cannot be started
//! is an error, and worth another try.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::endings::{ended_badly, failed, no_report, output_limit, signalled, time_limit};
use crate::domain::device::Device;
use crate::domain::finding::{Finding, excerpt};
use crate::domain::smoke::{Job, NEEDS_OWN_PROCESS, Part, Report, Step};

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
/// and its report, not always in their order. Where a process ends badly, the first one that it had not
/// told of is run by itself, and those after it go on in a fresh process; those that bring code each get a
/// process of their own, after the others.
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
        job.batch = all[next..].to_vec();
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
            // It or one beside it: by itself it is judged by what it does.
            on_report(next, run_one(engine, &mut job, &all[next]).await?);
            next += 1;
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

/// A started engine. Dropping it kills it.
struct Process {
    child: Child,
    group: Option<Pid>,
}

/// What the engine left behind.
enum Output {
    /// It ended: what it printed beside its reports, and how.
    Whole { errors: Vec<u8>, status: ExitStatus },
    /// Longer than one report may take.
    TooSlow,
    /// More than it may write.
    TooMuch,
}

impl Process {
    async fn start(engine: &Path, device: Device) -> Result<Self, EngineError> {
        let failed = |source| EngineError::Start { engine: engine.to_owned(), source };
        let child = spawn(command(engine, device)).await.map_err(failed)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        Ok(Self { child, group })
    }

    /// Writes the job, hears what comes back, and waits for the end.
    async fn finish(
        &mut self,
        text: &[u8],
        job: &Job,
        heard: &mut Heard,
        on_step: impl FnMut(Step),
        on_report: impl FnMut(Report),
    ) -> io::Result<Output> {
        let stdin = self.child.stdin.take();
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // An engine that ends before it has read the job says why in another way.
                let _ = stdin.write_all(text).await;
            }
            Ok(())
        };
        let most = usize::try_from(job.limits.output_bytes).unwrap_or(usize::MAX);
        let all = most.saturating_mul(job.reports());
        let every =
            tokio::try_join!(write, heard.listen(stdout, job, most, on_report), told(stderr, all, on_step));
        let errors = match every {
            Ok(((), (), errors)) => errors,
            Err(Unread::TooMuch) => return Ok(Output::TooMuch),
            Err(Unread::TooSlow) => return Ok(Output::TooSlow),
            Err(Unread::Failed(error)) => return Err(error),
        };
        let status = self.child.wait().await?;
        // Its id may now be another process's.
        self.group = None;
        Ok(Output::Whole { errors, status })
    }

    async fn kill(&mut self) {
        self.kill_group();
        let _ = self.child.wait().await;
    }

    fn kill_group(&mut self) {
        if let Some(group) = self.group.take() {
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Why a stream was not read to its end.
enum Unread {
    /// It is longer than it may be.
    TooMuch,
    /// Nothing came for longer than a report may take.
    TooSlow,
    /// Reading failed.
    Failed(io::Error),
}

/// The reports that were heard.
#[derive(Default)]
struct Heard {
    /// How many, and whether something else came after them.
    count: usize,
    garbled: bool,
    /// The last one: it may yet be taken back.
    held: Option<Report>,
}

impl Heard {
    /// Hears reports, a line each of at most `most` bytes; tells one when the next has come.
    async fn listen(
        &mut self,
        stream: Option<impl AsyncRead + Unpin>,
        job: &Job,
        most: usize,
        mut on_report: impl FnMut(Report),
    ) -> Result<(), Unread> {
        let Some(stream) = stream else { return Ok(()) };
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        let wall = Duration::from_secs(job.limits.wall_seconds);
        let mut left = most.saturating_mul(job.reports());
        loop {
            line.clear();
            let mut bounded = (&mut lines).take(most as u64 + 1);
            let length = tokio::time::timeout(wall, bounded.read_until(b'\n', &mut line))
                .await
                .map_err(|_| Unread::TooSlow)?;
            if length.map_err(Unread::Failed)? == 0 {
                return Ok(());
            }
            left = left.checked_sub(line.len()).filter(|_| line.len() <= most).ok_or(Unread::TooMuch)?;
            match serde_json::from_slice(&line) {
                Ok(report) if self.count < job.reports() && !self.garbled => {
                    self.count += 1;
                    if let Some(sure) = self.held.replace(report) {
                        on_report(sure);
                    }
                }
                _ => self.garbled = true,
            }
        }
    }
}

/// All of a stream of at most `most` bytes, less the lines that name the engine's next step: those are told as
/// they come.
async fn told(
    stream: Option<impl AsyncRead + Unpin>,
    most: usize,
    mut on_step: impl FnMut(Step),
) -> Result<Vec<u8>, Unread> {
    let (mut rest, mut line) = (Vec::new(), Vec::new());
    let Some(stream) = stream else { return Ok(rest) };
    let mut lines = BufReader::new(stream.take(most as u64 + 1));
    let (mut read, mut last) = (0, None);
    loop {
        line.clear();
        let length = lines.read_until(b'\n', &mut line).await.map_err(Unread::Failed)?;
        read += length;
        match Step::of_line(&line).filter(|step| Some(*step) > last) {
            _ if read > most => return Err(Unread::TooMuch),
            _ if length == 0 => return Ok(rest),
            Some(step) => {
                last = Some(step);
                on_step(step);
            }
            None => rest.append(&mut line),
        }
    }
}

/// The engine confines itself before it reads the job, and has to know what a run on that device may open.
fn on(engine: &Path, device: Device) -> Command {
    let mut command = Command::new(engine);
    if !device.is_cpu() {
        command.args(["--device", &device.to_string()]);
    }
    command
}

fn command(engine: &Path, device: Device) -> Command {
    let mut command = on(engine, device);
    command
        .args(["--parent", &std::process::id().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    surroundings(&mut command);
    command
}

fn surroundings(command: &mut Command) {
    command
        .env_clear()
        // Threads that wait by spinning starve each other where processors are shared.
        .env("OMP_WAIT_POLICY", "PASSIVE")
        .current_dir("/")
        .process_group(0)
        .kill_on_drop(true);
    if let Some(libtorch) = std::env::var_os("CAMBIUM_LIBTORCH").filter(|folder| !folder.is_empty()) {
        command.env("LD_LIBRARY_PATH", Path::new(&libtorch).join("lib"));
    }
}

struct Request {
    command: Command,
    runtime: Handle,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// Starts a process from a thread that lives as long as this program: the engine dies with the thread
/// that started it, and a runtime's threads come and go.
async fn spawn(command: Command) -> io::Result<Child> {
    static STARTER: OnceLock<Option<mpsc::Sender<Request>>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (sender, requests) = mpsc::channel::<Request>();
        let thread = std::thread::Builder::new().name("engine-starter".to_owned());
        thread.spawn(move || requests.into_iter().for_each(serve)).ok().map(|_| sender)
    });
    let gone = || io::Error::other("the thread that starts engines is gone");
    let (reply, answer) = oneshot::channel();
    let request = Request { command, runtime: Handle::current(), reply };
    starter.as_ref().ok_or_else(gone)?.send(request).map_err(|_| gone())?;
    answer.await.map_err(|_| gone())?
}

fn serve(mut request: Request) {
    let _inside = request.runtime.enter();
    // A runtime that is shutting down panics here; the thread has to outlive it.
    let child = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| request.command.spawn()));
    if let Ok(child) = child {
        // Nobody waits any more: the child is dropped with the message, and so killed.
        let _ = request.reply.send(child);
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(text: &str, most: usize) -> (Vec<Step>, Option<String>) {
        let mut steps = Vec::new();
        let rest = told(Some(text.as_bytes()), most, |step| steps.push(step)).await;
        (steps, rest.ok().map(|rest| String::from_utf8(rest).unwrap()))
    }

    #[tokio::test]
    async fn known_steps_are_told_and_all_else_is_kept() {
        let (steps, rest) = heard("step: loading\nhello\nstep: evil\nstep: drift\nbye", 1000).await;
        assert_eq!(steps, [Step::Loading, Step::Drift]);
        assert_eq!(rest.as_deref(), Some("hello\nstep: evil\nbye"));
    }

    #[tokio::test]
    async fn a_module_that_prints_steps_cannot_go_back_or_flood() {
        let lies = "step: evaluation\nstep: loading\n".repeat(1000);
        let (steps, rest) = heard(&lies, 1 << 20).await;
        assert_eq!(steps, [Step::Evaluation]);
        assert!(rest.is_some_and(|rest| rest.len() > 30_000));
        assert_eq!(heard(&lies, 1000).await, (vec![Step::Evaluation], None));
    }

    #[tokio::test]
    async fn exactly_as_much_as_is_allowed_is_read() {
        assert_eq!(heard("12345", 5).await.1.as_deref(), Some("12345"));
        assert_eq!(heard("123456", 5).await.1, None);
        assert_eq!(heard("", 0).await.1.as_deref(), Some(""));
    }
}
