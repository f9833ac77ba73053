//! Events: recorded with each change, followed by whoever may see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{App, Caller};
use crate::domain::permission::Action;
use crate::domain::verdict::Verdict;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::events::{self, ANNOUNCED, Audience, Cursor, Event, NewEvent};
use crate::store::modules::Module;
use crate::store::releases::Release;

/// How many follow at once at most: each asks the database now and then.
const MOST_FOLLOWERS: usize = 2000;
/// How many events are read at once.
const AT_ONCE: i64 = 100;
/// Events of a burst are read together.
const BURST: Duration = Duration::from_millis(40);
/// How long to wait for transactions that may still put events before those that were announced.
const SETTLING: Duration = Duration::from_millis(200);
/// After so long it is looked up again what a follower may see, and said that all is well.
const QUIET: Duration = Duration::from_secs(15);

/// Records what happened to a release.
pub(crate) async fn release(
    tx: &mut Tx,
    actor: Option<Uuid>,
    kind: &str,
    release: &Release,
    data: Value,
) -> Result<()> {
    let event = NewEvent {
        kind,
        namespace: release.namespace_id,
        // Who may only read does not learn of attempts that were refused.
        for_publishers: kind == "release.rejected",
        module: release.module.as_str(),
        version: Some(release.version.to_string()),
        base_module: None,
        base_namespace: None,
        actor,
        data,
    };
    events::insert(tx, &event).await
}

/// Records that the verdict of a pair was found anew.
pub(crate) async fn pair(tx: &mut Tx, dependent: &Release, base: &Release, verdict: Verdict) -> Result<()> {
    let event = NewEvent {
        kind: "pair.judged",
        namespace: dependent.namespace_id,
        for_publishers: false,
        module: dependent.module.as_str(),
        version: Some(dependent.version.to_string()),
        base_module: Some(base.module.as_str()),
        base_namespace: Some(base.namespace_id),
        actor: None,
        data: json!({ "base": base.reference(), "verdict": verdict }),
    };
    events::insert(tx, &event).await
}

/// Records what happened to a module as a whole, or to one of its channels.
pub(crate) async fn module(
    tx: &mut Tx,
    caller: &Caller,
    kind: &str,
    module: &Module,
    data: Value,
) -> Result<()> {
    let event = NewEvent {
        kind,
        namespace: module.namespace_id,
        for_publishers: false,
        module: module.name.as_str(),
        version: None,
        base_module: None,
        base_namespace: None,
        actor: caller.actor.as_ref().map(|(id, _)| *id),
        data,
    };
    events::insert(tx, &event).await
}

/// Tells followers in this process that there are new events, or that the process is about to end.
#[derive(Debug, Clone, Default)]
pub struct News {
    state: Arc<watch::Sender<State>>,
    followers: Arc<AtomicUsize>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    announced: u64,
    ending: bool,
}

/// Hears from the database that there are new events, until told to stop.
pub async fn listen(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            Err(error) = hear(&app) => tracing::warn!("events are not announced: {error}"),
        }
        // Whatever was announced meanwhile was not heard.
        app.news.state.send_modify(|state| state.announced += 1);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
    app.news.state.send_modify(|state| state.ending = true);
}

async fn hear(app: &App) -> Result<()> {
    let mut listener = PgListener::connect_with(&app.pool).await?;
    listener.ignore_pool_close_event(true);
    listener.listen(ANNOUNCED).await?;
    loop {
        // `None` is a connection that was lost and made again: something may have been missed.
        listener.try_recv().await?;
        app.news.state.send_modify(|state| state.announced += 1);
    }
}

/// Somebody who follows events.
pub struct Follower {
    app: App,
    audience: Audience,
    module: Option<String>,
    /// Behind this one.
    pub cursor: Cursor,
    news: watch::Receiver<State>,
    /// When it was last looked up what the follower may see.
    looked_up: Instant,
    _place: Place,
}

/// A place among those who follow; given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What became of waiting.
pub enum Heard {
    /// New events, in order.
    Events(Vec<Event>),
    /// What the follower may see has to be looked up again; all is well.
    Check,
    /// The process ends.
    End,
}

/// The place behind all events so far.
///
/// # Errors
/// When the database does not answer.
pub async fn now(app: &App) -> Result<Cursor> {
    Ok(events::now(&app.pool).await?.0)
}

/// Begins to follow events, from `cursor` on or from now on.
///
/// # Errors
/// `unavailable` when there are too many followers or the database does not answer.
pub async fn follow(
    app: &App,
    caller: &Caller,
    module: Option<String>,
    cursor: Option<Cursor>,
) -> Result<Follower> {
    let place = Place(Arc::clone(&app.news.followers));
    if app.news.followers.fetch_add(1, Ordering::Relaxed) >= MOST_FOLLOWERS {
        return Err(Error::new(Code::Unavailable, "Too many follow the events of this server."));
    }
    let news = app.news.state.subscribe();
    let cursor = match cursor {
        Some(cursor) => cursor,
        None => now(app).await?,
    };
    Ok(Follower {
        app: app.clone(),
        audience: caller.audience(),
        module,
        cursor,
        news,
        looked_up: Instant::now(),
        _place: place,
    })
}

impl Follower {
    /// Somebody whose rights may have changed.
    pub fn is_now(&mut self, caller: &Caller) {
        self.audience = caller.audience();
        self.looked_up = Instant::now();
    }

    /// Waits for events.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(&mut self) -> Result<Heard> {
        let check = self.looked_up + QUIET;
        loop {
            if Instant::now() >= check {
                return Ok(Heard::Check);
            }
            if self.news.borrow_and_update().ending {
                return Ok(Heard::End);
            }
            // Asked before the events: what becomes certain in between is read now or announced again.
            let (_, more) = events::now(&self.app.pool).await?;
            let found =
                events::after(&self.app.pool, &self.audience, self.module.as_deref(), self.cursor, AT_ONCE)
                    .await?;
            if let Some(last) = found.last() {
                self.cursor = last.cursor;
                return Ok(Heard::Events(found));
            }
            let wait = if more { Instant::now() + SETTLING } else { check };
            tokio::select! {
                changed = self.news.changed() => {
                    if changed.is_err() {
                        return Ok(Heard::End);
                    }
                    tokio::time::sleep(BURST).await;
                }
                () = tokio::time::sleep_until(wait.min(check)) => {}
            }
        }
    }
}

impl Caller {
    /// What the caller may read, and where it may publish.
    pub fn audience(&self) -> Audience {
        Audience { readable: self.visible(), publishable: self.reach(Action::Publish) }
    }
}
