//! The worker: takes jobs, runs them, records what came of them.

pub mod sandbox;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::Config;

/// Works until told to stop.
///
/// # Errors
/// When the queue cannot be set up.
pub async fn work(_app: App, _config: &Config, stop: CancellationToken) -> anyhow::Result<()> {
    stop.cancelled().await;
    Ok(())
}
