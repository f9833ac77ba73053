//! Answers kept for requests that are sent again.

use serde_json::Value;
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::digest::Digest;
use crate::error::Result;

/// What is known of a key.
#[derive(Debug)]
pub enum Claim {
    /// It is new and now belongs to this request.
    New,
    /// It belongs to another request.
    OtherRequest,
    /// The same request is under way.
    UnderWay,
    /// The same request was answered.
    Answered(Answer),
}

/// A kept answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to it.
    pub headers: Value,
    /// Its body.
    pub body: Vec<u8>,
}

/// Claims a key for a request. A claim whose request never ended (its server died) is free again
/// after a minute.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(pool: &PgPool, actor: Uuid, key: &str, fingerprint: &Digest) -> Result<Claim> {
    let inserted = sqlx::query!(
        "INSERT INTO idempotency_keys (actor_id, key, fingerprint) VALUES ($1, $2, $3)
         ON CONFLICT (actor_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = now()
         WHERE idempotency_keys.status IS NULL AND idempotency_keys.created_at < now() - interval '1 minute'",
        actor,
        key,
        fingerprint.as_bytes().as_slice()
    )
    .execute(pool)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let row = sqlx::query!(
        "SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE actor_id = $1 AND key = $2",
        actor,
        key
    )
    .fetch_optional(pool)
    .await?;
    Ok(match row {
        // Released between the two statements: the client tries again.
        None => Claim::UnderWay,
        Some(row) if row.fingerprint != fingerprint.as_bytes() => Claim::OtherRequest,
        Some(row) => match (row.status.and_then(|s| u16::try_from(s).ok()), row.headers, row.body) {
            (Some(status), Some(headers), Some(body)) => Claim::Answered(Answer { status, headers, body }),
            _ => Claim::UnderWay,
        },
    })
}

/// Keeps the answer of a claimed key.
///
/// # Errors
/// When the database does not answer.
pub async fn keep(db: impl PgExecutor<'_>, actor: Uuid, key: &str, answer: &Answer) -> Result<()> {
    sqlx::query!(
        "UPDATE idempotency_keys SET status = $3, headers = $4, body = $5 WHERE actor_id = $1 AND key = $2",
        actor,
        key,
        i16::try_from(answer.status).unwrap_or(500),
        answer.headers,
        answer.body
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a claimed key back, so that the request may be tried again.
///
/// # Errors
/// When the database does not answer.
pub async fn release(db: impl PgExecutor<'_>, actor: Uuid, key: &str) -> Result<()> {
    sqlx::query!(
        "DELETE FROM idempotency_keys WHERE actor_id = $1 AND key = $2 AND status IS NULL",
        actor,
        key
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets answers older than a day.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(db: impl PgExecutor<'_>) -> Result<u64> {
    let done = sqlx::query!("DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day'")
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}
