//! A worker says now and then that it lives, and whether it can run the engine.

use uuid::Uuid;

use super::sandbox::{self, Problem};
use super::{Bench, HEARTBEAT};
use crate::store::workers::{self, Sign};

/// Says so until told to stop. Whether the engine runs is looked into at the start, and again as long as
/// it does not.
pub(super) async fn say_so(bench: &Bench, at_once: usize) {
    let (app, stop) = (&bench.app, &bench.stop);
    let id = Uuid::now_v7();
    let name = name();
    let look = async || {
        let problem = sandbox::problem(&bench.engine, bench.device).await;
        problem.map(|problem| told(problem, bench.allow_partial_sandbox))
    };
    let mut problem = look().await;
    if let Some(problem) = &problem {
        tracing::error!("{problem}");
    }
    while !stop.is_cancelled() {
        let sign = Sign {
            id,
            name: &name,
            at_once: i32::try_from(at_once).unwrap_or(i32::MAX),
            problem: problem.as_deref(),
        };
        if let Err(error) = workers::live(&app.pool, &sign).await {
            tracing::debug!("a sign of life was not recorded: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
        if problem.is_some() && !stop.is_cancelled() {
            problem = look().await;
        }
    }
    // A database that is away will see that the signs end.
    let _ = workers::leave(&app.pool, id).await;
}

/// The problem, and what follows from it.
fn told(problem: Problem, allowed: bool) -> String {
    match problem {
        Problem::Broken(why) => format!("The engine cannot run modules: {why}"),
        Problem::Unconfined(why) if allowed => {
            format!("Modules run without being confined fully, as CAMBIUM_ALLOW_PARTIAL_SANDBOX says: {why}")
        }
        Problem::Unconfined(why) => {
            format!("No module is run, because the engine cannot be confined here: {why}")
        }
    }
}

fn name() -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    format!("{}:{}", host.as_deref().unwrap_or("unknown"), std::process::id())
}
