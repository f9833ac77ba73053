//! A process of the engine, from its start to its end.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::hearing::{Heard, Unread, told};
use super::sandbox::EngineError;
use crate::domain::device::Device;
use crate::domain::smoke::{Job, Report, Step};

/// A started engine. Dropping it kills it.
pub(super) struct Process {
    child: Child,
    group: Option<Pid>,
}

/// What the engine left behind.
pub(super) enum Output {
    /// It ended: what it printed beside its reports, and how.
    Whole { errors: Vec<u8>, status: ExitStatus },
    /// Longer than one report may take.
    TooSlow,
    /// More than it may write.
    TooMuch,
}

impl Process {
    pub(super) async fn start(engine: &Path, device: Device) -> Result<Self, EngineError> {
        let failed = |source| EngineError::Start { engine: engine.to_owned(), source };
        let child = spawn(command(engine, device)).await.map_err(failed)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        Ok(Self { child, group })
    }

    /// Writes the job, hears what comes back, and waits for the end.
    pub(super) async fn finish(
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

    pub(super) async fn kill(&mut self) {
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

/// The engine confines itself before it reads the job, and has to know what a run on that device may open.
pub(super) fn on(engine: &Path, device: Device) -> Command {
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

/// What the engine's process finds around it: next to nothing.
pub(super) fn surroundings(command: &mut Command) {
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
