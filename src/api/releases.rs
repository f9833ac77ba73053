//! Releases: read, downloaded, deprecated, yanked, quarantined, restored.

use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::page::{Page, PageQuery};
use super::{etag, range};
use crate::app::standing::{self, Change};
use crate::app::{App, Caller, access};
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::interface::Interface;
use crate::domain::manifest::{FileEntry, Manifest};
use crate::domain::module::Kind;
use crate::domain::permission::Action;
use crate::domain::release::{Stage, Standing, State};
use crate::domain::verdict::Verdict;
use crate::domain::version::Version;
use crate::error::{Code, Error, Result};
use crate::store::pairs;
use crate::store::releases::{self, Release};

/// A release.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReleaseView {
    /// Its id: drafts are addressed by it.
    pub id: Uuid,
    /// Its module.
    pub module: String,
    /// What its module is.
    pub kind: Kind,
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
    /// Why it is there, where somebody had to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// What to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// How far its verification is, while it is being verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Names it by content.
    pub digest: Digest,
    /// What it says of itself.
    pub manifest: Manifest,
    /// What verifying found.
    pub findings: Vec<Finding>,
    /// Who made it.
    pub created_by: String,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
}

impl From<Release> for ReleaseView {
    fn from(release: Release) -> Self {
        Self {
            id: release.id,
            module: release.module.to_string(),
            kind: release.kind,
            version: release.version,
            state: release.state,
            state_reason: release.state_reason,
            replacement: release.replacement,
            stage: release.stage,
            digest: release.digest,
            manifest: release.manifest,
            findings: release.findings,
            created_by: release.created_by,
            created_at: release.created_at,
            submitted_at: release.submitted_at,
            published_at: release.published_at,
        }
    }
}

/// A release in a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReleaseSummary {
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
    /// Why it is there, where somebody had to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// Names it by content.
    pub digest: Digest,
    /// What is known of it with what it attaches to: the best verdict with each module that it requires,
    /// and of those the worst. Absent when it attaches to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Who made it.
    pub created_by: String,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
}

impl ReleaseSummary {
    /// The release with what is known of it with what it attaches to.
    pub(super) fn new(release: Release, verdict: Option<Verdict>) -> Self {
        Self {
            version: release.version,
            state: release.state,
            state_reason: release.state_reason,
            digest: release.digest,
            verdict,
            created_by: release.created_by,
            published_at: release.published_at,
        }
    }
}

/// List the releases of a module.
///
/// The highest version first; drafts and rejected attempts are left out.
#[utoipa::path(tag = "releases", params(PageQuery), responses((status = 200, body = Page<ReleaseSummary>)))]
#[get("/modules/{namespace}/{name}/releases")]
pub(super) async fn list_releases(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    page: Query<PageQuery>,
) -> Result<Json<Page<ReleaseSummary>>> {
    let module = access::module(&app, &caller, &super::module_name(&path.0, &path.1)?, Action::Read).await?;
    let below: Option<Version> = page.key()?;
    let below = below.map(|version| version.sort_key());
    let rows = releases::list(&app.pool, module.id, below.as_deref(), page.rows()?).await?;
    let ids: Vec<Uuid> = rows.iter().map(|release| release.id).collect();
    let mut verdicts = pairs::worst(&app.pool, &caller.visible(), &ids).await?;
    let view = |release: Release| {
        let verdict = verdicts.remove(&release.id);
        ReleaseSummary::new(release, verdict)
    };
    Ok(Json(page.page(rows, |release| release.version.clone(), view)?))
}

/// Get a release by version or channel.
///
/// `revision` is a version (`1.2.0`) or the name of a channel (`stable`).
#[utoipa::path(tag = "releases", responses((status = 200, body = ReleaseView), (status = 304)))]
#[get("/modules/{namespace}/{name}/releases/{revision}")]
pub(super) async fn get_release(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let release = find(&app, &caller, &path).await?;
    // A channel can move to a release with the same count of changes: its digest tells them apart.
    let revision = release.revision;
    let version_given = path.2.parse::<Version>().is_ok();
    let view = ReleaseView::from(release);
    if version_given {
        return Ok(etag::respond(&request, revision, &view));
    }
    Ok(HttpResponse::Ok().json(view))
}

async fn find(app: &App, caller: &Caller, path: &(String, String, String)) -> Result<Release> {
    access::release(app, caller, &super::module_name(&path.0, &path.1)?, &path.2, Action::Read).await
}

/// Get the interface of a release.
///
/// Its ports and, of a backbone, the parameters that adapters can attach to.
#[utoipa::path(tag = "releases", responses((status = 200, body = Interface)))]
#[get("/modules/{namespace}/{name}/releases/{revision}/interface")]
pub(super) async fn get_interface(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String, String)>,
) -> Result<Json<Interface>> {
    let release = find(&app, &caller, &path).await?;
    let name = release.reference();
    Ok(Json(release.interface.ok_or_else(|| Error::not_found(format!("interface of {name} yet")))?))
}

/// List the files of a release.
///
/// With lengths and digests, by path.
#[utoipa::path(tag = "releases", responses((status = 200, body = Vec<FileEntry>)))]
#[get("/modules/{namespace}/{name}/releases/{revision}/files")]
pub(super) async fn list_files(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String, String)>,
) -> Result<Json<Vec<FileEntry>>> {
    let release = find(&app, &caller, &path).await?;
    Ok(Json(releases::files(&app.pool, release.id).await?))
}

/// Download a file of a release.
///
/// Its ETag is its digest; one range of bytes is honoured. A quarantined release gives none.
#[utoipa::path(
    tag = "releases",
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304)
    )
)]
#[get("/modules/{namespace}/{name}/releases/{revision}/files/{path:.*}")]
pub(super) async fn get_file(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String, String)>,
) -> Result<HttpResponse> {
    let (namespace, name, revision, file) = path.into_inner();
    let release = find(&app, &caller, &(namespace, name, revision)).await?;
    refuse_bytes(&caller, &release)?;
    let entry = releases::file(&app.pool, release.id, &file).await?;
    let entry = entry.ok_or_else(|| Error::not_found(format!("file `{file}` in {}", release.reference())))?;
    if let Some(bad) = releases::quarantined_blob(&app.pool, &entry.digest).await? {
        return Err(Error::new(
            Code::Quarantined,
            format!("`{file}` has the bytes of {bad}, which is quarantined."),
        ));
    }
    let tag = format!("\"{}\"", entry.digest);
    if range::client_has(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let wanted = range::requested(&request, &tag, entry.size)?;
    let stream = app.blobs.stream(&entry.digest, wanted.clone()).await?;
    let mut builder = match &wanted {
        None => HttpResponse::Ok(),
        Some(_) => HttpResponse::PartialContent(),
    };
    let length = wanted.as_ref().map_or(entry.size, |range| range.end - range.start);
    if let Some(range) = wanted {
        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, entry.size);
        builder.insert_header((header::CONTENT_RANGE, text));
    }
    builder.insert_header((header::ETAG, tag)).insert_header((header::ACCEPT_RANGES, "bytes"));
    builder.insert_header(attachment(&file));
    Ok(builder
        .content_type("application/octet-stream")
        .body(actix_web::body::SizedStream::new(length, stream)))
}

fn attachment(path: &str) -> ContentDisposition {
    let name = path.rsplit('/').next().unwrap_or(path).as_bytes().to_vec();
    let value = ExtendedValue { charset: Charset::Ext("UTF-8".into()), language_tag: None, value: name };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(value)],
    }
}

/// Bytes of drafts are for those who may publish; those of quarantined releases for nobody.
fn refuse_bytes(caller: &Caller, release: &Release) -> Result<()> {
    if release.state.gives_bytes() {
        return Ok(());
    }
    if release.state == State::Quarantined {
        let why = release.state_reason.as_deref().unwrap_or("no reason given");
        return Err(Error::new(Code::Quarantined, format!("{} is quarantined: {why}", release.reference())));
    }
    caller.require(Some(release.module.namespace().as_str()), Action::Publish)
}

/// A change of a release's standing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Answers nothing but `games` since the last retraining", "replacement": "demo/sections@1.0.0"}))]
pub struct StandingChange {
    /// Why; it stays visible.
    #[serde(default)]
    pub reason: String,
    /// What to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
}

async fn change_standing(
    app: &App,
    caller: &Caller,
    request: &HttpRequest,
    path: &(String, String, String),
    standing: Standing,
    body: &StandingChange,
) -> Result<HttpResponse> {
    // Only a version names what is changed; a channel could move between the look and the change.
    let version: Version = path.2.parse()?;
    let change = Change {
        standing,
        reason: &body.reason,
        replacement: body.replacement.as_deref(),
        revision: etag::if_match(request)?,
    };
    let module = super::module_name(&path.0, &path.1)?;
    let release = standing::change(app, caller, &module, &version.to_string(), change).await?;
    let revision = release.revision;
    Ok(etag::respond_with(HttpResponse::Ok(), revision, &ReleaseView::from(release)))
}

/// Deprecate a release.
///
/// It stays usable; whoever uses it is told why, and what to use instead.
#[utoipa::path(tag = "releases", request_body = StandingChange, responses((status = 200, body = ReleaseView)))]
#[post("/modules/{namespace}/{name}/releases/{version}/deprecate")]
pub(super) async fn deprecate_release(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
    body: Json<StandingChange>,
) -> Result<HttpResponse> {
    change_standing(&app, &caller, &request, &path, Standing::Deprecate, &body).await
}

/// Yank a release.
///
/// Nothing new chooses it; what is locked to it still downloads.
#[utoipa::path(tag = "releases", request_body = StandingChange, responses((status = 200, body = ReleaseView)))]
#[post("/modules/{namespace}/{name}/releases/{version}/yank")]
pub(super) async fn yank_release(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
    body: Json<StandingChange>,
) -> Result<HttpResponse> {
    change_standing(&app, &caller, &request, &path, Standing::Yank, &body).await
}

/// Quarantine a release.
///
/// Its bytes are refused, and every channel that points at it goes back to its last healthy release,
/// or to none, at once.
#[utoipa::path(tag = "releases", request_body = StandingChange, responses((status = 200, body = ReleaseView)))]
#[post("/modules/{namespace}/{name}/releases/{version}/quarantine")]
pub(super) async fn quarantine_release(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
    body: Json<StandingChange>,
) -> Result<HttpResponse> {
    change_standing(&app, &caller, &request, &path, Standing::Quarantine, &body).await
}

/// Restore a release.
///
/// Undoes deprecating, yanking and quarantining; channels stay where they are.
#[utoipa::path(tag = "releases", request_body = StandingChange, responses((status = 200, body = ReleaseView)))]
#[post("/modules/{namespace}/{name}/releases/{version}/restore")]
pub(super) async fn restore_release(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String, String)>,
    body: Json<StandingChange>,
) -> Result<HttpResponse> {
    change_standing(&app, &caller, &request, &path, Standing::Restore, &body).await
}
