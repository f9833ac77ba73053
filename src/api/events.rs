//! Events: what happened, as it happens (server-sent events).

use std::convert::Infallible;

use actix_web::http::header;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::caller::caller;
use crate::app::news::{self, Follower, Heard};
use crate::app::{App, Caller, access};
use crate::domain::permission::Action;
use crate::error::{Code, Error, Result};
use crate::store::events::{Cursor, Event};

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
    let EventQuery { module, after } = query.into_inner();
    if let Some(name) = &module {
        access::module(&app, &caller, &name.parse()?, Action::Read).await?;
    }
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let cursor = last.map(str::to_owned).or(after).map(|text| cursor(&text)).transpose()?;
    let address = request.peer_addr().map(|peer| peer.ip());
    let follower = news::follow(&app, &caller, address, module, cursor).await?;
    let opening =
        Bytes::from(format!("retry: 1000\nid: {}\nevent: ready\ndata: {{}}\n\n", id(follower.cursor)));
    let later = stream::unfold(Some((follower, request)), |state| async move {
        let (mut follower, request) = state?;
        let bytes = next(&mut follower, &request).await?;
        Some((Ok::<_, Infallible>(bytes), Some((follower, request))))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A proxy that gathers answers would hold events back.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream::once(async move { Ok(opening) }).chain(later)))
}

/// What to send next; `None` ends the stream, and the client asks again.
async fn next(follower: &mut Follower, request: &HttpRequest) -> Option<Bytes> {
    match follower.next().await {
        Ok(Heard::Events(events)) => {
            let text: String = events.into_iter().filter_map(|event| frame(event).ok()).collect();
            Some(Bytes::from(text))
        }
        Ok(Heard::Check) => {
            // Who was signed out, or lost a role, hears no more of what is not theirs.
            follower.is_now(&caller(request).await.ok()?);
            Some(Bytes::from_static(b": all is well\n\n"))
        }
        Ok(Heard::End) => None,
        Err(error) => {
            tracing::debug!("a stream of events ended: {error}");
            None
        }
    }
}

fn frame(event: Event) -> serde_json::Result<String> {
    let view = EventView::from(event);
    Ok(format!("id: {}\nevent: {}\ndata: {}\n\n", view.id, view.kind, serde_json::to_string(&view)?))
}

pub(super) fn id(cursor: Cursor) -> String {
    format!("{}-{}", cursor.transaction, cursor.id)
}

fn cursor(text: &str) -> Result<Cursor> {
    let parsed = text.split_once('-').and_then(|(transaction, id)| {
        Some(Cursor { transaction: transaction.parse().ok()?, id: id.parse().ok()? })
    });
    parsed.ok_or_else(|| {
        Error::new(Code::BadRequest, "That is not the id of an event.")
            .with_remedy("Send the id of the last event that you got, or leave it out to begin now.")
    })
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            id: id(event.cursor),
            happened_at: event.happened_at,
            kind: event.kind,
            module: event.module,
            version: event.version,
            actor: event.actor,
            data: event.data,
        }
    }
}
