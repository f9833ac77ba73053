//! ETags: `"N"`, where N counts the changes of the resource. Behind a `-` it may say what else the
//! representation shows; a change does not depend on that.

use std::fmt::Display;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::error::{Code, Error, Result};

fn text(tag: impl Display) -> String {
    format!("\"{tag}\"")
}

/// The revision that `If-Match` asks for; none when any will do.
///
/// # Errors
/// `bad_request` when it is no ETag of ours.
pub fn if_match(request: &HttpRequest) -> Result<Option<i64>> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let value = value.to_str().unwrap_or("").trim();
    if value == "*" {
        return Ok(None);
    }
    let tag = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    let number = tag.map(|tag| tag.split_once('-').map_or(tag, |(number, _)| number));
    number.and_then(|number| number.parse().ok()).map(Some).ok_or_else(|| {
        Error::new(Code::BadRequest, "`If-Match` is not an ETag that was given here.")
            .with_remedy("Send the `ETag` of the resource as it came, with its quotation marks.")
    })
}

/// A representation with its ETag, or 304 when the client has it already.
pub fn respond<T: Serialize>(request: &HttpRequest, tag: impl Display, body: &T) -> HttpResponse {
    let etag = text(tag);
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    if known {
        return HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish();
    }
    HttpResponse::Ok().insert_header((header::ETAG, etag)).json(body)
}

/// A representation with its ETag and another status than 200.
pub fn respond_with<T: Serialize>(
    mut builder: actix_web::HttpResponseBuilder,
    tag: impl Display,
    body: &T,
) -> HttpResponse {
    builder.insert_header((header::ETAG, text(tag))).json(body)
}
