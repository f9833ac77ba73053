//! Who asks, from the `Authorization` header or from the cookie of a session.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::Utc;
use futures_util::future::LocalBoxFuture;
use tracing_actix_web::RequestId;

use super::session;
use crate::app::{App, Caller, accounts, sessions};
use crate::error::{Code, Error, Result};

impl FromRequest for Caller {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await })
    }
}

/// The id of a request, as in the log.
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

/// Who asks.
///
/// # Errors
/// `token_invalid`, `token_expired`, `session_expired` or `cross_site_request`; neither token nor session
/// is no error here.
pub async fn caller(request: &HttpRequest) -> Result<Caller> {
    let request_id = request_id(request);
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return match request.cookie(session::COOKIE) {
            Some(cookie) => {
                session::require_same_origin(request)?;
                sessions::authenticate(application(request)?, cookie.value(), &request_id, Utc::now()).await
            }
            None => Ok(Caller { request_id, ..Caller::default() }),
        };
    };
    let text = value.to_str().ok().and_then(|value| {
        let (scheme, text) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| text.trim())
    });
    let Some(text) = text else {
        return Err(Error::new(Code::TokenInvalid, "The Authorization header is not `Bearer TOKEN`."));
    };
    accounts::authenticate(application(request)?, text, &request_id, Utc::now()).await
}

fn application(request: &HttpRequest) -> Result<&App> {
    let app = request.app_data::<web::Data<App>>();
    app.map(|app| app.as_ref()).ok_or_else(|| Error::internal("the application is not set up"))
}
