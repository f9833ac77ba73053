//! A worker says now and then that it lives, and whether it can run the engine.

use std::path::Path;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{HEARTBEAT, sandbox};
use crate::app::App;
use crate::store::workers::{self, Sign};

/// Says so until told to stop. Whether the engine runs is looked into at the start, and again as long as
/// it does not.
pub(super) async fn say_so(app: &App, engine: &Path, at_once: usize, stop: &CancellationToken) {
    let id = Uuid::now_v7();
    let name = name();
    let mut problem = sandbox::problem(engine).await;
    if let Some(problem) = &problem {
        tracing::error!("the engine cannot run modules: {problem}");
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
            problem = self::sandbox::problem(engine).await;
        }
    }
    // A database that is away will see that the signs end.
    let _ = workers::leave(&app.pool, id).await;
}

fn name() -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    format!("{}:{}", host.as_deref().unwrap_or("unknown"), std::process::id())
}
