//! Sessions of browsers: a token becomes a cookie that scripts cannot read.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{Method, header};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, delete, post};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{Identity, identity};
use super::caller::{self, request_id};
use crate::app::{App, sessions};
use crate::error::{Code, Error, Result};

/// The cookie's name.
pub const COOKIE: &str = "cambium_session";

/// Signing in.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "cbm_…"}))]
pub struct SignIn {
    /// The token's text.
    pub token: String,
}

/// Sign in.
///
/// The session is a cookie (`HttpOnly`, `SameSite=Strict`), may do what the token may, and ends with the
/// token, after twelve hours, or when signed out. Requests that change something with it are taken only
/// from pages of the same origin.
#[utoipa::path(tag = "accounts", request_body = SignIn, responses((status = 200, body = Identity)))]
#[post("/session")]
pub(super) async fn sign_in(
    app: Data<App>,
    request: HttpRequest,
    body: Json<SignIn>,
) -> Result<HttpResponse> {
    require_same_origin(&request)?;
    let now = Utc::now();
    let (caller, secret) = sessions::open(&app, &body.token, &request_id(&request), now).await?;
    let end = caller.session_ends_at.unwrap_or(now);
    let age = Duration::seconds((end - now).num_seconds());
    Ok(HttpResponse::Ok().cookie(cookie(&request, secret, age)).json(identity(&app, &caller).await?))
}

/// Sign out.
///
/// Ends the session of the cookie, and clears it.
#[utoipa::path(tag = "accounts", responses((status = 204)))]
#[delete("/session")]
pub(super) async fn sign_out(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let closed = match request.cookie(COOKIE) {
        Some(session) => close(&app, &request, session.value()).await,
        None => Ok(()),
    };
    match closed {
        Ok(()) => Ok(HttpResponse::NoContent().cookie(cleared(&request)).finish()),
        // Another site signs nobody out.
        Err(error) if error.code == Code::CrossSite => Err(error),
        // What could not be closed here ends by itself; the browser forgets it all the same.
        Err(error) => {
            let mut refused = HttpResponse::from_error(error);
            refused.add_cookie(&cleared(&request)).map_err(Error::internal)?;
            Ok(refused)
        }
    }
}

async fn close(app: &App, request: &HttpRequest, session: &str) -> Result<()> {
    match caller::caller(request).await {
        Ok(caller) => sessions::close(app, &caller, session).await,
        // Also who has no session any more signs out well.
        Err(error) if error.code == Code::SessionExpired => Ok(()),
        Err(error) => Err(error),
    }
}

fn cookie(request: &HttpRequest, text: String, age: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, text)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        // Behind a proxy that ends TLS, `X-Forwarded-Proto` says so.
        .secure(request.connection_info().scheme() == "https")
        .max_age(age)
        .finish()
}

/// The cookie that takes the session's away.
pub fn cleared(request: &HttpRequest) -> Cookie<'static> {
    cookie(request, String::new(), Duration::ZERO)
}

/// Refuses what a page of another site made a browser send. Browsers say where a request comes from in
/// `Sec-Fetch-Site`, older ones in `Origin`; what says neither is no browser.
///
/// # Errors
/// `cross_site_request`.
pub fn require_same_origin(request: &HttpRequest) -> Result<()> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let same = match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
        (None, None) => true,
    };
    match same {
        true => Ok(()),
        false => {
            Err(Error::new(Code::CrossSite, "The session's cookie came with a request of another site."))
        }
    }
}
