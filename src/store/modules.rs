//! Modules.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Tx, parse};
use crate::domain::module::Kind;
use crate::domain::name::ModuleName;
use crate::error::Result;

/// A named thing of one kind.
#[derive(Debug, Clone)]
pub struct Module {
    /// Its id.
    pub id: Uuid,
    /// The namespace that owns it.
    pub namespace_id: Uuid,
    /// `namespace/name`.
    pub name: ModuleName,
    /// What it is.
    pub kind: Kind,
    /// What its owners say of it.
    pub description: String,
    /// Counts its changes.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Which namespaces a caller sees besides the public ones.
#[derive(Debug, Clone, Default)]
pub struct Visible {
    /// All of them.
    pub everything: bool,
    /// These, in lower case.
    pub namespaces: Vec<String>,
}

struct Row {
    id: Uuid,
    namespace_id: Uuid,
    name: String,
    kind: String,
    description: String,
    revision: i64,
    created_at: DateTime<Utc>,
}

impl Row {
    fn into_module(self) -> Result<Module> {
        Ok(Module {
            id: self.id,
            namespace_id: self.namespace_id,
            name: parse(&self.name)?,
            kind: parse(&self.kind)?,
            description: self.description,
            revision: self.revision,
            created_at: self.created_at,
        })
    }
}

/// Makes a module; says whether the name was free.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    namespace: Uuid,
    name: &ModuleName,
    kind: Kind,
    description: &str,
) -> Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO modules (id, namespace_id, name, kind, description) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (lower(name)) DO NOTHING",
        id,
        namespace,
        name.as_str(),
        kind.as_str(),
        description
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes what its owners say of it, when it is still at `revision`; says whether it was.
///
/// # Errors
/// When the database does not answer.
pub async fn describe(tx: &mut Tx, id: Uuid, revision: i64, description: &str) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE modules SET description = $3, revision = revision + 1 WHERE id = $1 AND revision = $2",
        id,
        revision,
        description
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The module of that full name.
///
/// # Errors
/// When the database does not answer.
pub async fn by_name(db: impl PgExecutor<'_>, name: &ModuleName) -> Result<Option<Module>> {
    sqlx::query_as!(
        Row,
        "SELECT id, namespace_id, name, kind, description, revision, created_at FROM modules
         WHERE lower(name) = lower($1)",
        name.as_str()
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_module)
    .transpose()
}

/// What a list of modules is limited to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name, in any case.
    pub query: Option<String>,
    /// Its kind.
    pub kind: Option<Kind>,
    /// Its namespace.
    pub namespace: Option<String>,
}

/// One line of a list of modules.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The module.
    pub module: Module,
    /// Its highest published version.
    pub latest_version: Option<String>,
    /// When that was published.
    pub latest_published_at: Option<DateTime<Utc>>,
    /// How many releases it has that are published, deprecated, yanked or quarantined.
    pub releases: i64,
}

/// Modules by name, behind `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    filter: &Filter,
    after: &str,
    limit: i64,
) -> Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"SELECT m.id, m.namespace_id, m.name, m.kind, m.description, m.revision, m.created_at,
                  latest.version AS "version?", latest.published_at AS "published_at?",
                  (SELECT count(*) FROM releases r WHERE r.module_id = m.id AND r.published_at IS NOT NULL)
                      AS "releases!"
           FROM modules m JOIN namespaces n ON n.id = m.namespace_id
           LEFT JOIN LATERAL (
               SELECT r.version, r.published_at FROM releases r
               WHERE r.module_id = m.id AND r.state IN ('published', 'deprecated')
               ORDER BY r.version_key DESC LIMIT 1
           ) latest ON true
           WHERE lower(m.name) > lower($1) AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))
             AND ($4::text IS NULL OR strpos(lower(m.name), lower($4)) > 0)
             AND ($5::text IS NULL OR m.kind = $5) AND ($6::text IS NULL OR lower(n.name) = lower($6))
           ORDER BY lower(m.name) LIMIT $7"#,
        after,
        visible.everything,
        &visible.namespaces,
        filter.query.as_deref(),
        filter.kind.map(Kind::as_str),
        filter.namespace.as_deref(),
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let module = Row {
                id: row.id,
                namespace_id: row.namespace_id,
                name: row.name,
                kind: row.kind,
                description: row.description,
                revision: row.revision,
                created_at: row.created_at,
            };
            Ok(Listed {
                module: module.into_module()?,
                latest_version: row.version,
                latest_published_at: row.published_at,
                releases: row.releases,
            })
        })
        .collect()
}
