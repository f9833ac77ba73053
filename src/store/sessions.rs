//! Sessions of browsers, each on a token.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use crate::domain::digest::Digest;
use crate::error::Result;

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The token that it speaks with.
    pub token_id: Uuid,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Stores a session by the hash of its cookie's text.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, hash: &Digest, session: &Session) -> Result<()> {
    sqlx::query!(
        "INSERT INTO sessions (hash, token_id, expires_at) VALUES ($1, $2, $3)",
        hash.as_bytes().as_slice(),
        session.token_id,
        session.expires_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The session whose cookie's text has this hash.
///
/// # Errors
/// When the database does not answer.
pub async fn by_hash(db: impl PgExecutor<'_>, hash: &Digest) -> Result<Option<Session>> {
    let session = sqlx::query_as!(
        Session,
        "SELECT token_id, expires_at FROM sessions WHERE hash = $1",
        hash.as_bytes().as_slice()
    );
    Ok(session.fetch_optional(db).await?)
}

/// Ends a session; says whether it was there.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, hash: &Digest) -> Result<bool> {
    let done = sqlx::query!("DELETE FROM sessions WHERE hash = $1", hash.as_bytes().as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets sessions that ended a day ago: until then their cookies are told that they ended.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_ended(db: impl PgExecutor<'_>) -> Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE expires_at < now() - interval '1 day'").execute(db).await?;
    Ok(())
}
