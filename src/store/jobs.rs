//! The job queue: jobs are put in by the transaction whose change asks for them.
//!
//! The queue library keeps its tables in a schema of its own, so these are the only queries that
//! are not checked against our migrations.

use chrono::{DateTime, Utc};
use graphile_worker::WorkerUtils;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::Tx;
use crate::domain::urgency::Urgency;
use crate::error::Result;

/// The schema of the queue library.
pub const SCHEMA: &str = "graphile_worker";

/// Verify a submitted release, then publish or reject it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VerifyRelease {
    /// The release.
    pub release: Uuid,
}

/// Make queued runs of what attaches to a published release, many on one load of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProveDependents {
    /// The release that they attach to.
    pub base: Uuid,
    /// Those of this urgency.
    pub urgency: Urgency,
    /// How many at most.
    pub at_once: u16,
}

/// With how many a job begins: what the engine runs at a time. How long they take says how many more go at once.
const AT_FIRST: u16 = 16;

impl ProveDependents {
    /// A job that does not know yet how long its runs take.
    pub const fn new(base: Uuid, urgency: Urgency) -> Self {
        Self { base, urgency, at_once: AT_FIRST }
    }
}

/// Name of the task that [`VerifyRelease`] is for.
pub const VERIFY_RELEASE: &str = "verify_release";
/// Name of the task that [`ProveDependents`] is for.
pub const PROVE_DEPENDENTS: &str = "prove_dependents";

/// Publishing waits for somebody; lower numbers go first.
const PUBLISHING: i32 = 0;
/// Runs come after it, by their urgency.
const RUNS: i32 = 10;

/// Brings the queue's schema up to date.
///
/// # Errors
/// When the database does not answer.
pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    WorkerUtils::new(pool.clone(), SCHEMA.to_owned()).migrate().await?;
    Ok(())
}

/// Queues the verification of a release.
///
/// # Errors
/// When the database does not answer.
pub async fn verify_release(tx: &mut Tx, release: Uuid) -> Result<()> {
    let key = format!("verify:{release}");
    add(tx, VERIFY_RELEASE, &VerifyRelease { release }, &key, PUBLISHING).await
}

/// Queues work on the queued runs of a base; where such a job waits already it is that one.
///
/// # Errors
/// When the database does not answer.
pub async fn prove_dependents(tx: &mut Tx, job: &ProveDependents) -> Result<()> {
    let key = format!("prove:{}:{}", job.base, job.urgency.rank());
    let priority = match job.urgency {
        // Who asked waits as one who publishes does.
        Urgency::Asked => PUBLISHING,
        urgency => RUNS + i32::from(urgency.rank()),
    };
    add(tx, PROVE_DEPENDENTS, job, &key, priority).await
}

async fn add<T: Serialize + Sync>(
    tx: &mut Tx,
    task: &str,
    payload: &T,
    key: &str,
    priority: i32,
) -> Result<()> {
    // Jobs count their attempts themselves and give up with a finding; the queue's own count only
    // has to be out of their way.
    sqlx::query(
        "SELECT id FROM graphile_worker.add_job(identifier => $1, payload => $2::json, job_key => $3,
                priority => $4, max_attempts => 1000)",
    )
    .bind(task)
    .bind(serde_json::to_value(payload)?)
    .bind(key)
    .bind(priority)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is to be done.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct Queue {
    /// Jobs that wait for a worker.
    pub waiting: i64,
    /// Jobs that run.
    pub running: i64,
    /// Of those that wait: jobs that failed and will be tried again.
    pub failing: i64,
    /// Since when the oldest job waits.
    pub oldest_waiting: Option<DateTime<Utc>>,
}

/// The state of the queue.
///
/// # Errors
/// When the database does not answer.
pub async fn queue(pool: &PgPool) -> Result<Queue> {
    let queue = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE locked_at IS NULL) AS waiting,
                count(*) FILTER (WHERE locked_at IS NOT NULL) AS running,
                count(*) FILTER (WHERE locked_at IS NULL AND last_error IS NOT NULL) AS failing,
                min(created_at) FILTER (WHERE locked_at IS NULL) AS oldest_waiting
         FROM graphile_worker._private_jobs",
    );
    Ok(queue.fetch_one(pool).await?)
}
