//! What every request passes: its id goes out with the answer, refusals become problems, failures
//! are logged with their cause, and the time is measured.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use super::caller::request_id;
use super::{problem, session};
use crate::error::{Code, Error};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
///
/// # Errors
/// Those of middleware further in; handlers' errors have become responses.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    // A clone of the request must not live on: routing wants the only handle.
    let id = request_id(request.request());
    let method = request.method().clone();
    // Whatever can be got has a head; the connection leaves the body out by itself.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let private = request.path().starts_with("/api/");
    let route = request.match_pattern().unwrap_or_else(|| "other".to_owned());
    let mut response = next.call(request).await?.map_into_boxed_body();
    let refused = response.response().error().and_then(|error| error.as_error::<Error>()).map(|error| {
        log(error);
        let mut refused = problem::response(error, Some(id.clone()));
        for cookie in response.response().cookies() {
            let _ = refused.add_cookie(&cookie);
        }
        // The browser forgets a session that is over, and may go on as nobody.
        if error.code == Code::SessionExpired {
            let _ = refused.add_cookie(&session::cleared(response.request()));
        }
        refused
    });
    if let Some(refused) = refused {
        response = response.into_response(refused);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if private && !headers.contains_key(header::CACHE_CONTROL) {
        // What one may see depends on who asks: no shared cache keeps it, and nobody uses it unasked.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("cookie, authorization"));
    }
    let status = response.status().as_u16().to_string();
    metrics::histogram!("cambium_http_request_seconds", "method" => method.to_string(), "route" => route, "status" => status)
        .record(started.elapsed().as_secs_f64());
    Ok(response)
}

fn log(error: &Error) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    match error.code.status() {
        503 => tracing::warn!(code = error.code.as_str(), cause, "{}", error.detail),
        500.. => tracing::error!(code = error.code.as_str(), cause, "{}", error.detail),
        _ => tracing::debug!(code = error.code.as_str(), cause, "{}", error.detail),
    }
}
