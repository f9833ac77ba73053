//! The server: the database, the HTTP edge and a worker beside it, started and stopped in order.

use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::web::Data;
use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{App, accounts, housekeeping, news};
use crate::blobs::Blobs;
use crate::config::Config;
use crate::embedded::EmbeddedPostgres;
use crate::{api, store, telemetry, work};

/// Connections of a server and the worker beside it.
const CONNECTIONS: u32 = 20;
/// Seconds that requests under way have to end when the server stops.
const GRACE: u64 = 5;
/// In the data folder while a server runs: the ports that it listens on, one a line.
pub const PORTS_FILE: &str = "ports";
const TIDY_EVERY: Duration = Duration::from_secs(3600);

/// Serves until SIGTERM or SIGINT, with a worker beside the server unless told otherwise.
///
/// # Errors
/// When the database, the store or the address cannot be had.
pub async fn serve(config: Config, with_worker: bool) -> anyhow::Result<()> {
    let metrics = telemetry::start_metrics()?;
    let embedded = match &config.database_url {
        Some(_) => None,
        None => Some(EmbeddedPostgres::start(&config.data).await?),
    };
    let served = serve_on(&config, embedded.as_ref(), with_worker, metrics).await;
    let _ = std::fs::remove_file(config.data.join(PORTS_FILE));
    if let Some(database) = embedded {
        database.stop().await;
    }
    served
}

async fn serve_on(
    config: &Config,
    embedded: Option<&EmbeddedPostgres>,
    with_worker: bool,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let app = open(config, embedded)?;
    let shared = Data::new(app.clone());
    let handle = Data::new(metrics);
    let server = HttpServer::new(move || api::service(shared.clone(), handle.clone()))
        .disable_signals()
        .shutdown_timeout(GRACE)
        .bind(&config.listen)
        .with_context(|| format!("cannot listen on {} (CAMBIUM_LISTEN)", config.listen))?;
    let ports: String = server.addrs().iter().map(|address| format!("{}\n", address.port())).collect();
    std::fs::write(config.data.join(PORTS_FILE), ports).context("cannot write to the data folder")?;
    let addresses: Vec<String> = server.addrs().iter().map(|address| format!("http://{address}")).collect();
    let server = server.run();
    let answering = server.handle();
    let serving = tokio::spawn(server);
    tracing::info!(at = addresses.join(" "), data = %config.data.display(), "serving");
    let mut background = tokio::spawn(prepare_and_work(app, config.clone(), with_worker, stop.clone()));
    tokio::select! {
        () = stop.cancelled() => {}
        ended = serving => anyhow::bail!("the server ended: {ended:?}"),
        // A server whose worker cannot work would take releases and never verify them.
        ended = &mut background => {
            answering.stop(true).await;
            return ended.context("the worker panicked")?;
        }
    }
    tracing::info!("stopping");
    let (worked, ()) = tokio::join!(background, answering.stop(true));
    worked.context("the worker panicked")?
}

/// The database and the store that the configuration names.
fn open(config: &Config, embedded: Option<&EmbeddedPostgres>) -> anyhow::Result<App> {
    let url = embedded.map_or(config.database_url.as_deref(), |database| Some(database.url()));
    let pool = store::connect(url.unwrap_or_default(), CONNECTIONS)?;
    let blobs = Blobs::open(config.store_url.as_deref(), &config.data)?;
    Ok(App::new(pool, blobs))
}

/// Prepares the database as soon as it answers, then works until told to stop.
async fn prepare_and_work(
    app: App,
    config: Config,
    with_worker: bool,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    if !prepare(&app, &config.data, &stop).await? {
        return Ok(());
    }
    let tidying = tokio::spawn(tidy_now_and_then(app.clone(), stop.clone()));
    let listening = tokio::spawn(news::listen(app.clone(), stop.clone()));
    if with_worker {
        work::work(app, &config, stop).await?;
    }
    tidying.await?;
    listening.await?;
    Ok(())
}

/// Migrates the schema and makes the first admin; while the database is away it waits. Says whether
/// it got there before being told to stop.
async fn prepare(app: &App, data: &Path, stop: &CancellationToken) -> anyhow::Result<bool> {
    loop {
        let prepared = async {
            store::migrate(&app.pool).await?;
            store::events::mend_after_restore(&app.pool).await?;
            accounts::found_registry(app, |secret| Ok(write_token(data, secret)?)).await?;
            anyhow::Ok(())
        };
        match prepared.await {
            Ok(()) => return Ok(true),
            Err(error) if is_away(&error) => tracing::warn!("the database is away: {error:#}"),
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(false),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// Whether the database may answer later, unlike a schema that is not ours.
fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let unavailable =
            cause.downcast_ref::<crate::error::Error>().is_some_and(crate::error::Error::is_retryable);
        let away = cause.downcast_ref::<sqlx::Error>().is_some_and(|e| {
            matches!(e, sqlx::Error::PoolTimedOut | sqlx::Error::Io(_))
                || e.as_database_error().and_then(|e| e.code()).is_some_and(|code| code.starts_with("57P"))
        });
        unavailable || away
    })
}

fn write_token(data: &Path, secret: &str) -> std::io::Result<()> {
    let path = data.join("admin-token");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    std::io::Write::write_all(&mut file, format!("{secret}\n").as_bytes())?;
    tracing::info!(path = %path.display(), "the first admin token was written");
    Ok(())
}

async fn tidy_now_and_then(app: App, stop: CancellationToken) {
    loop {
        if let Err(error) = housekeeping::tidy_up(&app).await {
            tracing::warn!("tidying up: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TIDY_EVERY) => {}
        }
    }
}

/// Works on a queue without serving, until SIGTERM or SIGINT.
///
/// # Errors
/// When the store or the engine cannot be had.
pub async fn work_only(config: Config) -> anyhow::Result<()> {
    anyhow::ensure!(config.database_url.is_some(), "a worker alone needs DATABASE_URL: the queue is there");
    anyhow::ensure!(
        config.store_url.is_some(),
        "a worker alone needs CAMBIUM_STORE, the server's: the bytes are there"
    );
    telemetry::start_metrics()?;
    let stop = stop_signal()?;
    let app = open(&config, None)?;
    work::work(app, &config, stop).await
}

/// Migrates the database that `DATABASE_URL` names.
///
/// # Errors
/// When it does not answer or its schema is not ours.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    store::migrate(&store::connect(url, 1)?).await
}

/// Cancelled by SIGTERM or SIGINT.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let told = stop.clone();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        told.cancel();
    });
    Ok(stop)
}
