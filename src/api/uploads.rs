//! Uploads: streamed, resumable, checked.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::uploads::{self, Progress};
use crate::app::{App, Caller};
use crate::domain::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::store::uploads::Upload;

/// How many bytes are there; the next ones start here.
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// A blob to be uploaded.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"digest": "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "size": 3}))]
pub struct UploadRequest {
    /// The digest that the bytes have.
    #[schema(value_type = Digest)]
    pub digest: String,
    /// How many there are.
    pub size: u64,
}

/// How far an upload is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UploadView {
    /// Where to send bytes; absent when none are needed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Whether the blob is there.
    pub complete: bool,
    /// How many bytes are there; the next ones start here.
    pub offset: u64,
    /// Send at least this many bytes at once, or all the rest.
    pub part_size: u64,
}

fn partial(app: &App, upload: &Upload) -> UploadView {
    let part_size = app.blobs.part_size(upload.size);
    UploadView { id: Some(upload.id), complete: false, offset: upload.received, part_size }
}

const fn complete(size: u64) -> UploadView {
    UploadView { id: None, complete: true, offset: size, part_size: 0 }
}

fn offset_header(offset: u64) -> (HeaderName, HeaderValue) {
    (OFFSET, HeaderValue::from(offset))
}

/// Begin an upload, or go on with it.
///
/// Bytes that are there already need no upload (200, `complete`). An unfinished upload of the same
/// bytes is gone on with: its `offset` says from where.
#[utoipa::path(
    tag = "publishing",
    request_body = UploadRequest,
    responses((status = 201, body = UploadView), (status = 200, description = "The blob is there", body = UploadView))
)]
#[post("/uploads")]
pub(super) async fn begin_upload(
    app: Data<App>,
    caller: Caller,
    body: Json<UploadRequest>,
) -> Result<HttpResponse> {
    let digest = super::digest(&body.digest)?;
    match uploads::begin(&app, &caller, digest, body.size).await? {
        Progress::Complete => Ok(HttpResponse::Ok().json(complete(body.size))),
        Progress::Partial(upload) => Ok(HttpResponse::Created()
            .insert_header((header::LOCATION, format!("/api/v1/uploads/{}", upload.id)))
            .insert_header(offset_header(upload.received))
            .json(partial(&app, &upload))),
    }
}

/// Get how far an upload is.
///
/// `Upload-Offset` says it too, for HEAD.
#[utoipa::path(tag = "publishing", responses((status = 200, body = UploadView)))]
#[get("/uploads/{id}")]
pub(super) async fn get_upload(app: Data<App>, caller: Caller, id: Path<String>) -> Result<HttpResponse> {
    let upload = uploads::get(&app, &caller, super::id(&id)?).await?;
    Ok(HttpResponse::Ok().insert_header(offset_header(upload.received)).json(partial(&app, &upload)))
}

/// Send bytes of an upload.
///
/// `Upload-Offset` says where they start. Streamed; when the connection breaks, what came is kept as
/// far as the offset says. With the last byte the digest is checked and the blob is there.
#[utoipa::path(
    tag = "publishing",
    params(("Upload-Offset" = u64, Header, description = "Where these bytes start")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = UploadView))
)]
#[patch("/uploads/{id}")]
pub(super) async fn send_bytes(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    body: Payload,
) -> Result<HttpResponse> {
    let id = super::id(&id)?;
    let offset = number(&request, &OFFSET)?.ok_or_else(|| {
        Error::new(Code::BadRequest, "The header `Upload-Offset` is missing.")
            .with_remedy("Send the offset at which these bytes start, 0 for the first.")
    })?;
    let announced = number(&request, &header::CONTENT_LENGTH)?;
    let size = uploads::get(&app, &caller, id).await?.size;
    let view = match uploads::receive(&app, &caller, id, offset, announced, body).await? {
        Progress::Complete => complete(size),
        Progress::Partial(upload) => partial(&app, &upload),
    };
    Ok(HttpResponse::Ok().insert_header(offset_header(view.offset)).json(view))
}

fn number(request: &HttpRequest, name: &HeaderName) -> Result<Option<u64>> {
    let Some(value) = request.headers().get(name) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|value| value.parse().ok());
    number
        .map(Some)
        .ok_or_else(|| Error::new(Code::BadRequest, format!("The header `{name}` is not a number.")))
}

/// Abort an upload.
///
/// The bytes that came are forgotten.
#[utoipa::path(tag = "publishing", responses((status = 204)))]
#[delete("/uploads/{id}")]
pub(super) async fn abort_upload(app: Data<App>, caller: Caller, id: Path<String>) -> Result<HttpResponse> {
    uploads::abort(&app, &caller, super::id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
