//! Workers that say that they live.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::error::Result;

/// A worker.
#[derive(Debug, Clone)]
pub struct Worker {
    /// Its id: new with each start.
    pub id: Uuid,
    /// The machine's name and the process's id.
    pub name: String,
    /// Cambium's version.
    pub version: String,
    /// How many runs it makes at once.
    pub at_once: i32,
    /// What keeps it from running the engine, or from confining it fully.
    pub problem: Option<String>,
    /// Since when it works.
    pub started_at: DateTime<Utc>,
    /// When it last said that it lives.
    pub seen_at: DateTime<Utc>,
}

/// A worker that says that it lives.
#[derive(Debug, Clone)]
pub struct Sign<'a> {
    /// Its id.
    pub id: Uuid,
    /// The machine's name and the process's id.
    pub name: &'a str,
    /// How many runs it makes at once.
    pub at_once: i32,
    /// What keeps it from running the engine, or from confining it fully.
    pub problem: Option<&'a str>,
}

/// Records that a worker lives.
///
/// # Errors
/// When the database does not answer.
pub async fn live(db: impl PgExecutor<'_>, sign: &Sign<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO workers (id, name, version, at_once, problem) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET problem = excluded.problem, seen_at = now()",
        sign.id,
        sign.name,
        env!("CARGO_PKG_VERSION"),
        sign.at_once,
        sign.problem
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Records that a worker stops.
///
/// # Errors
/// When the database does not answer.
pub async fn leave(db: impl PgExecutor<'_>, id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM workers WHERE id = $1", id).execute(db).await?;
    Ok(())
}

/// Workers that said lately that they live, by name. One that was silent for twenty seconds is taken for
/// dead, as the queue takes it.
///
/// # Errors
/// When the database does not answer.
pub async fn living(db: impl PgExecutor<'_>) -> Result<Vec<Worker>> {
    let workers = sqlx::query_as!(
        Worker,
        "SELECT id, name, version, at_once, problem, started_at, seen_at FROM workers
         WHERE seen_at > now() - interval '20 seconds' ORDER BY name, id LIMIT 200"
    );
    Ok(workers.fetch_all(db).await?)
}

/// Forgets workers that were silent for a day.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_gone(db: impl PgExecutor<'_>) -> Result<()> {
    sqlx::query!("DELETE FROM workers WHERE seen_at < now() - interval '1 day'").execute(db).await?;
    Ok(())
}
