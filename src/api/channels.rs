//! Channels: pointed, rolled back, looked back on.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::etag;
use super::page::{Page, PageQuery};
use crate::app::channels::{self, Plan};
use crate::app::{App, Caller, access};
use crate::domain::permission::Action;
use crate::domain::release::State;
use crate::domain::verdict::Verdict;
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::store::channels as store;

/// A movable name on a module.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelView {
    /// Its name.
    pub name: String,
    /// The version that it points at; absent when it points at none.
    pub version: Option<String>,
    /// How often it moved: its ETag.
    pub generation: i64,
    /// The state of the release that it points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Its last move; absent when it never moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_move: Option<MoveView>,
}

impl From<store::Shown> for ChannelView {
    fn from(shown: store::Shown) -> Self {
        Self {
            name: shown.channel.name,
            version: shown.channel.version,
            generation: shown.channel.generation,
            state: shown.state,
            last_move: shown.last_move.map(MoveView::from),
        }
    }
}

impl ChannelView {
    /// Its generation, and the state of its release where that is not `published`: a move changes the one,
    /// a change of standing the other.
    fn tag(&self) -> String {
        match self.state.filter(|state| *state != State::Published) {
            Some(state) => format!("{}-{state}", self.generation),
            None => self.generation.to_string(),
        }
    }
}

/// One move of one of a module's channels.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ModuleMove {
    /// The channel.
    pub channel: String,
    /// The move.
    #[serde(flatten)]
    pub made: MoveView,
}

/// One move of a channel.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MoveView {
    /// Its number among the channel's moves.
    pub generation: i64,
    /// `point`, `roll_back` or `quarantine`.
    pub action: String,
    /// Version that it pointed at before.
    pub from: Option<String>,
    /// Version that it points at since.
    pub to: Option<String>,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// When.
    pub moved_at: DateTime<Utc>,
}

impl From<store::Move> for MoveView {
    fn from(made: store::Move) -> Self {
        Self {
            generation: made.generation,
            action: made.action,
            from: made.from,
            to: made.to,
            reason: made.reason,
            actor: made.actor,
            moved_at: made.moved_at,
        }
    }
}

/// List the channels of a module.
///
/// By name.
#[utoipa::path(tag = "channels", responses((status = 200, body = Vec<ChannelView>)))]
#[get("/modules/{namespace}/{name}/channels")]
pub(super) async fn list_channels(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<Json<Vec<ChannelView>>> {
    let module = access::module(&app, &caller, &super::module_name(&path.0, &path.1)?, Action::Read).await?;
    let channels = store::list(&app.pool, module.id).await?;
    Ok(Json(channels.into_iter().map(ChannelView::from).collect()))
}

/// Get a channel.
///
/// Ask with `If-None-Match` to learn cheaply whether it has moved.
#[utoipa::path(tag = "channels", responses((status = 200, body = ChannelView), (status = 304)))]
#[get("/modules/{namespace}/{name}/channels/{channel}")]
pub(super) async fn get_channel(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let module = super::module_name(&path.0, &path.1)?;
    let view = ChannelView::from(channels::get(&app, &caller, &module, &path.2).await?);
    Ok(etag::respond(&request, view.tag(), &view))
}

/// Where a channel is to point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": "1.1.0", "reason": "Evaluated on the June tickets"}))]
pub struct PointRequest {
    /// A published version.
    #[schema(value_type = Version)]
    pub version: String,
    /// Why; it stays in the history.
    #[serde(default)]
    pub reason: String,
}

/// Point a channel at a release.
///
/// A new name makes the channel. With `If-Match` only when it has not moved since.
#[utoipa::path(tag = "channels", request_body = PointRequest, responses((status = 200, body = ChannelView)))]
#[put("/modules/{namespace}/{name}/channels/{channel}")]
pub(super) async fn point_channel(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
    body: Json<PointRequest>,
) -> Result<HttpResponse> {
    let module = super::module_name(&path.0, &path.1)?;
    let version: Version = body.version.parse()?;
    let generation = etag::if_match(&request)?;
    let channel =
        channels::point(&app, &caller, &module, &path.2, &version, &body.reason, generation).await?;
    let view = ChannelView::from(channel);
    Ok(etag::respond_with(HttpResponse::Ok(), view.tag(), &view))
}

/// List the moves of a channel.
///
/// Newest first; nothing is ever taken out of it.
#[utoipa::path(tag = "channels", params(PageQuery), responses((status = 200, body = Page<MoveView>)))]
#[get("/modules/{namespace}/{name}/channels/{channel}/history")]
pub(super) async fn list_channel_moves(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String, String)>,
    page: Query<PageQuery>,
) -> Result<Json<Page<MoveView>>> {
    let module = super::module_name(&path.0, &path.1)?;
    let channel = channels::get(&app, &caller, &module, &path.2).await?.channel;
    let before: i64 = page.key()?.unwrap_or(i64::MAX);
    let rows = store::moves(&app.pool, channel.id, before, page.rows()?).await?;
    Ok(Json(page.page(rows, |made| made.generation, MoveView::from)?))
}

/// List the moves of all channels of a module.
///
/// Newest first, as a timeline.
#[utoipa::path(tag = "channels", params(PageQuery), responses((status = 200, body = Page<ModuleMove>)))]
#[get("/modules/{namespace}/{name}/moves")]
pub(super) async fn list_module_moves(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    page: Query<PageQuery>,
) -> Result<Json<Page<ModuleMove>>> {
    let module = access::module(&app, &caller, &super::module_name(&path.0, &path.1)?, Action::Read).await?;
    let before: Option<store::MoveKey> = page.key()?;
    let rows = store::module_moves(&app.pool, module.id, before.as_ref(), page.rows()?).await?;
    let key = |one: &store::ModuleMove| (one.made.moved_at, one.channel.clone(), one.made.generation);
    let view = |one: store::ModuleMove| ModuleMove { channel: one.channel, made: one.made.into() };
    Ok(Json(page.page(rows, key, view)?))
}

/// A rollback.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "1.1.0 answers nothing but `games`"}))]
pub struct RollbackRequest {
    /// The version to go back to; the last healthy one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Why; it stays in the history.
    #[serde(default)]
    pub reason: String,
    /// Only say what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a rollback did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RollbackView {
    /// The channel.
    pub channel: String,
    /// The version that it pointed at.
    pub from: Option<String>,
    /// The version that it goes back to.
    pub to: String,
    /// What is known of that version with what it attaches to; absent when it attaches to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_verdict: Option<Verdict>,
    /// Versions that were passed over, with the reason.
    pub passed_over: Vec<PassedOver>,
    /// How often the channel moved, with this move when it was made.
    pub generation: i64,
    /// Whether it was done.
    pub applied: bool,
}

/// A version that was passed over.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PassedOver {
    /// The version.
    pub version: String,
    /// Why.
    pub reason: String,
}

fn rollback_view(plan: Plan, generation: i64, applied: bool) -> RollbackView {
    let passed_over = plan.passed_over.into_iter().map(|(version, reason)| PassedOver { version, reason });
    RollbackView {
        channel: plan.channel.name,
        from: plan.channel.version,
        to: plan.target.version.to_string(),
        to_verdict: plan.verdict,
        passed_over: passed_over.collect(),
        generation,
        applied,
    }
}

/// Roll a channel back.
///
/// To the last release that it pointed at and that is healthy, or to a named one. With `dry_run` the
/// answer says what would happen. With `If-Match` only when it has not moved since.
#[utoipa::path(tag = "channels", request_body = RollbackRequest, responses((status = 200, body = RollbackView)))]
#[post("/modules/{namespace}/{name}/channels/{channel}/rollback")]
pub(super) async fn roll_back_channel(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
    body: Json<RollbackRequest>,
) -> Result<HttpResponse> {
    let module = super::module_name(&path.0, &path.1)?;
    let to: Option<Version> = body.to.as_deref().map(str::parse).transpose().map_err(Error::from)?;
    if body.dry_run {
        let plan = channels::plan_rollback(&app, &caller, &module, &path.2, to.as_ref()).await?;
        let generation = plan.channel.generation;
        return Ok(etag::respond_with(
            HttpResponse::Ok(),
            generation,
            &rollback_view(plan, generation, false),
        ));
    }
    let generation = etag::if_match(&request)?;
    let (channel, plan) =
        channels::roll_back(&app, &caller, &module, &path.2, to.as_ref(), &body.reason, generation).await?;
    let generation = channel.generation;
    Ok(etag::respond_with(HttpResponse::Ok(), generation, &rollback_view(plan, generation, true)))
}
