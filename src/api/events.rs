//! Events: what happened, as it happens (server-sent events).

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::{App, Caller};
use crate::error::Result;

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventView {
    /// Its place in the order of all events: the `id` of the stream.
    pub id: String,
    /// When.
    pub happened_at: DateTime<Utc>,
    /// What: `release.submitted`, `release.verifying` (with `stage`), `release.published`,
    /// `release.rejected`, `release.deprecated`, `release.yanked`, `release.quarantined`,
    /// `release.restored`, `pair.judged`, `channel.moved`, `module.created`.
    pub kind: String,
    /// The module that it concerns.
    pub module: String,
    /// The version that it concerns, where it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who did it; absent when it was the service itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Facts, by kind: `stage`; `base` and `verdict`; `channel`, `from`, `to`, `generation`, `reason`.
    #[schema(value_type = Object)]
    pub data: Value,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Only of this module (`namespace/name`), and of pairs whose base it is.
    pub module: Option<String>,
    /// Behind this event; `Last-Event-ID` wins over it. Without either, from now on.
    pub after: Option<String>,
}

/// Follow events.
///
/// A stream of server-sent events; `data` is an event as JSON, `event` its kind. Goes on where it
/// stopped when asked again with `Last-Event-ID`.
#[utoipa::path(
    tag = "events",
    params(EventQuery),
    responses((status = 200, content_type = "text/event-stream", body = EventView))
)]
#[get("/events")]
pub(super) async fn follow_events(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    query: Query<EventQuery>,
) -> Result<HttpResponse> {
    let _ = (app, caller, request, query);
    Err(crate::error::Error::internal("not there yet"))
}
