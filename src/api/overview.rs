//! The overview: what changed lately, what is under way, what is wrong, and how the service is.

use std::collections::BTreeMap;

use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::events::EventView;
use crate::app::{App, Caller, overview};
use crate::domain::module::Kind;
use crate::domain::permission::Action;
use crate::domain::release::{Stage, State};
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::jobs::Queue;
use crate::store::overview::{Brief, Broken};
use crate::store::workers::Worker;

/// What is to be seen at a glance. Everything is limited to what the caller may read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    /// How many modules there are, by kind; kinds without any are left out.
    pub modules: BTreeMap<String, i64>,
    /// How many releases there are, by state; drafts are left out.
    pub releases: BTreeMap<String, i64>,
    /// Releases being verified or reviewed, the longest waiting first, at most 20.
    pub under_way: Vec<ReleaseBrief>,
    /// Attempts that were refused, the latest first, at most 10; only where the caller may publish.
    pub refused: Vec<ReleaseBrief>,
    /// Releases in quarantine, the latest first, at most 10.
    pub quarantined: Vec<ReleaseBrief>,
    /// Pairs that were found not to work though both sides may be used, the latest first, at most 10.
    pub broken: Vec<BrokenPair>,
    /// What happened lately, the latest first, at most 20.
    pub recent: Vec<EventView>,
    /// How the workers and their queue are.
    pub health: Health,
}

/// A release, as a line.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReleaseBrief {
    /// Its id.
    pub id: Uuid,
    /// Its module.
    pub module: String,
    /// Its version.
    pub version: String,
    /// What its module is.
    pub kind: Kind,
    /// Where it is in its life.
    pub state: State,
    /// How far its verification is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Who made it.
    pub created_by: String,
    /// Since when it is in this state.
    pub since: DateTime<Utc>,
    /// Why: the reason that was given, or the message of the first finding that refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many findings refuse it.
    pub errors: i64,
}

/// A pair that was found not to work.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BrokenPair {
    /// What attaches: `namespace/name@version`.
    pub dependent: String,
    /// What it attaches to.
    pub base: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The message of the first finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// How the workers and their queue are.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// In a word.
    pub status: HealthStatus,
    /// Jobs that wait for a worker.
    pub waiting: i64,
    /// Jobs that run.
    pub running: i64,
    /// Jobs that failed for a reason of the service's and will be tried again.
    pub failing: i64,
    /// Since when the oldest job waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Workers that said lately that they live, by name.
    pub workers: Vec<WorkerView>,
}

/// The health of the workers and their queue in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Workers live, nothing is to do.
    Idle,
    /// Workers live and have jobs.
    Working,
    /// Nobody is there to take jobs.
    NoWorker,
    /// A worker lives and cannot run the engine, or cannot confine it fully.
    Impaired,
}

/// A worker.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkerView {
    /// The machine's name and the process's id; absent for those who do not read everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Cambium's version.
    pub version: String,
    /// Since when it works.
    pub started_at: DateTime<Utc>,
    /// When it last said that it lives.
    pub seen_at: DateTime<Utc>,
    /// How many runs it makes at once.
    pub at_once: i32,
    /// What keeps it from running the engine, or from confining it fully.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Get the overview.
///
/// What changed lately, what is under way, refused, quarantined or broken, and the health of the
/// workers.
#[utoipa::path(tag = "overview", responses((status = 200, body = Overview)))]
#[get("/overview")]
pub(super) async fn get_overview(app: Data<App>, caller: Caller) -> Result<Json<Overview>> {
    let names = caller.rights.allow(None, Action::Read);
    let seen = overview::gather(&app, &caller).await?;
    Ok(Json(Overview {
        modules: seen.modules.into_iter().collect(),
        releases: seen.releases.into_iter().collect(),
        under_way: seen.under_way.into_iter().map(ReleaseBrief::from).collect(),
        refused: seen.refused.into_iter().map(ReleaseBrief::from).collect(),
        quarantined: seen.quarantined.into_iter().map(ReleaseBrief::from).collect(),
        broken: seen.broken.into_iter().map(BrokenPair::from).collect(),
        recent: seen.recent.into_iter().map(EventView::from).collect(),
        health: health(&seen.queue, seen.workers, names),
    }))
}

fn health(queue: &Queue, workers: Vec<Worker>, names: bool) -> Health {
    let status = if workers.is_empty() {
        HealthStatus::NoWorker
    } else if workers.iter().any(|worker| worker.problem.is_some()) {
        HealthStatus::Impaired
    } else if queue.waiting + queue.running > 0 {
        HealthStatus::Working
    } else {
        HealthStatus::Idle
    };
    let view = |worker: Worker| WorkerView {
        name: names.then_some(worker.name),
        version: worker.version,
        started_at: worker.started_at,
        seen_at: worker.seen_at,
        at_once: worker.at_once,
        problem: worker.problem,
    };
    Health {
        status,
        waiting: queue.waiting,
        running: queue.running,
        failing: queue.failing,
        oldest_waiting: queue.oldest_waiting,
        workers: workers.into_iter().map(view).collect(),
    }
}

impl From<Brief> for ReleaseBrief {
    fn from(brief: Brief) -> Self {
        Self {
            id: brief.id,
            module: brief.module,
            version: brief.version,
            kind: brief.kind,
            state: brief.state,
            stage: brief.stage,
            created_by: brief.created_by,
            since: brief.since,
            reason: brief.reason,
            errors: brief.errors,
        }
    }
}

impl From<Broken> for BrokenPair {
    fn from(broken: Broken) -> Self {
        Self {
            dependent: broken.dependent,
            base: broken.base,
            verdict: Verdict::Incompatible,
            reason: broken.reason,
            since: broken.since,
        }
    }
}
