//! Drafts: made, watched, replaced, submitted.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::compatibility::{self, SmokeRunView};
use super::etag;
use super::page::{Page, PageQuery};
use super::releases::ReleaseView;
use crate::app::drafts::{self, Draft};
use crate::app::{App, Caller, access};
use crate::domain::digest::Digest;
use crate::domain::manifest::{BadManifest, FileEntry, MAX_BYTES, Manifest};
use crate::domain::module::{Kind, UnknownKind};
use crate::domain::name::{FilePath, ModuleName};
use crate::domain::release::State;
use crate::domain::version::Version;
use crate::error::{Code, Error, Result};
use crate::store::{releases, smoke_runs};

/// A release to be: what it says of itself, and its files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DraftRequest {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its files. Their bytes are uploaded apart, before submitting.
    pub files: Vec<FileEntry>,
}

/// The same, not looked into yet, so that each bad field gets its own answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDraft {
    manifest: Value,
    files: Vec<Value>,
}

impl RawDraft {
    fn parse(self) -> Result<DraftRequest> {
        let length = serde_json::to_vec(&self.manifest)?.len();
        if length > MAX_BYTES {
            return Err(BadManifest::TooLarge(length).into());
        }
        let module = |field: &str| self.manifest.get("module")?.get(field)?.as_str();
        module("name").map(str::parse::<ModuleName>).transpose()?;
        module("version").map(str::parse::<Version>).transpose()?;
        if let Some(kind) = module("kind") {
            kind.parse::<Kind>()
                .map_err(|error: UnknownKind| Error::new(Code::UnknownKind, error.to_string()))?;
        }
        let manifest =
            serde_json::from_value(self.manifest).map_err(|e| BadManifest::Malformed(e.to_string()))?;
        let files = self.files.into_iter().map(file).collect::<Result<_>>()?;
        Ok(DraftRequest { manifest, files })
    }
}

fn file(value: Value) -> Result<FileEntry> {
    value.get("path").and_then(Value::as_str).map(str::parse::<FilePath>).transpose()?;
    if let Some(digest) = value.get("digest").and_then(Value::as_str) {
        super::digest(digest)?;
    }
    serde_json::from_value(value).map_err(|error| {
        Error::new(Code::BadRequest, format!("An entry of `files` cannot be read: {error}."))
    })
}

/// A draft, a release being verified, or a rejected attempt.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DraftView {
    /// The release.
    #[serde(flatten)]
    pub release: ReleaseView,
    /// Its files.
    pub files: Vec<FileEntry>,
    /// Digests of files whose bytes have to be uploaded before submitting.
    pub missing_blobs: Vec<Digest>,
}

fn view(draft: Draft) -> (i64, DraftView) {
    let revision = draft.release.revision;
    (revision, DraftView { release: draft.release.into(), files: draft.files, missing_blobs: draft.missing })
}

/// Make a draft.
///
/// Its module is made too when this is the first. The same content again answers with the draft, or
/// the release, that is there (200); other bytes for a version that is taken are a conflict.
#[utoipa::path(
    tag = "publishing",
    request_body = DraftRequest,
    responses((status = 201, body = DraftView), (status = 200, description = "It was there already", body = DraftView))
)]
#[post("/drafts")]
pub(super) async fn create_draft(
    app: Data<App>,
    caller: Caller,
    body: Json<RawDraft>,
) -> Result<HttpResponse> {
    caller.id()?;
    let DraftRequest { manifest, files } = body.into_inner().parse()?;
    let draft = drafts::create(&app, &caller, &manifest, &files).await?;
    let mut builder = if draft.created { HttpResponse::Created() } else { HttpResponse::Ok() };
    builder.insert_header((header::LOCATION, format!("/api/v1/drafts/{}", draft.release.id)));
    let (revision, view) = view(draft);
    Ok(etag::respond_with(builder, revision, &view))
}

/// List one's drafts and rejected attempts.
///
/// Newest first.
#[utoipa::path(tag = "publishing", params(PageQuery), responses((status = 200, body = Page<ReleaseView>)))]
#[get("/drafts")]
pub(super) async fn list_drafts(
    app: Data<App>,
    caller: Caller,
    page: Query<PageQuery>,
) -> Result<Json<Page<ReleaseView>>> {
    let before: Option<Uuid> = page.key()?;
    let rows = releases::drafts(&app.pool, caller.id()?, before, page.rows()?).await?;
    Ok(Json(page.page(rows, |release| release.id, ReleaseView::from)?))
}

/// Whether to wait.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WaitQuery {
    /// Seconds to wait for verifying to end, at most 30.
    #[param(maximum = 30)]
    wait: Option<u64>,
}

/// Watch a draft.
///
/// Also after it was submitted: `state` says how far it is, `findings` why it was rejected. With
/// `wait`, the answer comes when verifying has ended, or when the time is over.
#[utoipa::path(tag = "publishing", params(WaitQuery), responses((status = 200, body = DraftView), (status = 304)))]
#[get("/drafts/{id}")]
pub(super) async fn get_draft(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    query: Query<WaitQuery>,
) -> Result<HttpResponse> {
    let id = super::id(&id)?;
    let until = Instant::now() + Duration::from_secs(query.wait.unwrap_or(0).min(30));
    loop {
        let draft = drafts::get(&app, &caller, id).await?;
        if draft.release.state != State::Verifying || Instant::now() >= until {
            let (revision, view) = view(draft);
            // Bytes that came change the view and not the draft.
            let missing: String = view.missing_blobs.iter().map(|digest| format!("{digest}\n")).collect();
            let missing = Digest::of(missing.as_bytes()).to_string();
            let tag = format!("{revision}-{}", &missing[missing.len() - 12..]);
            return Ok(etag::respond(&request, tag, &view));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Replace the content of a draft.
///
/// With `If-Match` only when nobody else replaced it since.
#[utoipa::path(tag = "publishing", request_body = DraftRequest, responses((status = 200, body = DraftView)))]
#[put("/drafts/{id}")]
pub(super) async fn replace_draft(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    body: Json<RawDraft>,
) -> Result<HttpResponse> {
    let DraftRequest { manifest, files } = body.into_inner().parse()?;
    let revision = etag::if_match(&request)?;
    let draft = drafts::replace(&app, &caller, super::id(&id)?, revision, &manifest, &files).await?;
    let (revision, view) = view(draft);
    Ok(etag::respond_with(HttpResponse::Ok(), revision, &view))
}

/// Throw a draft or a rejected attempt away.
///
/// The only releases that can be deleted.
#[utoipa::path(tag = "publishing", responses((status = 204)))]
#[delete("/drafts/{id}")]
pub(super) async fn delete_draft(app: Data<App>, caller: Caller, id: Path<String>) -> Result<HttpResponse> {
    drafts::delete(&app, &caller, super::id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Submit a draft.
///
/// It takes its version and is verified: watch it until its state is `published` or `rejected`.
/// Submitting again is harmless.
#[utoipa::path(tag = "publishing", responses((status = 202, body = ReleaseView)))]
#[post("/drafts/{id}/submit")]
pub(super) async fn submit_draft(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse> {
    let revision = etag::if_match(&request)?;
    let release = drafts::submit(&app, &caller, super::id(&id)?, revision).await?;
    let revision = release.revision;
    Ok(etag::respond_with(HttpResponse::Accepted(), revision, &ReleaseView::from(release)))
}

/// Get the latest smoke run of a draft.
///
/// Of a release being verified or refused, as of a published one. For those who may read it.
#[utoipa::path(tag = "publishing", responses((status = 200, body = SmokeRunView)))]
#[get("/drafts/{id}/smoke-run")]
pub(super) async fn get_draft_smoke_run(
    app: Data<App>,
    caller: Caller,
    id: Path<String>,
) -> Result<Json<SmokeRunView>> {
    let release = access::draft(&app, &caller, super::id(&id)?).await?;
    let absent = || Error::not_found(format!("smoke run of {}", release.reference()));
    let run = smoke_runs::latest_of(&app.pool, release.id).await?.ok_or_else(absent)?;
    compatibility::view(&app, &caller, run).await.map(Json)
}
