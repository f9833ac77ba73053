//! Smoke runs that wait: a row each, taken by jobs in the order of their urgency.

use std::collections::BTreeMap;

use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use super::modules::Visible;
use crate::domain::urgency::Urgency;
use crate::error::Result;

/// A run of a pair that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// What attaches.
    pub dependent: Uuid,
    /// What it attaches to.
    pub base: Uuid,
    /// What it was made for, where that is another release.
    pub home: Option<Uuid>,
    /// How soon.
    pub urgency: Urgency,
}

/// Queues runs of pairs, each of which is there once. One that waits already is moved ahead where this is more
/// urgent; one that is under way is left as it is.
///
/// # Errors
/// When the database does not answer.
pub async fn queue(tx: &mut Tx, wanted: &[Wanted]) -> Result<()> {
    let ids: Vec<Uuid> = wanted.iter().map(|_| Uuid::now_v7()).collect();
    let dependents: Vec<Uuid> = wanted.iter().map(|run| run.dependent).collect();
    let bases: Vec<Uuid> = wanted.iter().map(|run| run.base).collect();
    let homes: Vec<Option<Uuid>> = wanted.iter().map(|run| run.home).collect();
    let ranks: Vec<i16> = wanted.iter().map(|run| run.urgency.rank()).collect();
    sqlx::query!(
        "INSERT INTO smoke_runs (id, dependent_id, base_id, home_id, urgency, state)
         SELECT *, 'queued' FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[])
         ON CONFLICT (dependent_id, base_id) WHERE state IN ('queued', 'running')
         DO UPDATE SET urgency = least(smoke_runs.urgency, excluded.urgency)",
        &ids,
        &dependents,
        &bases,
        &homes as &[Option<Uuid>],
        &ranks
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A run that a job began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Its id.
    pub id: Uuid,
    /// What attaches.
    pub dependent: Uuid,
    /// How often it was begun, this time included.
    pub attempts: i32,
}

/// Begins at most `limit` queued runs of one urgency on a base that are judged against the same home. What was
/// begun before and took its worker along is begun by itself, after all others.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(
    db: impl PgExecutor<'_>,
    base: Uuid,
    urgency: Urgency,
    job: i64,
    limit: u16,
) -> Result<Vec<Begun>> {
    let rows = sqlx::query_as!(
        Begun,
        r#"WITH first AS (
               SELECT home_id, attempts FROM smoke_runs WHERE base_id = $1 AND urgency = $2 AND state = 'queued'
               ORDER BY attempts, id LIMIT 1
           ), taken AS (
               SELECT r.id FROM smoke_runs r, first
               WHERE r.base_id = $1 AND r.urgency = $2 AND r.state = 'queued' AND r.attempts = first.attempts
                 AND r.home_id IS NOT DISTINCT FROM first.home_id
               ORDER BY r.id LIMIT CASE WHEN (SELECT attempts FROM first) > 0 THEN 1 ELSE $4 END
               FOR UPDATE OF r SKIP LOCKED
           )
           UPDATE smoke_runs SET state = 'running', job = $3, attempts = smoke_runs.attempts + 1, started_at = now()
           FROM taken WHERE smoke_runs.id = taken.id
           RETURNING smoke_runs.id, smoke_runs.dependent_id AS "dependent!", smoke_runs.attempts"#,
        base,
        urgency.rank(),
        job,
        i32::from(limit)
    );
    let mut begun = rows.fetch_all(db).await?;
    begun.sort_by_key(|run| run.id);
    Ok(begun)
}

/// Whether runs of this urgency wait on a base.
///
/// # Errors
/// When the database does not answer.
pub async fn are_left(db: impl PgExecutor<'_>, base: Uuid, urgency: Urgency) -> Result<bool> {
    let left = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM smoke_runs WHERE base_id = $1 AND urgency = $2 AND state = 'queued') AS "left!""#,
        base,
        urgency.rank()
    );
    Ok(left.fetch_one(db).await?)
}

/// Every base on which runs wait, with their urgencies.
///
/// # Errors
/// When the database does not answer.
pub async fn bases(db: impl PgExecutor<'_>) -> Result<Vec<(Uuid, Urgency)>> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT base_id AS "base!", urgency FROM smoke_runs
           WHERE state = 'queued' AND base_id IS NOT NULL"#
    );
    let rows = rows.fetch_all(db).await?;
    Ok(rows.iter().filter_map(|row| Some((row.base, Urgency::of_rank(row.urgency)?))).collect())
}

/// Runs of what attaches to a base that are still to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Those that wait, by why they are wanted.
    pub queued: BTreeMap<Urgency, i64>,
    /// Those that are under way.
    pub running: i64,
}

/// How many runs on a base are still to be made, of dependents that the caller may read.
///
/// # Errors
/// When the database does not answer.
pub async fn left(db: impl PgExecutor<'_>, visible: &Visible, base: Uuid) -> Result<Left> {
    let rows = sqlx::query!(
        r#"SELECT s.urgency, s.state, count(*) AS "runs!"
           FROM smoke_runs s JOIN releases d ON d.id = s.dependent_id JOIN modules m ON m.id = d.module_id
           JOIN namespaces n ON n.id = m.namespace_id
           WHERE s.base_id = $1 AND s.state IN ('queued', 'running')
             AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))
           GROUP BY s.urgency, s.state"#,
        base,
        visible.everything,
        &visible.namespaces
    );
    let mut left = Left::default();
    for row in rows.fetch_all(db).await? {
        match Urgency::of_rank(row.urgency) {
            Some(urgency) if row.state == "queued" => *left.queued.entry(urgency).or_default() += row.runs,
            _ => left.running += row.runs,
        }
    }
    Ok(left)
}

/// Queues again what a job began and its worker, which was lost, did not end. That it was begun counts.
///
/// # Errors
/// When the database does not answer.
pub async fn take_over(db: impl PgExecutor<'_>, job: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE smoke_runs SET state = 'queued', step = NULL, job = NULL, started_at = NULL
         WHERE job = $1 AND state = 'running'",
        job
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Queues again what a job began and was told to leave; that says nothing against it.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(db: impl PgExecutor<'_>, job: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE smoke_runs SET state = 'queued', step = NULL, job = NULL, started_at = NULL,
                attempts = greatest(attempts - 1, 0)
         WHERE job = $1 AND state = 'running'",
        job
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same of one run.
///
/// # Errors
/// When the database does not answer.
pub async fn put_back(db: impl PgExecutor<'_>, id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE smoke_runs SET state = 'queued', step = NULL, job = NULL, started_at = NULL,
                attempts = greatest(attempts - 1, 0)
         WHERE id = $1 AND state = 'running'",
        id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Queues again one run that was ended from outside. That it was begun counts.
///
/// # Errors
/// When the database does not answer.
pub async fn put_back_counted(db: impl PgExecutor<'_>, id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE smoke_runs SET state = 'queued', step = NULL, job = NULL, started_at = NULL
         WHERE id = $1 AND state = 'running'",
        id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets a run that turned out not to be needed.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(db: impl PgExecutor<'_>, id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM smoke_runs WHERE id = $1 AND state IN ('queued', 'running')", id)
        .execute(db)
        .await?;
    Ok(())
}
