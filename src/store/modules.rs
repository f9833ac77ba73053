//! Modules.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Tx, parse, state, verdict};
use crate::domain::module::Kind;
use crate::domain::name::ModuleName;
use crate::domain::release::State;
use crate::domain::verdict::Verdict;
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

impl Visible {
    /// What the service itself sees.
    pub const fn everything() -> Self {
        Self { everything: true, namespaces: Vec::new() }
    }
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

/// What a list of modules is limited to. What is empty limits nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name, of the description or of a task, in any case.
    pub query: Option<String>,
    /// Of one of these kinds.
    pub kinds: Vec<Kind>,
    /// In one of these namespaces.
    pub namespaces: Vec<String>,
    /// With one of these tasks.
    pub tasks: Vec<String>,
    /// Attached to one of these modules, or made from one of these models of another place.
    pub bases: Vec<String>,
    /// The newest release in one of these states; `None` is that of a module without any.
    pub states: Vec<Option<State>>,
}

/// The word for a module that has no published release.
const NO_RELEASE: &str = "none";

/// Reads which of the visible modules pass which part of a filter, as `seen`, and goes on with `$tail`. Its
/// arguments are $1 to $8; those of the tail come behind.
macro_rules! seen {
    ($visible:expr, $filter:expr, $tail:tt $(, $argument:expr)*) => {
        sqlx::query!(
            r#"WITH seen AS (
                   SELECT m.*, n.name AS namespace,
                          cardinality($4::text[]) = 0 OR m.kind = ANY($4) AS by_kind,
                          cardinality($5::text[]) = 0 OR lower(n.name) = ANY(SELECT lower(unnest($5))) AS by_namespace,
                          cardinality($6::text[]) = 0 OR m.tasks && $6 AS by_task,
                          cardinality($7::text[]) = 0 OR m.bases && ($7 || ARRAY(
                              SELECT b.name FROM modules b JOIN unnest($7) AS given (name)
                              ON lower(b.name) = lower(given.name))) AS by_base,
                          cardinality($8::text[]) = 0 OR m.state = ANY($8) AS by_state
                   FROM modules m JOIN namespaces n ON n.id = m.namespace_id
                   WHERE ($1 OR n.visibility = 'public' OR lower(n.name) = ANY($2))
                     AND ($3::text IS NULL OR strpos(lower(m.name), lower($3)) > 0
                          OR strpos(lower(m.description), lower($3)) > 0
                          OR EXISTS (SELECT 1 FROM unnest(m.tasks) AS task WHERE strpos(lower(task), lower($3)) > 0))
               ) "# + $tail,
            $visible.everything,
            &$visible.namespaces,
            $filter.query,
            &$filter.kinds.iter().map(|kind| kind.as_str().to_owned()).collect::<Vec<_>>(),
            &$filter.namespaces,
            &$filter.tasks,
            &$filter.bases,
            &$filter.states.iter().map(|state| state.map_or(NO_RELEASE, State::as_str).to_owned()).collect::<Vec<_>>()
            $(, $argument)*
        )
    };
}

/// One line of a list of modules.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The module.
    pub module: Module,
    /// Its highest release that may be used.
    pub latest_release_id: Option<Uuid>,
    /// That release's version.
    pub latest_version: Option<String>,
    /// When that was published.
    pub latest_published_at: Option<DateTime<Utc>>,
    /// How many releases it has that are published, deprecated, yanked or quarantined.
    pub releases: i64,
    /// The state of the highest of these.
    pub state: Option<State>,
    /// Tasks of the latest release.
    pub tasks: Vec<String>,
    /// What the latest release attaches to and comes from.
    pub bases: Vec<String>,
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
    let rows = seen!(
        visible,
        filter,
        r#"SELECT id, namespace_id, name, kind, description, revision, created_at, latest_release_id, latest_version,
                  latest_published_at, releases, state, tasks, bases
           FROM seen WHERE by_kind AND by_namespace AND by_task AND by_base AND by_state
             AND lower(name) > lower($9) ORDER BY lower(name) LIMIT $10"#,
        after,
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
                latest_release_id: row.latest_release_id,
                latest_version: row.latest_version,
                latest_published_at: row.latest_published_at,
                releases: row.releases,
                state: Some(row.state.as_str()).filter(|word| *word != NO_RELEASE).map(state).transpose()?,
                tasks: row.tasks,
                bases: row.bases,
            })
        })
        .collect()
}

/// How many modules have a value.
#[derive(Debug, Clone)]
pub struct Count {
    /// What it is a value of: `total`, `kind`, `namespace`, `task`, `base` or `state`.
    pub facet: String,
    /// The value.
    pub value: String,
    /// The modules.
    pub count: i64,
}

/// How many modules there are, and how many with each kind, namespace, task, base and state: each of these
/// counted under the other parts of the filter, the most first, at most 50.
///
/// # Errors
/// When the database does not answer.
pub async fn count(db: impl PgExecutor<'_>, visible: &Visible, filter: &Filter) -> Result<Vec<Count>> {
    let rows = seen!(
        visible,
        filter,
        r#", valued AS (
               SELECT 'total' AS facet, '' AS value FROM seen
               WHERE by_kind AND by_namespace AND by_task AND by_base AND by_state
               UNION ALL SELECT 'kind', kind FROM seen WHERE by_namespace AND by_task AND by_base AND by_state
               UNION ALL SELECT 'namespace', namespace FROM seen WHERE by_kind AND by_task AND by_base AND by_state
               UNION ALL SELECT 'task', unnest(tasks) FROM seen
               WHERE by_kind AND by_namespace AND by_base AND by_state
               UNION ALL SELECT 'base', unnest(bases) FROM seen
               WHERE by_kind AND by_namespace AND by_task AND by_state
               UNION ALL SELECT 'state', state FROM seen WHERE by_kind AND by_namespace AND by_task AND by_base
           )
           SELECT facet AS "facet!", value AS "value!", modules AS "count!" FROM (
               SELECT facet, value, count(*) AS modules,
                      row_number() OVER (PARTITION BY facet ORDER BY count(*) DESC, value) AS place
               FROM valued GROUP BY facet, value
           ) counted WHERE place <= 50 ORDER BY facet, place"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| Count { facet: row.facet, value: row.value, count: row.count }).collect())
}

/// A module that attaches to another.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Its name.
    pub module: String,
    /// What it is.
    pub kind: Kind,
    /// Its highest version that may be used.
    pub version: String,
    /// The versions of the other that this version admits.
    pub range: String,
    /// The other's highest version that may be used.
    pub base_version: Option<String>,
    /// What is known of the two.
    pub verdict: Option<Verdict>,
}

/// Modules whose latest release requires a module, by name, behind `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn attached(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    base: &Module,
    after: &str,
    limit: i64,
) -> Result<Vec<Attached>> {
    // A manifest may name a module twice; its first word counts.
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (lower(m.name)) m.name AS module, m.kind, r.version, q.version_range AS range,
                  b.latest_version AS "base_version?", p.verdict AS "verdict?"
           FROM requirements q JOIN releases r ON r.id = q.release_id JOIN modules m ON m.latest_release_id = r.id
           JOIN namespaces n ON n.id = m.namespace_id JOIN modules b ON b.id = $1
           LEFT JOIN pairs p ON p.dependent_id = r.id AND p.base_id = b.latest_release_id
           WHERE lower(q.module) = lower($2) AND ($3 OR n.visibility = 'public' OR lower(n.name) = ANY($4))
             AND lower(m.name) > lower($5)
           ORDER BY lower(m.name), q.position LIMIT $6"#,
        base.id,
        base.name.as_str(),
        visible.everything,
        &visible.namespaces,
        after,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Attached {
                module: row.module,
                kind: parse(&row.kind)?,
                version: row.version,
                range: row.range,
                base_version: row.base_version,
                verdict: row.verdict.as_deref().map(verdict).transpose()?,
            })
        })
        .collect()
}

/// Brings what lists show of a module up to date with its releases. Waits for others that do so: what they
/// changed is seen.
///
/// # Errors
/// When the database does not answer.
pub async fn summarise(tx: &mut Tx, id: Uuid) -> Result<()> {
    // Statements of their own: the second sees what was committed while the first waited.
    sqlx::query!("SELECT id FROM modules WHERE id = $1 FOR NO KEY UPDATE", id)
        .fetch_optional(&mut **tx)
        .await?;
    sqlx::query!("SELECT summarise_module($1)", id).execute(&mut **tx).await?;
    Ok(())
}
