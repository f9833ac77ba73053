//! Sessions of browsers: a token becomes a cookie that scripts cannot read.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, delete, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::Identity;
use crate::app::{App, Caller};
use crate::error::Result;

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
    let _ = (app, request, body);
    Err(crate::error::Error::internal("not there yet"))
}

/// Sign out.
///
/// Ends the session of the cookie, and clears it.
#[utoipa::path(tag = "accounts", responses((status = 204)))]
#[delete("/session")]
pub(super) async fn sign_out(app: Data<App>, caller: Caller, request: HttpRequest) -> Result<HttpResponse> {
    let _ = (app, caller, request);
    Err(crate::error::Error::internal("not there yet"))
}
