//! The matrix as a grid: columns, a page of rows, and the cells between them.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::modules::Visible;
use super::{parse, state};
use crate::domain::module::Kind;
use crate::domain::release::State;
use crate::domain::verdict::Verdict;
use crate::domain::version::Version;
use crate::error::Result;

/// A release of the module that others attach to.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its id.
    pub id: Uuid,
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
}

/// The highest `most` releases of a module that were published, the lowest of these first.
///
/// # Errors
/// When the database does not answer.
pub async fn columns(db: impl PgExecutor<'_>, module: Uuid, most: i64) -> Result<Vec<Column>> {
    let rows = sqlx::query!(
        "SELECT id, version, state FROM releases
         WHERE module_id = $1 AND state IN ('published', 'deprecated', 'yanked', 'quarantined')
         ORDER BY version_key DESC LIMIT $2",
        module,
        most
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .rev()
        .map(|row| Ok(Column { id: row.id, version: parse(&row.version)?, state: state(&row.state)? }))
        .collect()
}

/// A release that attaches to the module.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// Its module.
    pub module: String,
    /// What that is.
    pub kind: Kind,
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
}

/// Where a page of rows begins: behind this module in lower case, version's sort key and release.
pub type RowKey = (String, Vec<u8>, Uuid);

/// Which rows.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Part of the module's name, in any case.
    pub query: Option<String>,
    /// With a cell of this verdict.
    pub verdict: Option<Verdict>,
    /// Behind this row.
    pub after: Option<RowKey>,
}

/// Published releases that require a module and that the caller may read, by module and version.
///
/// # Errors
/// When the database does not answer.
pub async fn rows(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    module: &str,
    columns: &[Uuid],
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Row>> {
    let start = (String::new(), Vec::new(), Uuid::nil());
    let (name, version, id) = wanted.after.as_ref().unwrap_or(&start);
    let rows = sqlx::query!(
        "SELECT d.id, m.name AS module, m.kind, d.version, d.state FROM releases d
         JOIN modules m ON m.id = d.module_id JOIN namespaces n ON n.id = m.namespace_id
         WHERE EXISTS (SELECT 1 FROM requirements q WHERE q.release_id = d.id AND lower(q.module) = lower($1))
           AND d.state IN ('published', 'deprecated', 'yanked', 'quarantined')
           AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))
           AND ($4::text IS NULL OR strpos(lower(m.name), lower($4)) > 0)
           AND ($5::text IS NULL OR EXISTS (
               SELECT 1 FROM pairs p
               WHERE p.dependent_id = d.id AND p.base_id = ANY($6) AND p.verdict = $5))
           AND (lower(m.name), d.version_key, d.id) > ($7, $8, $9)
         ORDER BY lower(m.name), d.version_key, d.id LIMIT $10",
        module,
        visible.everything,
        &visible.namespaces,
        wanted.query.as_deref(),
        wanted.verdict.map(Verdict::as_str),
        columns,
        name,
        version,
        id,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Row {
                id: row.id,
                module: row.module,
                kind: parse(&row.kind)?,
                version: parse(&row.version)?,
                state: state(&row.state)?,
            })
        })
        .collect()
}

/// What is known of a release with whatever it attaches to.
#[derive(Debug, Clone)]
pub struct Cells {
    /// The release.
    pub dependent: Uuid,
    /// What it was paired with.
    pub bases: Vec<Uuid>,
    /// For each of these the first letter of the verdict.
    pub letters: String,
}

/// The verdicts of these releases.
///
/// # Errors
/// When the database does not answer.
pub async fn cells(db: impl PgExecutor<'_>, dependents: &[Uuid]) -> Result<Vec<Cells>> {
    // Aggregated for each release by itself: nothing is sorted, and only the index is read.
    let cells = sqlx::query_as!(
        Cells,
        r#"SELECT d.id AS "dependent!", bases AS "bases!", letters AS "letters!"
           FROM unnest($1::uuid[]) AS d (id) CROSS JOIN LATERAL (
               SELECT array_agg(p.base_id) AS bases, string_agg(left(p.verdict, 1), '') AS letters
               FROM pairs p WHERE p.dependent_id = d.id
           ) known WHERE bases IS NOT NULL"#,
        dependents
    );
    Ok(cells.fetch_all(db).await?)
}
