//! How a release comes from one state into another: verifying, what that came to, its standing.

use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

use super::Tx;
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::interface::Interface;
use crate::domain::release::{Stage, State};
use crate::domain::structure::Anatomy;
use crate::error::Result;

/// Counts one more attempt to verify; the answer is the number of this one, or `None` when the
/// release is not being verified any more.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_attempt(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<i32>> {
    let attempts = sqlx::query_scalar!(
        "UPDATE releases SET attempts = attempts + 1 WHERE id = $1 AND state = 'verifying' RETURNING attempts",
        id
    );
    Ok(attempts.fetch_optional(db).await?)
}

/// Takes back an attempt that ended because its worker was told to stop.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back_attempt(db: impl PgExecutor<'_>, id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE releases SET attempts = greatest(attempts - 1, 0) WHERE id = $1 AND state = 'verifying'",
        id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Records how far the verification of a release is.
///
/// # Errors
/// When the database does not answer.
pub async fn set_stage(tx: &mut Tx, id: Uuid, stage: Stage) -> Result<()> {
    sqlx::query!(
        "UPDATE releases SET stage = $2, revision = revision + 1 WHERE id = $1 AND state = 'verifying'",
        id,
        stage.as_str()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What verifying came to.
#[derive(Debug, Clone)]
pub struct Verified<'a> {
    /// `Published` or `Rejected`.
    pub state: State,
    /// Its interface.
    pub interface: &'a Interface,
    /// What was read from its files.
    pub anatomy: &'a Anatomy,
    /// What was found.
    pub findings: &'a [Finding],
}

/// Ends verifying; says whether the release was still being verified.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(tx: &mut Tx, id: Uuid, verified: &Verified<'_>) -> Result<bool> {
    let structure = Digest::of_canonical(&(verified.interface, verified.anatomy))?;
    let done = sqlx::query!(
        "UPDATE releases SET state = $2, interface = $3, inspection = $4, structure_digest = $6, findings = $5,
                revision = revision + 1, stage = NULL, state_since = now(), published_at = CASE WHEN $2 = 'published' THEN now() END
         WHERE id = $1 AND state = 'verifying'",
        id,
        verified.state.as_str(),
        Json(verified.interface) as _,
        Json(verified.anatomy) as _,
        Json(verified.findings) as _,
        structure.as_bytes().as_slice()
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes changes of standing and what depends on it wait for each other: many may rely on standings
/// (`change` false), one may change them.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_standings(tx: &mut Tx, change: bool) -> Result<()> {
    sqlx::query!(
        "SELECT CASE WHEN $1 THEN pg_advisory_xact_lock(hashtextextended('standings', 0))
                ELSE pg_advisory_xact_lock_shared(hashtextextended('standings', 0)) END",
        change
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Changes the standing of a published release that is still at `revision`; says whether it was.
///
/// # Errors
/// When the database does not answer.
pub async fn set_state(
    tx: &mut Tx,
    id: Uuid,
    revision: i64,
    state: State,
    reason: &str,
    replacement: Option<&str>,
) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE releases SET state = $3, state_reason = $4, replacement = $5, revision = revision + 1,
                state_since = now()
         WHERE id = $1 AND revision = $2",
        id,
        revision,
        state.as_str(),
        reason,
        replacement
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
