//! Who follows events, and what they are told.
//!
//! The latest events are read once for all who follow, and kept; each picks what it may see. Only one that is
//! further behind than what is kept asks the database itself.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{App, Caller};
use crate::error::{Code, Error, Result};
use crate::store::events::{self, ANNOUNCED, Audience, Cursor, Event, Told};
use crate::store::modules::Visible;

/// How many follow at once at most, in all and with one token or from one address: a page in a browser follows
/// once, and behind one address there may be an office.
const MOST_FOLLOWERS: usize = 2000;
const MOST_OF_ONE_TOKEN: usize = 50;
const MOST_OF_ONE_ADDRESS: usize = 500;
/// How many events are read at once, and how many are kept.
const AT_ONCE: i64 = 100;
const KEPT: usize = 1000;
/// Events of a burst are read together.
const BURST: Duration = Duration::from_millis(40);
/// How long to wait for transactions that may still put events before those that were announced.
const SETTLING: Duration = Duration::from_millis(200);
/// After so long it is looked up again what a follower may see, and said that all is well.
const QUIET: Duration = Duration::from_secs(15);

/// Tells followers in this process what is new, or that the process is about to end.
#[derive(Debug, Clone, Default)]
pub struct News {
    state: Arc<watch::Sender<State>>,
    places: Arc<Mutex<Places>>,
}

#[derive(Debug, Clone, Default)]
struct State {
    latest: Option<Arc<Latest>>,
    ending: bool,
}

/// All events behind one place up to another, in order.
#[derive(Debug, Clone)]
struct Latest {
    from: Cursor,
    to: Cursor,
    events: VecDeque<Arc<Told>>,
}

impl Latest {
    fn add(&mut self, events: Vec<Told>, to: Cursor) {
        self.events.extend(events.into_iter().map(Arc::new));
        while self.events.len() > KEPT
            && let Some(forgotten) = self.events.pop_front()
        {
            self.from = forgotten.event.cursor;
        }
        self.to = to;
    }

    /// Of what is behind `cursor`, what somebody may see.
    fn seen_by(&self, audience: &Audience, module: Option<&str>, cursor: Cursor) -> Vec<Event> {
        let begin = self.events.partition_point(|told| told.event.cursor <= cursor);
        let seen = self.events.range(begin..).filter(|told| concerns(told, audience, module));
        seen.map(|told| told.event.clone()).collect()
    }
}

/// Whether somebody may see an event, and asked for its module: as [`events::after`] says it in SQL.
fn concerns(told: &Told, audience: &Audience, module: Option<&str>) -> bool {
    let among = |visible: &Visible, name: &str| {
        visible.everything || visible.namespaces.iter().any(|one| name.eq_ignore_ascii_case(one))
    };
    let readable = |name: &str, public: bool| public || among(&audience.readable, name);
    let own = if told.for_publishers {
        among(&audience.publishable, &told.namespace)
    } else {
        readable(&told.namespace, told.public)
    };
    let base = told.base_namespace.as_deref().is_none_or(|name| readable(name, told.base_public));
    let asked = module.is_none_or(|name| {
        name.eq_ignore_ascii_case(&told.event.module)
            || told.base_module.as_deref().is_some_and(|base| name.eq_ignore_ascii_case(base))
    });
    own && base && asked
}

/// Hears from the database that there are new events and reads them, until told to stop.
pub async fn listen(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            Err(error) = hear(&app) => tracing::warn!("events are not announced: {error}"),
        }
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
        // Whatever was announced before is read too.
        if read(app).await? {
            let _ = tokio::time::timeout(SETTLING, listener.try_recv()).await;
        } else {
            // `None` is a connection that was lost and made again: something may have been missed.
            listener.try_recv().await?;
            tokio::time::sleep(BURST).await;
        }
    }
}

/// Reads what is new, and says whether there is more that is not certain yet.
async fn read(app: &App) -> Result<bool> {
    loop {
        // Asked before the events: what becomes certain in between is read now or announced again.
        let (now, more) = events::now(&app.pool).await?;
        let latest = app.news.state.borrow().latest.clone();
        let Some(latest) = latest else {
            let first = Latest { from: now, to: now, events: VecDeque::new() };
            app.news.state.send_modify(|state| state.latest = Some(Arc::new(first)));
            return Ok(more);
        };
        let found = events::told_after(&app.pool, latest.to, AT_ONCE).await?;
        let whole = (found.len() as i64) < AT_ONCE;
        let last = found.last().map(|told| told.event.cursor);
        let to = if whole { last.max(Some(now)) } else { last }.map_or(latest.to, |to| to.max(latest.to));
        if !found.is_empty() || to != latest.to {
            let mut next = Latest::clone(&latest);
            next.add(found, to);
            app.news.state.send_modify(|state| state.latest = Some(Arc::new(next)));
        }
        if whole {
            return Ok(more);
        }
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

/// What follows: a token, its sessions among it, or else an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Token(Uuid),
    Address(Option<IpAddr>),
}

/// How many follow.
#[derive(Debug, Default)]
struct Places {
    all: usize,
    of: HashMap<Who, usize>,
}

/// A place among those who follow; given back when dropped.
struct Place {
    places: Arc<Mutex<Places>>,
    who: Who,
}

impl Place {
    fn take(news: &News, who: Who) -> Result<Self> {
        let most = match who {
            Who::Token(_) => MOST_OF_ONE_TOKEN,
            Who::Address(_) => MOST_OF_ONE_ADDRESS,
        };
        let mut places = news.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.all >= MOST_FOLLOWERS {
            return Err(Error::new(Code::Unavailable, "Too many follow the events of this server."));
        }
        let of_one = places.of.entry(who).or_default();
        if *of_one >= most {
            let whose = if matches!(who, Who::Token(_)) { "this token" } else { "this address" };
            let detail = format!("Events are followed {most} times with {whose} already.");
            return Err(Error::new(Code::Unavailable, detail)
                .with_remedy("End streams that nobody reads; a program needs one."));
        }
        *of_one += 1;
        places.all += 1;
        drop(places);
        Ok(Self { places: Arc::clone(&news.places), who })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.all -= 1;
        if let Some(of_one) = places.of.get_mut(&self.who) {
            *of_one -= 1;
            if *of_one == 0 {
                places.of.remove(&self.who);
            }
        }
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

/// Begins to follow events from an address, from `cursor` on or from now on.
///
/// # Errors
/// `unavailable` when there are too many followers or the database does not answer.
pub async fn follow(
    app: &App,
    caller: &Caller,
    address: Option<IpAddr>,
    module: Option<String>,
    cursor: Option<Cursor>,
) -> Result<Follower> {
    let place = Place::take(&app.news, caller.token.map_or(Who::Address(address), Who::Token))?;
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
            let State { latest, ending } = self.news.borrow_and_update().clone();
            if ending {
                return Ok(Heard::End);
            }
            let found = match &latest {
                Some(latest) => self.behind(latest).await?,
                None => Vec::new(),
            };
            if !found.is_empty() {
                return Ok(Heard::Events(found));
            }
            tokio::select! {
                changed = self.news.changed() => {
                    if changed.is_err() {
                        return Ok(Heard::End);
                    }
                }
                () = tokio::time::sleep_until(check) => {}
            }
        }
    }

    /// What is behind the follower's place and may be seen, and the place behind that.
    async fn behind(&mut self, latest: &Latest) -> Result<Vec<Event>> {
        let module = self.module.as_deref();
        if self.cursor < latest.from {
            let found = events::after(&self.app.pool, &self.audience, module, self.cursor, AT_ONCE).await?;
            if let Some(last) = found.last() {
                self.cursor = last.cursor;
                return Ok(found);
            }
            // All up to there is certain, and none of it is for the follower.
            self.cursor = latest.from;
        }
        let found = latest.seen_by(&self.audience, self.module.as_deref(), self.cursor);
        self.cursor = self.cursor.max(latest.to);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(id: i64, namespace: &str) -> Told {
        Told {
            event: Event {
                cursor: Cursor { transaction: id, id },
                happened_at: chrono::DateTime::default(),
                kind: "module.created".to_owned(),
                module: format!("{namespace}/m"),
                version: None,
                actor: None,
                data: json!({}),
            },
            for_publishers: false,
            namespace: namespace.to_owned(),
            public: false,
            base_module: None,
            base_namespace: None,
            base_public: false,
        }
    }

    fn reader(namespaces: &[&str]) -> Audience {
        let namespaces = namespaces.iter().map(|&name| name.to_owned()).collect();
        Audience { readable: Visible { everything: false, namespaces }, publishable: Visible::default() }
    }

    #[test]
    fn one_sees_what_is_public_or_in_a_namespace_of_ones_own() {
        let hidden = told(1, "Hidden");
        assert!(concerns(&hidden, &reader(&["hidden"]), None));
        assert!(!concerns(&hidden, &reader(&["other"]), None));
        assert!(concerns(&Told { public: true, ..hidden.clone() }, &reader(&[]), None));
        // An attempt that was refused is for those who may publish, wherever it is.
        let refused = Told { for_publishers: true, public: true, ..hidden.clone() };
        assert!(!concerns(&refused, &reader(&["hidden"]), None));
        let publisher = Audience { publishable: reader(&["hidden"]).readable, ..Audience::default() };
        assert!(concerns(&refused, &publisher, None));
        // A pair is for those who may read both sides.
        let pair = Told { public: true, base_namespace: Some("secret".to_owned()), ..hidden };
        assert!(!concerns(&pair, &reader(&[]), None) && concerns(&pair, &reader(&["secret"]), None));
        assert!(concerns(&Told { base_public: true, ..pair }, &reader(&[]), None));
    }

    #[test]
    fn of_a_module_one_gets_its_own_events_and_those_of_its_pairs() {
        let all = Audience { readable: Visible::everything(), publishable: Visible::default() };
        let own = told(1, "acme");
        assert!(concerns(&own, &all, Some("Acme/M")) && !concerns(&own, &all, Some("acme/other")));
        let pair = Told { base_module: Some("acme/base".to_owned()), ..own };
        assert!(concerns(&pair, &all, Some("acme/BASE")));
    }

    #[test]
    fn what_is_kept_is_bounded_and_knows_where_it_begins() {
        let zero = Cursor { transaction: 0, id: 0 };
        let mut latest = Latest { from: zero, to: zero, events: VecDeque::new() };
        let most = i64::try_from(KEPT).unwrap();
        let end = Cursor { transaction: most + 10, id: 0 };
        latest.add((1..=most + 5).map(|id| told(id, "acme")).collect(), end);
        assert_eq!(
            (latest.events.len(), latest.from, latest.to),
            (KEPT, Cursor { transaction: 5, id: 5 }, end)
        );
        let seen = latest.seen_by(&reader(&["acme"]), None, Cursor { transaction: most, id: most });
        assert_eq!(
            seen.iter().map(|event| event.cursor.id).collect::<Vec<_>>(),
            (most + 1..=most + 5).collect::<Vec<_>>()
        );
    }

    #[test]
    fn places_are_limited_for_one_and_given_back() {
        let news = News::default();
        let who = Who::Token(Uuid::nil());
        let held: Vec<Place> = (0..MOST_OF_ONE_TOKEN).map(|_| Place::take(&news, who).unwrap()).collect();
        let refused = Place::take(&news, who).err().unwrap();
        assert_eq!(refused.code, Code::Unavailable);
        assert!(refused.detail.contains("with this token"), "{}", refused.detail);
        let _other = Place::take(&news, Who::Address(None)).unwrap();
        drop(held);
        assert!(Place::take(&news, who).is_ok());
        assert_eq!(news.places.lock().unwrap().of.len(), 1);
    }
}
