//! Whether the service lives, is ready, and how it does.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::store::{actors, jobs};

/// Alive: the process answers.
#[get("/healthz")]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready: the database answers, its schema is in place, and there is somebody who may sign in.
#[get("/readyz")]
pub(super) async fn readyz(app: Data<App>) -> Result<&'static str> {
    let asked = tokio::time::timeout(Duration::from_secs(2), actors::any(&app.pool)).await;
    match asked {
        Ok(Ok(true)) => Ok("ready\n"),
        Ok(Ok(false)) => Err(Error::new(Code::Unavailable, "The registry is being founded.")),
        Ok(Err(error)) => Err(Error::new(Code::Unavailable, "The database is not ready.").caused_by(error)),
        Err(_) => Err(Error::new(Code::Unavailable, "The database does not answer.")),
    }
}

/// Figures in Prometheus' text format.
#[get("/metrics")]
pub(super) async fn metrics(app: Data<App>, handle: Data<PrometheusHandle>) -> HttpResponse {
    let queue = tokio::time::timeout(Duration::from_secs(1), jobs::queue(&app.pool)).await;
    if let Ok(Ok(queue)) = queue {
        ::metrics::gauge!("cambium_jobs_waiting").set((queue.waiting + queue.running) as f64);
    }
    ::metrics::gauge!("cambium_database_connections").set(f64::from(app.pool.size()));
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(handle.render())
}
