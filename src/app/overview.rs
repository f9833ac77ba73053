//! What is to be seen at a glance.

use super::{App, Caller};
use crate::domain::release::State;
use crate::error::Result;
use crate::store::events;
use crate::store::events::Event;
use crate::store::jobs::{self, Queue};
use crate::store::overview::{self, Brief, Broken};
use crate::store::workers::{self, Worker};

/// The most lines of each list.
const MOST_UNDER_WAY: i64 = 20;
const MOST_LINES: i64 = 10;
const MOST_EVENTS: i64 = 20;

/// What is to be seen at a glance, as far as the caller may read it.
#[derive(Debug)]
pub struct Overview {
    /// Modules by kind.
    pub modules: Vec<(String, i64)>,
    /// Releases by state.
    pub releases: Vec<(String, i64)>,
    /// Being verified or reviewed, the longest first.
    pub under_way: Vec<Brief>,
    /// Refused, the latest first.
    pub refused: Vec<Brief>,
    /// In quarantine, the latest first.
    pub quarantined: Vec<Brief>,
    /// Found not to work, the latest first.
    pub broken: Vec<Broken>,
    /// What happened, the latest first.
    pub recent: Vec<Event>,
    /// What is to be done.
    pub queue: Queue,
    /// Who does it.
    pub workers: Vec<Worker>,
}

/// Gathers the overview.
///
/// # Errors
/// When the database does not answer.
pub async fn gather(app: &App, caller: &Caller) -> Result<Overview> {
    let audience = caller.audience();
    let (visible, publishable) = (&audience.readable, &audience.publishable);
    let waiting = [State::Verifying, State::InReview];
    let pool = &app.pool;
    Ok(Overview {
        modules: overview::modules(pool, visible).await?,
        releases: overview::releases(pool, visible, publishable).await?,
        under_way: overview::in_states(pool, visible, true, &waiting, true, MOST_UNDER_WAY).await?,
        refused: overview::in_states(pool, publishable, false, &[State::Rejected], false, MOST_LINES).await?,
        quarantined: overview::in_states(pool, visible, true, &[State::Quarantined], false, MOST_LINES)
            .await?,
        broken: overview::broken(pool, visible, MOST_LINES).await?,
        recent: events::latest(pool, &audience, MOST_EVENTS).await?,
        queue: jobs::queue(pool).await?,
        workers: workers::living(pool).await?,
    })
}
