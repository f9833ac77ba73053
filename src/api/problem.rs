//! [`Error`] → RFC 9457 problem; nowhere else.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::finding::Finding;
use crate::error::{Code, Error};

/// Seconds after which a retryable refusal may be tried again.
const RETRY_AFTER: &str = "2";

/// What every refusal looks like (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "type": "/docs/problems#version_conflict", "title": "The version is taken by other bytes", "status": 409,
    "code": "version_conflict", "detail": "demo/minilm@1.0.0 is published with the digest sha256:…",
    "remedy": "Published bytes never change: publish under a new version.", "retryable": false,
}))]
pub struct Problem {
    /// Where the code is explained.
    pub r#type: String,
    /// What the code means, the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code. Act on this.
    pub code: String,
    /// What happened here.
    pub detail: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// The reasons, where there are several or they have a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Id of the request, as in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// The problem of an error.
    pub fn new(error: &Error, request_id: Option<String>) -> Self {
        let code = error.code;
        Self {
            r#type: format!("/docs/problems#{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            code: code.as_str().to_owned(),
            detail: error.detail.clone(),
            remedy: error.remedy().to_owned(),
            retryable: error.is_retryable(),
            findings: error.findings.clone(),
            request_id,
        }
    }
}

/// The response of an error.
pub fn response(error: &Error, request_id: Option<String>) -> HttpResponse<BoxBody> {
    let mut builder = HttpResponse::build(ResponseError::status_code(error));
    if error.is_retryable() {
        builder.insert_header((header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER)));
    }
    if error.code.status() == 401 {
        builder
            .insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"cambium\"")));
    }
    let body = serde_json::to_vec(&Problem::new(error, request_id)).unwrap_or_default();
    builder.content_type("application/problem+json").body(body)
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        response(self, None)
    }
}

/// A body that is not the JSON asked for.
pub fn bad_json(error: &actix_web::error::JsonPayloadError) -> Error {
    use actix_web::error::JsonPayloadError as E;
    match error {
        E::Overflow { limit } | E::OverflowKnownLength { limit, .. } => {
            Error::new(Code::TooLarge, format!("The body is longer than {limit} bytes."))
        }
        E::ContentType => Error::new(Code::BadRequest, "The body has to be JSON.")
            .with_remedy("Send `Content-Type: application/json`."),
        E::Deserialize(error) => Error::new(Code::BadRequest, format!("The body cannot be read: {error}.")),
        _ => Error::new(Code::BadRequest, "The body did not arrive whole."),
    }
}

/// A query that cannot be read.
pub fn bad_query(error: &actix_web::error::QueryPayloadError) -> Error {
    Error::new(Code::BadRequest, format!("The query cannot be read: {error}."))
}
