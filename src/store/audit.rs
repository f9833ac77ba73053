//! The audit log: who changed what.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use super::modules::Visible;
use crate::domain::name::ModuleName;
use crate::error::Result;

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// Who did it; none is the service itself.
    pub actor: Option<Uuid>,
    /// What was done, as `release.submit`.
    pub action: &'a str,
    /// To what, as `demo/minilm@1.0.0`.
    pub subject: &'a str,
    /// Whose readers may see it; none concerns the whole registry.
    pub namespace: Option<Uuid>,
    /// Facts.
    pub detail: Value,
    /// The request that did it.
    pub request_id: Option<&'a str>,
}

/// An entry as it was written.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When.
    pub happened_at: DateTime<Utc>,
    /// Who; none is the service itself.
    pub actor: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// In which namespace.
    pub namespace: Option<String>,
    /// Facts.
    pub detail: Value,
    /// The request that did it.
    pub request_id: Option<String>,
}

/// Writes an entry in the transaction of the change.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, entry: &NewEntry<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO audit_entries (actor_id, action, subject, namespace_id, detail, request_id)
         VALUES ($1, $2, $3, $4, $5, $6)",
        entry.actor,
        entry.action,
        entry.subject,
        entry.namespace,
        entry.detail,
        entry.request_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a list of entries is limited to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this namespace.
    pub namespace: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// With this very subject.
    pub subject: Option<String>,
    /// With this action, or one of the group of this name.
    pub action: Option<String>,
    /// Of this module or one of its releases.
    pub module: Option<ModuleName>,
    /// Not before this time.
    pub since: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
}

/// Entries, newest first, older than `before`. Entries of the whole registry are only for those
/// who see everything.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    filter: &Filter,
    before: i64,
    limit: i64,
) -> Result<Vec<Entry>> {
    // A module's releases are between `name@` and `nameA`, byte by byte, whatever the collation.
    let entries = sqlx::query_as!(
        Entry,
        r#"SELECT e.id, e.happened_at, a.name AS "actor?", e.action, e.subject, n.name AS "namespace?", e.detail,
                  e.request_id
           FROM audit_entries e LEFT JOIN actors a ON a.id = e.actor_id
           LEFT JOIN namespaces n ON n.id = e.namespace_id
           WHERE e.id < $1 AND ($2 OR lower(n.name) = ANY($3))
             AND ($4::text IS NULL OR e.namespace_id = (SELECT id FROM namespaces WHERE lower(name) = lower($4)))
             AND ($5::text IS NULL OR e.actor_id = (SELECT id FROM actors WHERE lower(name) = lower($5)))
             AND ($6::text IS NULL OR e.subject = $6)
             AND ($7::text IS NULL OR e.action = $7 OR starts_with(e.action, $7 || '.'))
             AND ($8::text IS NULL OR lower(e.subject) = lower($8)
                  OR lower(e.subject) ~>=~ (lower($8) || '@') AND lower(e.subject) ~<~ (lower($8) || 'A'))
             AND ($9::timestamptz IS NULL OR e.happened_at >= $9)
             AND ($10::timestamptz IS NULL OR e.happened_at < $10)
           ORDER BY e.id DESC LIMIT $11"#,
        before,
        visible.everything,
        &visible.namespaces,
        filter.namespace.as_deref(),
        filter.actor.as_deref(),
        filter.subject.as_deref(),
        filter.action.as_deref(),
        filter.module.as_ref().map(ModuleName::as_str),
        filter.since,
        filter.until,
        limit
    );
    Ok(entries.fetch_all(db).await?)
}
