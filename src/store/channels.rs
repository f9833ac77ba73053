//! Channels and every move they made.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Tx, state};
use crate::domain::release::State;
use crate::error::Result;

/// A movable name on a module.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The release that it points at.
    pub release_id: Option<Uuid>,
    /// That release's version.
    pub version: Option<String>,
    /// Counts its moves.
    pub generation: i64,
}

/// One move of a channel.
#[derive(Debug, Clone)]
pub struct Move {
    /// Its number among the channel's moves, from 1.
    pub generation: i64,
    /// `point`, `roll_back` or `quarantine`.
    pub action: String,
    /// Version that it pointed at before.
    pub from: Option<String>,
    /// Version that it points at since.
    pub to: Option<String>,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// When.
    pub moved_at: DateTime<Utc>,
}

/// A channel with what is to be seen of it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The channel.
    pub channel: Channel,
    /// The state of the release that it points at.
    pub state: Option<State>,
    /// Its last move.
    pub last_move: Option<Move>,
}

struct ShownRow {
    id: Uuid,
    name: String,
    release_id: Option<Uuid>,
    version: Option<String>,
    state: Option<String>,
    generation: i64,
    action: Option<String>,
    from: Option<String>,
    reason: Option<String>,
    actor: Option<String>,
    moved_at: Option<DateTime<Utc>>,
}

impl ShownRow {
    fn into_shown(self) -> Result<Shown> {
        let last_move = match (self.action, self.reason, self.actor, self.moved_at) {
            (Some(action), Some(reason), Some(actor), Some(moved_at)) => Some(Move {
                generation: self.generation,
                action,
                from: self.from,
                // It points where its last move led.
                to: self.version.clone(),
                reason,
                actor,
                moved_at,
            }),
            _ => None,
        };
        Ok(Shown {
            channel: Channel {
                id: self.id,
                name: self.name,
                release_id: self.release_id,
                version: self.version,
                generation: self.generation,
            },
            state: self.state.as_deref().map(state).transpose()?,
            last_move,
        })
    }
}

macro_rules! shown {
    ($tail:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            ShownRow,
            r#"SELECT c.id, c.name, c.release_id, r.version AS "version?", r.state AS "state?", c.generation,
                      h.action AS "action?", f.version AS "from?", h.reason AS "reason?", a.name AS "actor?",
                      h.moved_at AS "moved_at?"
               FROM channels c LEFT JOIN releases r ON r.id = c.release_id
               LEFT JOIN channel_moves h ON h.channel_id = c.id AND h.generation = c.generation
               LEFT JOIN releases f ON f.id = h.from_release_id LEFT JOIN actors a ON a.id = h.actor_id "# + $tail,
            $($argument),*
        )
    };
}

/// The channels of a module, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: impl PgExecutor<'_>, module: Uuid) -> Result<Vec<Shown>> {
    let rows = shown!("WHERE c.module_id = $1 ORDER BY c.name", module).fetch_all(db).await?;
    rows.into_iter().map(ShownRow::into_shown).collect()
}

/// A channel by name.
///
/// # Errors
/// When the database does not answer.
pub async fn by_name(db: impl PgExecutor<'_>, module: Uuid, name: &str) -> Result<Option<Shown>> {
    let row = shown!("WHERE c.module_id = $1 AND c.name = $2", module, name).fetch_optional(db).await?;
    row.map(ShownRow::into_shown).transpose()
}

/// A channel by name, locked until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, module: Uuid, name: &str) -> Result<Option<Channel>> {
    let channel = sqlx::query_as!(
        Channel,
        r#"SELECT c.id, c.name, c.release_id, r.version AS "version?", c.generation
           FROM channels c LEFT JOIN releases r ON r.id = c.release_id WHERE c.module_id = $1 AND c.name = $2
           FOR UPDATE OF c"#,
        module,
        name
    );
    Ok(channel.fetch_optional(&mut **tx).await?)
}

/// The channels that point at a release, locked until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_pointing_at(tx: &mut Tx, release: Uuid) -> Result<Vec<Channel>> {
    let channels = sqlx::query_as!(
        Channel,
        r#"SELECT c.id, c.name, c.release_id, r.version AS "version?", c.generation
           FROM channels c LEFT JOIN releases r ON r.id = c.release_id WHERE c.release_id = $1
           ORDER BY c.id FOR UPDATE OF c"#,
        release
    );
    Ok(channels.fetch_all(&mut **tx).await?)
}

/// Makes a channel that points at nothing, unless somebody just made it.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, id: Uuid, module: Uuid, name: &str) -> Result<()> {
    sqlx::query!(
        "INSERT INTO channels (id, module_id, name) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT channels_name_unique DO NOTHING",
        id,
        module,
        name
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A move to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewMove<'a> {
    /// `point`, `roll_back` or `quarantine`.
    pub action: &'a str,
    /// The release to point at; none clears the channel.
    pub to: Option<Uuid>,
    /// Why.
    pub reason: &'a str,
    /// Who.
    pub actor: Uuid,
}

/// Moves a locked channel and writes the move down.
///
/// # Errors
/// When the database does not answer.
pub async fn make_move(tx: &mut Tx, channel: &Channel, new: NewMove<'_>) -> Result<i64> {
    let generation = channel.generation + 1;
    sqlx::query!(
        "UPDATE channels SET release_id = $2, generation = $3 WHERE id = $1",
        channel.id,
        new.to,
        generation
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO channel_moves (channel_id, generation, action, from_release_id, to_release_id, reason, actor_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        channel.id,
        generation,
        new.action,
        channel.release_id,
        new.to,
        new.reason,
        new.actor
    )
    .execute(&mut **tx)
    .await?;
    Ok(generation)
}

/// Moves of a channel, newest first, older than `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn moves(db: impl PgExecutor<'_>, channel: Uuid, before: i64, limit: i64) -> Result<Vec<Move>> {
    let moves = sqlx::query_as!(
        Move,
        r#"SELECT h.generation, h.action, f.version AS "from?", t.version AS "to?", h.reason, a.name AS actor,
                  h.moved_at
           FROM channel_moves h LEFT JOIN releases f ON f.id = h.from_release_id
           LEFT JOIN releases t ON t.id = h.to_release_id JOIN actors a ON a.id = h.actor_id
           WHERE h.channel_id = $1 AND h.generation < $2 ORDER BY h.generation DESC LIMIT $3"#,
        channel,
        before,
        limit
    );
    Ok(moves.fetch_all(db).await?)
}

/// A move of one of a module's channels.
#[derive(Debug, Clone)]
pub struct ModuleMove {
    /// The channel.
    pub channel: String,
    /// The move.
    pub made: Move,
}

/// Where a page of a module's moves begins: before this time, channel and generation.
pub type MoveKey = (DateTime<Utc>, String, i64);

/// Moves of all channels of a module, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn module_moves(
    db: impl PgExecutor<'_>,
    module: Uuid,
    before: Option<&MoveKey>,
    limit: i64,
) -> Result<Vec<ModuleMove>> {
    let (time, channel, generation) = match before {
        Some((time, channel, generation)) => (Some(*time), channel.as_str(), *generation),
        None => (None, "", 0),
    };
    // Of each channel no more than the page can hold.
    let rows = sqlx::query!(
        r#"SELECT c.name AS channel, h.generation, h.action, f.version AS "from?", t.version AS "to?", h.reason,
                  a.name AS actor, h.moved_at
           FROM channels c CROSS JOIN LATERAL (
               SELECT * FROM channel_moves made
               WHERE made.channel_id = c.id AND made.moved_at <= coalesce($2::timestamptz, 'infinity')
                 AND (made.moved_at, c.name, made.generation) < (coalesce($2, 'infinity'), $3, $4)
               ORDER BY made.moved_at DESC, made.generation DESC LIMIT $5
           ) h
           LEFT JOIN releases f ON f.id = h.from_release_id LEFT JOIN releases t ON t.id = h.to_release_id
           JOIN actors a ON a.id = h.actor_id
           WHERE c.module_id = $1 ORDER BY h.moved_at DESC, c.name DESC, h.generation DESC LIMIT $5"#,
        module,
        time,
        channel,
        generation,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ModuleMove {
            channel: row.channel,
            made: Move {
                generation: row.generation,
                action: row.action,
                from: row.from,
                to: row.to,
                reason: row.reason,
                actor: row.actor,
                moved_at: row.moved_at,
            },
        })
        .collect())
}

/// The releases that a channel pointed at, the latest first, each once. Those that it was rolled back
/// from, or left for a quarantine, are left out unless it was pointed at them again since: going back
/// twice must not lead to what the first time led away from.
///
/// # Errors
/// When the database does not answer.
pub async fn pointed_at(db: impl PgExecutor<'_>, channel: Uuid) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        r#"SELECT m.to_release_id AS "id!" FROM channel_moves m
           WHERE m.channel_id = $1 AND m.to_release_id IS NOT NULL GROUP BY m.to_release_id
           HAVING max(m.generation) > coalesce((
               SELECT max(l.generation) FROM channel_moves l
               WHERE l.channel_id = $1 AND l.from_release_id = m.to_release_id
                 AND l.action IN ('roll_back', 'quarantine')), 0)
           ORDER BY max(m.generation) DESC"#,
        channel
    );
    Ok(ids.fetch_all(db).await?)
}
