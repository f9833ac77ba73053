//! Smoke runs and their reports.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Tx, verdict};
use crate::domain::smoke::{Report, Step};
use crate::domain::verdict::Verdict;
use crate::error::Result;

/// A smoke run.
#[derive(Debug, Clone)]
pub struct SmokeRun {
    /// Its id.
    pub id: Uuid,
    /// What was put on the backbone; none when a backbone ran alone.
    pub dependent_id: Option<Uuid>,
    /// The backbone.
    pub base_id: Option<Uuid>,
    /// The backbone that the dependent was judged against.
    pub home_id: Option<Uuid>,
    /// `queued`, `running`, `finished` or `abandoned`.
    pub state: String,
    /// What it came to.
    pub verdict: Option<Verdict>,
    /// The report.
    pub report: Option<Report>,
    /// What the engine does, as long as it runs.
    pub step: Option<Step>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What runs on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participants {
    /// What is put on the backbone; none when a backbone runs alone.
    pub dependent: Option<Uuid>,
    /// The backbone; none when the dependent runs alone.
    pub base: Option<Uuid>,
    /// The backbone that the dependent was made for, where it is another one.
    pub home: Option<Uuid>,
}

/// Records that a run begins that nothing waited for: part of verifying a release.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(db: impl PgExecutor<'_>, id: Uuid, participants: Participants) -> Result<()> {
    sqlx::query!(
        "INSERT INTO smoke_runs (id, dependent_id, base_id, home_id, state, attempts, started_at)
         VALUES ($1, $2, $3, $4, 'running', 1, now())",
        id,
        participants.dependent,
        participants.base,
        participants.home
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Records what the engine does in a run.
///
/// # Errors
/// When the database does not answer.
pub async fn set_step(tx: &mut Tx, id: Uuid, step: Step) -> Result<()> {
    sqlx::query!("UPDATE smoke_runs SET step = $2 WHERE id = $1 AND state = 'running'", id, step.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Records how a run ended.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(tx: &mut Tx, id: Uuid, report: &Report) -> Result<()> {
    sqlx::query!(
        "UPDATE smoke_runs SET state = 'finished', step = NULL, verdict = $2, report = $3, finished_at = now() WHERE id = $1",
        id,
        report.verdict.as_str(),
        Json(report) as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Records that the runs of a release that are said to be running lost their worker.
///
/// # Errors
/// When the database does not answer.
pub async fn abandon_of(db: impl PgExecutor<'_>, release: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE smoke_runs SET state = 'abandoned', step = NULL, finished_at = now()
         WHERE (dependent_id = $1 OR base_id = $1 AND dependent_id IS NULL) AND state = 'running'",
        release
    )
    .execute(db)
    .await?;
    Ok(())
}

struct Row {
    id: Uuid,
    dependent_id: Option<Uuid>,
    base_id: Option<Uuid>,
    home_id: Option<Uuid>,
    state: String,
    step: Option<String>,
    verdict: Option<String>,
    report: Option<Json<Report>>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl Row {
    fn into_run(self) -> Result<SmokeRun> {
        Ok(SmokeRun {
            id: self.id,
            dependent_id: self.dependent_id,
            base_id: self.base_id,
            home_id: self.home_id,
            state: self.state,
            step: self.step.as_deref().and_then(Step::of_word),
            verdict: self.verdict.as_deref().map(verdict).transpose()?,
            report: self.report.map(|json| json.0),
            started_at: self.started_at,
            finished_at: self.finished_at,
        })
    }
}

/// The run of that id.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<SmokeRun>> {
    sqlx::query_as!(
        Row,
        r#"SELECT id, dependent_id, base_id, home_id, state, step, verdict, report AS "report: Json<Report>", started_at,
                  finished_at
           FROM smoke_runs WHERE id = $1"#,
        id
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_run)
    .transpose()
}

/// The run of a pair that waits or is under way.
///
/// # Errors
/// When the database does not answer.
pub async fn wanted(db: impl PgExecutor<'_>, dependent: Uuid, base: Uuid) -> Result<Option<SmokeRun>> {
    sqlx::query_as!(
        Row,
        r#"SELECT id, dependent_id, base_id, home_id, state, step, verdict, report AS "report: Json<Report>", started_at,
                  finished_at
           FROM smoke_runs WHERE dependent_id = $1 AND base_id = $2 AND state IN ('queued', 'running')"#,
        dependent,
        base
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_run)
    .transpose()
}

/// The newest run of a release itself: alone, or put on what it was made for. Runs on other backbones
/// belong to those pairs.
///
/// # Errors
/// When the database does not answer.
pub async fn latest_of(db: impl PgExecutor<'_>, release: Uuid) -> Result<Option<SmokeRun>> {
    sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", dependent_id, base_id, home_id, state AS "state!", step, verdict,
                  report AS "report: Json<Report>", started_at, finished_at
           FROM (
               (SELECT * FROM smoke_runs WHERE dependent_id = $1 AND home_id IS NULL
                ORDER BY created_at DESC LIMIT 1)
               UNION ALL
               (SELECT * FROM smoke_runs WHERE base_id = $1 AND dependent_id IS NULL
                ORDER BY created_at DESC LIMIT 1)
           ) run ORDER BY created_at DESC LIMIT 1"#,
        release
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_run)
    .transpose()
}
