//! What is to be seen at a glance.

use super::{App, Caller};
use crate::domain::release::State;
use crate::error::{Error, Result};
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
    // Three ways at once, of about the same length: more would take connections from other requests.
    let counts = async {
        let modules = overview::modules(pool, visible).await?;
        let releases = overview::releases(pool, visible, publishable).await?;
        Ok::<_, Error>((modules, releases, jobs::queue(pool).await?, workers::living(pool).await?))
    };
    let lists = async {
        let under_way = overview::in_states(pool, visible, true, &waiting, true, MOST_UNDER_WAY).await?;
        let refused =
            overview::in_states(pool, publishable, false, &[State::Rejected], false, MOST_LINES).await?;
        let quarantined =
            overview::in_states(pool, visible, true, &[State::Quarantined], false, MOST_LINES).await?;
        Ok((under_way, refused, quarantined))
    };
    let lately = async {
        let broken = overview::broken(pool, visible, MOST_LINES).await?;
        Ok((broken, events::latest(pool, &audience, MOST_EVENTS).await?))
    };
    let ((modules, releases, queue, workers), (under_way, refused, quarantined), (broken, recent)) =
        tokio::try_join!(counts, lists, lately)?;
    Ok(Overview { modules, releases, under_way, refused, quarantined, broken, recent, queue, workers })
}
