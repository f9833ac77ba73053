//! What is to be seen at a glance: counts, and the few releases and pairs that want attention.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::modules::Visible;
use super::parse;
use crate::domain::module::Kind;
use crate::domain::release::{Stage, State};
use crate::error::Result;

/// A release, as a line.
#[derive(Debug, Clone)]
pub struct Brief {
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
    pub stage: Option<Stage>,
    /// Who made it.
    pub created_by: String,
    /// Since when it is in this state.
    pub since: DateTime<Utc>,
    /// The reason that was given, or the message of the first finding that refuses.
    pub reason: Option<String>,
    /// How many findings refuse it.
    pub errors: i64,
}

/// How many modules there are, by kind.
///
/// # Errors
/// When the database does not answer.
pub async fn modules(db: impl PgExecutor<'_>, visible: &Visible) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT m.kind, count(*) AS "count!" FROM modules m JOIN namespaces n ON n.id = m.namespace_id
           WHERE $1 OR n.visibility = 'public' OR lower(n.name) = ANY($2) GROUP BY m.kind"#,
        visible.everything,
        &visible.namespaces
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.kind, row.count)).collect())
}

/// How many releases there are, by state. Drafts are left out, and refused attempts are counted only
/// where the caller may publish.
///
/// # Errors
/// When the database does not answer.
pub async fn releases(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    publishable: &Visible,
) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT r.state, count(*) AS "count!" FROM releases r JOIN modules m ON m.id = r.module_id
           JOIN namespaces n ON n.id = m.namespace_id
           WHERE r.state <> 'draft' AND CASE WHEN r.state = 'rejected' THEN $3 OR lower(n.name) = ANY($4)
                 ELSE $1 OR n.visibility = 'public' OR lower(n.name) = ANY($2) END
           GROUP BY r.state"#,
        visible.everything,
        &visible.namespaces,
        publishable.everything,
        &publishable.namespaces
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.state, row.count)).collect())
}

/// Releases in one of these states: those in it the longest first when they wait for something, else the
/// latest first. `public` says whether everybody may see those of public namespaces.
///
/// # Errors
/// When the database does not answer.
pub async fn in_states(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    public: bool,
    states: &[State],
    oldest_first: bool,
    limit: i64,
) -> Result<Vec<Brief>> {
    let states: Vec<String> = states.iter().map(|state| state.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        r#"SELECT r.id, m.name AS module, r.version, m.kind, r.state, r.stage, a.name AS created_by,
                  r.state_since, r.state_reason, refusing.count AS "errors!", refusing.message
           FROM (
               SELECT r.id FROM releases r JOIN modules m ON m.id = r.module_id
               JOIN namespaces n ON n.id = m.namespace_id
               WHERE r.state IN ('verifying', 'in_review', 'rejected', 'quarantined') AND r.state = ANY($1)
                 AND ($2 OR $4 AND n.visibility = 'public' OR lower(n.name) = ANY($3))
               ORDER BY CASE WHEN $5 THEN r.state_since END, r.state_since DESC, r.id LIMIT $6
           ) chosen
           JOIN releases r ON r.id = chosen.id JOIN modules m ON m.id = r.module_id
           JOIN actors a ON a.id = r.created_by
           CROSS JOIN LATERAL (
               SELECT count(*) AS count, (array_agg(f.value ->> 'message' ORDER BY f.ordinality))[1] AS message
               FROM jsonb_array_elements(r.findings) WITH ORDINALITY f
               WHERE f.value ->> 'severity' = 'error'
           ) refusing
           ORDER BY CASE WHEN $5 THEN r.state_since END, r.state_since DESC, r.id"#,
        &states,
        visible.everything,
        &visible.namespaces,
        public,
        oldest_first,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Brief {
                id: row.id,
                module: row.module,
                version: row.version,
                kind: parse(&row.kind)?,
                state: row.state.parse().map_err(|()| super::inconsistent("an unknown state"))?,
                stage: row.stage.and_then(|stage| stage.parse().ok()),
                created_by: row.created_by,
                since: row.state_since,
                reason: row.state_reason.or(row.message),
                errors: row.errors,
            })
        })
        .collect()
}

/// A pair that was found not to work.
#[derive(Debug, Clone)]
pub struct Broken {
    /// What attaches.
    pub dependent: String,
    /// What it attaches to.
    pub base: String,
    /// The message of the first finding that refuses.
    pub reason: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Pairs of releases that may both be used, that the range admits, and that were found not to work, the
/// latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn broken(db: impl PgExecutor<'_>, visible: &Visible, limit: i64) -> Result<Vec<Broken>> {
    let rows = sqlx::query!(
        r#"SELECT dm.name AS dependent, d.version, bm.name AS base, b.version AS base_version, p.updated_at,
                  (SELECT f.value ->> 'message' FROM jsonb_array_elements(p.findings) WITH ORDINALITY f
                   WHERE f.value ->> 'severity' = 'error' ORDER BY f.ordinality LIMIT 1) AS message
           FROM pairs p JOIN releases d ON d.id = p.dependent_id JOIN releases b ON b.id = p.base_id
           JOIN modules dm ON dm.id = d.module_id JOIN modules bm ON bm.id = b.module_id
           JOIN namespaces n ON n.id = dm.namespace_id JOIN namespaces o ON o.id = bm.namespace_id
           WHERE p.verdict = 'incompatible' AND p.declared = 'compatible'
             AND d.state IN ('published', 'deprecated') AND b.state IN ('published', 'deprecated')
             AND ($1 OR n.visibility = 'public' OR lower(n.name) = ANY($2))
             AND ($1 OR o.visibility = 'public' OR lower(o.name) = ANY($2))
           ORDER BY p.updated_at DESC LIMIT $3"#,
        visible.everything,
        &visible.namespaces,
        limit
    );
    let broken = rows.fetch_all(db).await?.into_iter().map(|row| Broken {
        dependent: format!("{}@{}", row.dependent, row.version),
        base: format!("{}@{}", row.base, row.base_version),
        reason: row.message,
        since: row.updated_at,
    });
    Ok(broken.collect())
}
