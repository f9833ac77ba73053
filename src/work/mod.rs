//! The worker: takes jobs from the queue, runs modules in the sandbox, records what came of it.
//!
//! It holds credentials and never loads weights; the engine that it starts loads weights and holds
//! nothing.

mod alive;
mod endings;
mod hearing;
mod parts;
mod process;
mod prove;
pub mod sandbox;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::Config;
use crate::domain::device::Device;
use crate::domain::smoke::Limits;
use crate::store::jobs::{self, ProveDependents, VerifyRelease};
use crate::store::queued_runs;

/// How often a job is begun before it is given up with a finding.
const MOST_ATTEMPTS: i32 = 3;
/// How often a worker says that it lives, and after how long without that its jobs are taken over.
const HEARTBEAT: Duration = Duration::from_secs(5);
const PRESUMED_DEAD: Duration = Duration::from_secs(20);
/// Time for jobs to give themselves back when the worker is told to stop.
const GIVE_BACK: Duration = Duration::from_secs(3);

/// What jobs work with.
#[derive(Clone)]
struct Bench {
    app: App,
    /// The engine's program.
    engine: PathBuf,
    /// Copies of blobs from a remote store.
    cache: PathBuf,
    limits: Limits,
    /// Where runs compute.
    device: Device,
    /// Runs even where the engine cannot be confined fully.
    allow_partial_sandbox: bool,
    stop: CancellationToken,
}

/// The bench as the queue library hands it to jobs: it wants a `Debug`.
#[derive(Clone)]
struct Shared(Arc<Bench>);

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("engine", &self.0.engine).finish_non_exhaustive()
    }
}

/// Works until told to stop; then running jobs give themselves back to the queue.
///
/// # Errors
/// When there is no engine. A database that is away is waited for.
pub async fn work(app: App, config: &Config, stop: CancellationToken) -> anyhow::Result<()> {
    let engine = match &config.engine {
        Some(engine) => engine.clone(),
        None => sandbox::find_engine().context("a worker needs the engine")?,
    };
    tracing::info!(engine = %engine.display(), at_once = config.smoke_runs, "working");
    let bench = Bench {
        app,
        engine,
        cache: config.data.join("cache"),
        limits: limits(config.smoke_seconds),
        device: config.device,
        allow_partial_sandbox: config.allow_partial_sandbox,
        stop: stop.clone(),
    };
    let shared = Shared(Arc::new(bench));
    let alive = alive::say_so(&shared.0, config.smoke_runs);
    let jobs = async {
        while !stop.is_cancelled() {
            if let Err(error) = run_queue(&shared, config.smoke_runs, stop.clone()).await {
                tracing::warn!("the queue is away: {error:#}");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    };
    tokio::join!(alive, jobs);
    Ok(())
}

/// The default limits with another wall time, and processor time for all threads as long.
fn limits(wall_seconds: u64) -> Limits {
    let limits = Limits::default();
    Limits { wall_seconds, cpu_seconds: wall_seconds * u64::from(limits.threads), ..limits }
}

/// Queues jobs for runs that wait: those that a migration queued have none, and one that is there already stays
/// one.
async fn queue_waiting(app: &App) -> crate::error::Result<()> {
    let mut tx = app.begin().await?;
    for (base, urgency) in queued_runs::bases(&mut *tx).await? {
        jobs::prove_dependents(&mut tx, &ProveDependents::new(base, urgency)).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn run_queue(bench: &Shared, at_once: usize, stop: CancellationToken) -> anyhow::Result<()> {
    let worker = WorkerOptions::default()
        .schema(jobs::SCHEMA)
        .pg_pool(bench.0.app.pool.clone())
        .concurrency(at_once)
        .poll_interval(Duration::from_secs(2))
        .heartbeat_interval(HEARTBEAT)
        .sweep_interval(HEARTBEAT)
        .sweep_threshold(PRESUMED_DEAD)
        .recovery_delay(Duration::ZERO)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(async move { stop.cancelled().await })
        .shutdown_grace_period(GIVE_BACK)
        .shutdown_interrupted_job_retry_delay(Duration::ZERO)
        .add_extension(bench.clone())
        .define_job::<VerifyRelease>()
        .define_job::<ProveDependents>()
        .init()
        .await?;
    queue_waiting(&bench.0.app).await?;
    worker.run().await?;
    Ok(())
}

impl TaskHandler for VerifyRelease {
    const IDENTIFIER: &'static str = jobs::VERIFY_RELEASE;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let bench = bench(&context)?;
        interruptible(&bench, verify::verify(&bench, self.release), verify::give_back(&bench, self.release))
            .await
    }
}

impl TaskHandler for ProveDependents {
    const IDENTIFIER: &'static str = jobs::PROVE_DEPENDENTS;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let bench = bench(&context)?;
        let job = *context.job().id();
        let give_back = queued_runs::give_back(&bench.app.pool, job);
        interruptible(&bench, prove::prove(&bench, job, &self), give_back).await
    }
}

fn bench(context: &WorkerContext) -> Result<Arc<Bench>, String> {
    let shared = context.get_ext::<Shared>().ok_or("the worker was set up without its bench")?;
    Ok(Arc::clone(&shared.0))
}

/// Runs a job. One that fails for a reason of ours (the store is away, the engine cannot be started)
/// gives its attempt back and is tried again by the queue, later each time: only a lost worker, and a run
/// that was ended from outside, count against a job. When the worker is told to stop, the job is dropped, which kills its engine, and gives
/// itself back too.
async fn interruptible(
    bench: &Bench,
    job: impl Future<Output = anyhow::Result<()>>,
    give_back: impl Future<Output = crate::error::Result<()>>,
) -> Result<(), String> {
    let failed = tokio::select! {
        ended = job => match ended {
            Ok(()) => return Ok(()),
            Err(error) => Some(error),
        },
        () = bench.stop.cancelled() => None,
    };
    let counts = failed.as_ref().is_some_and(|error| error.is::<verify::Disturbed>());
    if !counts && let Err(error) = give_back.await {
        tracing::warn!("a job could not be given back: {error}");
    }
    match failed {
        Some(error) => {
            tracing::warn!("a job failed and will be tried again: {error:#}");
            Err(format!("{error:#}"))
        }
        // The queue takes back what does not end in its time, and counts that as no failure.
        None => std::future::pending().await,
    }
}
