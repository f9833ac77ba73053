//! Events: what happened, in order.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use super::modules::Visible;
use crate::error::Result;

/// The channel on which the database announces that there are new ones.
pub const ANNOUNCED: &str = "cambium_events";

/// An event to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// What happened, as `release.published`.
    pub kind: &'a str,
    /// Whose readers may see it.
    pub namespace: Uuid,
    /// Whether only those who may publish there may see it.
    pub for_publishers: bool,
    /// Full name of the module that it concerns.
    pub module: &'a str,
    /// The version that it concerns.
    pub version: Option<String>,
    /// Full name of the other side's module where it concerns a pair.
    pub base_module: Option<&'a str>,
    /// Whose readers the other side has: who may not read both does not see it.
    pub base_namespace: Option<Uuid>,
    /// Who did it; none is the service itself.
    pub actor: Option<Uuid>,
    /// Facts.
    pub data: Value,
}

/// An event as it was recorded.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the order.
    pub cursor: Cursor,
    /// When.
    pub happened_at: DateTime<Utc>,
    /// What.
    pub kind: String,
    /// Full name of the module.
    pub module: String,
    /// The version.
    pub version: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// Facts.
    pub data: Value,
}

/// A place in the order of all events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The transaction that recorded it.
    pub transaction: i64,
    /// Its number.
    pub id: i64,
}

/// An event with what decides who may see it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The event.
    pub event: Event,
    /// Whether only those who may publish there may see it.
    pub for_publishers: bool,
    /// Its namespace.
    pub namespace: String,
    /// Whether everybody may read that.
    pub public: bool,
    /// Full name of the other side's module where it concerns a pair.
    pub base_module: Option<String>,
    /// The other side's namespace.
    pub base_namespace: Option<String>,
    /// Whether everybody may read that.
    pub base_public: bool,
}

/// Who asks: what they may read, and where they may publish.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// What they may read.
    pub readable: Visible,
    /// Where they may publish.
    pub publishable: Visible,
}

/// Records events in the transaction of the change, in their order.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, events: &[NewEvent<'_>]) -> Result<()> {
    fn column<'a, T>(events: &'a [NewEvent<'_>], of: impl Fn(&'a NewEvent<'_>) -> T) -> Vec<T> {
        events.iter().map(of).collect()
    }
    sqlx::query!(
        "INSERT INTO events
           (kind, namespace_id, for_publishers, module, version, base_module, base_namespace_id, actor_id, data)
         SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::uuid[],
                              $8::uuid[], $9::jsonb[])",
        &column(events, |event| event.kind.to_owned()),
        &column(events, |event| event.namespace),
        &column(events, |event| event.for_publishers),
        &column(events, |event| event.module.to_owned()),
        &column(events, |event| event.version.clone()) as &[Option<String>],
        &column(events, |event| event.base_module.map(str::to_owned)) as &[Option<String>],
        &column(events, |event| event.base_namespace) as &[Option<Uuid>],
        &column(events, |event| event.actor) as &[Option<Uuid>],
        &column(events, |event| event.data.clone())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

struct Row {
    transaction: i64,
    id: i64,
    happened_at: DateTime<Utc>,
    kind: String,
    module: String,
    version: Option<String>,
    actor: Option<String>,
    data: Value,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            cursor: Cursor { transaction: row.transaction, id: row.id },
            happened_at: row.happened_at,
            kind: row.kind,
            module: row.module,
            version: row.version,
            actor: row.actor,
            data: row.data,
        }
    }
}

/// Events behind `cursor`, in order, that no transaction under way can put others before; of one module,
/// or of pairs whose base it is, where it is named.
///
/// # Errors
/// When the database does not answer.
pub async fn after(
    db: impl PgExecutor<'_>,
    audience: &Audience,
    module: Option<&str>,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<Event>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT e.transaction, e.id, e.happened_at, e.kind, e.module, e.version, a.name AS "actor?", e.data
           FROM events e JOIN namespaces n ON n.id = e.namespace_id LEFT JOIN actors a ON a.id = e.actor_id
           LEFT JOIN namespaces b ON b.id = e.base_namespace_id
           WHERE (e.transaction, e.id) > ($1, $2)
             AND e.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
             AND CASE WHEN e.for_publishers THEN $3 OR lower(n.name) = ANY($4)
                 ELSE $5 OR n.visibility = 'public' OR lower(n.name) = ANY($6) END
             AND (b.id IS NULL OR $5 OR b.visibility = 'public' OR lower(b.name) = ANY($6))
             AND ($7::text IS NULL OR lower(e.module) = lower($7) OR lower(e.base_module) = lower($7))
           ORDER BY e.transaction, e.id LIMIT $8"#,
        cursor.transaction,
        cursor.id,
        audience.publishable.everything,
        &audience.publishable.namespaces,
        audience.readable.everything,
        &audience.readable.namespaces,
        module,
        limit
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Event::from).collect())
}

/// Events behind `cursor`, in order, that no transaction under way can put others before, whoever may see
/// them.
///
/// # Errors
/// When the database does not answer.
pub async fn told_after(db: impl PgExecutor<'_>, cursor: Cursor, limit: i64) -> Result<Vec<Told>> {
    let rows = sqlx::query!(
        r#"SELECT e.transaction, e.id, e.happened_at, e.kind, e.module, e.version, a.name AS "actor?", e.data,
                  e.for_publishers, n.name AS namespace, n.visibility, e.base_module,
                  b.name AS "base_namespace?", b.visibility AS "base_visibility?"
           FROM events e JOIN namespaces n ON n.id = e.namespace_id LEFT JOIN actors a ON a.id = e.actor_id
           LEFT JOIN namespaces b ON b.id = e.base_namespace_id
           WHERE (e.transaction, e.id) > ($1, $2)
             AND e.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           ORDER BY e.transaction, e.id LIMIT $3"#,
        cursor.transaction,
        cursor.id,
        limit
    );
    let told = rows.fetch_all(db).await?.into_iter().map(|row| Told {
        event: Event {
            cursor: Cursor { transaction: row.transaction, id: row.id },
            happened_at: row.happened_at,
            kind: row.kind,
            module: row.module,
            version: row.version,
            actor: row.actor,
            data: row.data,
        },
        for_publishers: row.for_publishers,
        namespace: row.namespace,
        public: row.visibility == "public",
        base_module: row.base_module,
        base_namespace: row.base_namespace,
        base_public: row.base_visibility.as_deref() == Some("public"),
    });
    Ok(told.collect())
}

/// The latest events, the latest first; steps of verifications are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: impl PgExecutor<'_>, audience: &Audience, limit: i64) -> Result<Vec<Event>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT e.transaction, e.id, e.happened_at, e.kind, e.module, e.version, a.name AS "actor?", e.data
           FROM events e JOIN namespaces n ON n.id = e.namespace_id LEFT JOIN actors a ON a.id = e.actor_id
           LEFT JOIN namespaces b ON b.id = e.base_namespace_id
           WHERE e.kind <> 'release.verifying'
             AND CASE WHEN e.for_publishers THEN $1 OR lower(n.name) = ANY($2)
                 ELSE $3 OR n.visibility = 'public' OR lower(n.name) = ANY($4) END
             AND (b.id IS NULL OR $3 OR b.visibility = 'public' OR lower(b.name) = ANY($4))
           ORDER BY e.transaction DESC, e.id DESC LIMIT $5"#,
        audience.publishable.everything,
        &audience.publishable.namespaces,
        audience.readable.everything,
        &audience.readable.namespaces,
        limit
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Event::from).collect())
}

/// The place behind everything that is certain by now, and whether there are events that are not yet.
///
/// # Errors
/// When the database does not answer.
pub async fn now(db: impl PgExecutor<'_>) -> Result<(Cursor, bool)> {
    let row = sqlx::query!(
        r#"WITH line AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest)
           SELECT oldest AS "oldest!", EXISTS (SELECT 1 FROM events WHERE transaction >= oldest) AS "more!"
           FROM line"#
    )
    .fetch_one(db)
    .await?;
    Ok((Cursor { transaction: row.oldest - 1, id: i64::MAX }, row.more))
}

/// Forgets events older than thirty days: the audit log keeps what was done.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(db: impl PgExecutor<'_>) -> Result<()> {
    sqlx::query!("DELETE FROM events WHERE happened_at < now() - interval '30 days'").execute(db).await?;
    Ok(())
}

/// Puts events that claim to come from transactions that never were into the past: a restored database
/// counts its transactions anew, and readers would wait for them for ever.
///
/// # Errors
/// When the database does not answer.
pub async fn mend_after_restore(db: impl PgExecutor<'_>) -> Result<()> {
    sqlx::query!(
        "UPDATE events SET transaction = 0
         WHERE transaction >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    )
    .execute(db)
    .await?;
    Ok(())
}
