//! Sessions of browsers: opened with a token, closed by signing out.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;

use super::{App, Caller, accounts};
use crate::domain::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::store::sessions::{self, Session};
use crate::store::tokens;

/// What every session's text begins with, so that it is never taken for a token.
const PREFIX: &str = "cbs_";

/// A working day: who signs in in the morning is still signed in in the evening.
const LENGTH: Duration = Duration::hours(12);

/// Opens a session for the holder of a token; the answer has the text of its cookie, which is stored
/// nowhere.
///
/// # Errors
/// `token_invalid` or `token_expired`.
pub async fn open(app: &App, token: &str, request_id: &str, now: DateTime<Utc>) -> Result<(Caller, String)> {
    let mut caller = accounts::authenticate(app, token.trim(), request_id, now).await?;
    let token_id = caller.token.ok_or_else(|| Error::internal("a token without an id"))?;
    let end = now + LENGTH;
    let expires_at = caller.expires_at.map_or(end, |token_end| token_end.min(end));
    let secret = format!("{PREFIX}{}", accounts::random_text());
    let mut tx = app.begin().await?;
    sessions::insert(&mut tx, &Digest::of(secret.as_bytes()), &Session { token_id, expires_at }).await?;
    let subject = caller.actor.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
    let detail = json!({ "token": token_id, "expires_at": expires_at });
    caller.audit(&mut tx, "session.open", &subject, None, detail).await?;
    tx.commit().await?;
    caller.session_ends_at = Some(expires_at);
    Ok((caller, secret))
}

/// Who speaks with this cookie.
///
/// # Errors
/// `session_expired` when there is no such session, it ended, or its token was revoked.
pub async fn authenticate(app: &App, text: &str, request_id: &str, now: DateTime<Utc>) -> Result<Caller> {
    let ended = || Error::new(Code::SessionExpired, "The session has ended.");
    if !text.starts_with(PREFIX) || text.len() > accounts::LONGEST_SECRET {
        return Err(ended());
    }
    let session = sessions::by_hash(&app.pool, &Digest::of(text.as_bytes())).await?;
    let session = session.filter(|session| session.expires_at > now).ok_or_else(ended)?;
    let token = tokens::by_id(&app.pool, session.token_id).await?.ok_or_else(ended)?;
    let speaker = accounts::speaker(app, token, request_id, now).await;
    let caller = speaker.map_err(|error| match error.code {
        Code::TokenInvalid | Code::TokenExpired => ended(),
        _ => error,
    })?;
    Ok(Caller { session_ends_at: Some(session.expires_at), ..caller })
}

/// Closes a session.
///
/// # Errors
/// When the database does not answer; a session that is not there is none that has to be closed.
pub async fn close(app: &App, caller: &Caller, text: &str) -> Result<()> {
    let mut tx = app.begin().await?;
    if sessions::delete(&mut tx, &Digest::of(text.as_bytes())).await? {
        let subject = caller.actor.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
        caller.audit(&mut tx, "session.close", &subject, None, json!({})).await?;
    }
    tx.commit().await?;
    Ok(())
}
