//! Logs and figures of the process.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Seconds at which the histograms of request times have their bounds.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Starts logging to stderr, one line an event, as text or as JSON. `RUST_LOG` says how much.
pub fn start_logging(json: bool) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,graphile_worker=warn,actix_server=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    // A second call, as in tests, keeps the first one's logger.
    let _ = if json { builder.json().flatten_event(true).try_init() } else { builder.try_init() };
}

/// Starts keeping figures.
///
/// # Errors
/// When a recorder is installed already.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .install_recorder()?;
    metrics::describe_histogram!("cambium_http_request_seconds", "Time to answer a request");
    metrics::describe_histogram!(
        "cambium_smoke_run_seconds",
        "Time of a smoke run, start of the engine included"
    );
    metrics::describe_gauge!("cambium_jobs_waiting", "Jobs that wait or run");
    metrics::describe_gauge!("cambium_database_connections", "Open connections to the database");
    Ok(handle)
}
