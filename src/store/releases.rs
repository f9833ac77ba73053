//! Releases, their files and requirements.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Tx, digest, parse, state};
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::interface::Interface;
use crate::domain::manifest::{FileEntry, Manifest};
use crate::domain::module::Kind;
use crate::domain::name::ModuleName;
use crate::domain::release::{Stage, State};
use crate::domain::version::Version;
use crate::error::Result;

/// A release, without its files and what was read from them.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its id.
    pub id: Uuid,
    /// Its module's id.
    pub module_id: Uuid,
    /// The namespace's id.
    pub namespace_id: Uuid,
    /// Its module.
    pub module: ModuleName,
    /// What its module is.
    pub kind: Kind,
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
    /// Why it is there, where somebody had to say.
    pub state_reason: Option<String>,
    /// What to use instead.
    pub replacement: Option<String>,
    /// How far its verification is, while it is being verified.
    pub stage: Option<Stage>,
    /// Names it by content.
    pub digest: Digest,
    /// Names what it computes.
    pub content_digest: Digest,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its interface, once verified.
    pub interface: Option<Interface>,
    /// What verifying found.
    pub findings: Vec<Finding>,
    /// How often verifying was begun.
    pub attempts: i32,
    /// Counts its changes.
    pub revision: i64,
    /// Who made it.
    pub created_by_id: Uuid,
    /// That actor's name.
    pub created_by: String,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
}

impl Release {
    /// `namespace/name@version`.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.module, self.version)
    }
}

struct Row {
    id: Uuid,
    module_id: Uuid,
    namespace_id: Uuid,
    module: String,
    kind: String,
    version: String,
    state: String,
    state_reason: Option<String>,
    replacement: Option<String>,
    stage: Option<String>,
    digest: Vec<u8>,
    content_digest: Vec<u8>,
    manifest: Json<Manifest>,
    interface: Option<Json<Interface>>,
    findings: Json<Vec<Finding>>,
    attempts: i32,
    revision: i64,
    created_by_id: Uuid,
    created_by: String,
    created_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    published_at: Option<DateTime<Utc>>,
}

impl Row {
    fn into_release(self) -> Result<Release> {
        Ok(Release {
            id: self.id,
            module_id: self.module_id,
            namespace_id: self.namespace_id,
            module: parse(&self.module)?,
            kind: parse(&self.kind)?,
            version: parse(&self.version)?,
            state: state(&self.state)?,
            state_reason: self.state_reason,
            replacement: self.replacement,
            stage: self.stage.and_then(|stage| stage.parse().ok()),
            digest: digest(&self.digest)?,
            content_digest: digest(&self.content_digest)?,
            manifest: self.manifest.0,
            interface: self.interface.map(|json| json.0),
            findings: self.findings.0,
            attempts: self.attempts,
            revision: self.revision,
            created_by_id: self.created_by_id,
            created_by: self.created_by,
            created_at: self.created_at,
            submitted_at: self.submitted_at,
            published_at: self.published_at,
        })
    }
}

macro_rules! select {
    ($tail:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT r.id, r.module_id, m.namespace_id, m.name AS module, m.kind, r.version, r.state,
                      r.state_reason, r.replacement, r.stage, r.digest, r.content_digest,
                      r.manifest AS "manifest: Json<Manifest>", r.interface AS "interface: Json<Interface>",
                      r.findings AS "findings: Json<Vec<Finding>>", r.attempts, r.revision,
                      r.created_by AS created_by_id, a.name AS created_by, r.created_at, r.submitted_at,
                      r.published_at
               FROM releases r JOIN modules m ON m.id = r.module_id JOIN actors a ON a.id = r.created_by "#
                + $tail,
            $($argument),*
        )
    };
}

fn one(row: Option<Row>) -> Result<Option<Release>> {
    row.map(Row::into_release).transpose()
}

fn many(rows: Vec<Row>) -> Result<Vec<Release>> {
    rows.into_iter().map(Row::into_release).collect()
}

/// The release of that id.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Release>> {
    one(select!("WHERE r.id = $1", id).fetch_optional(db).await?)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Release>> {
    one(select!("WHERE r.id = $1 FOR NO KEY UPDATE OF r", id).fetch_optional(&mut **tx).await?)
}

/// The release that holds a version: submitted or beyond, not rejected.
///
/// # Errors
/// When the database does not answer.
pub async fn by_version(db: impl PgExecutor<'_>, module: Uuid, version: &Version) -> Result<Option<Release>> {
    let row = select!(
        "WHERE r.module_id = $1 AND r.version = $2 AND r.state NOT IN ('draft', 'rejected')",
        module,
        version.to_string()
    );
    one(row.fetch_optional(db).await?)
}

/// The versions of a module that are taken, and whether each may be used.
///
/// # Errors
/// When the database does not answer.
pub async fn versions(db: impl PgExecutor<'_>, module: Uuid) -> Result<Vec<(Version, bool)>> {
    let rows = sqlx::query!(
        r#"SELECT version, state IN ('published', 'deprecated') AS "healthy!" FROM releases
           WHERE module_id = $1 AND state NOT IN ('draft', 'rejected')"#,
        module
    );
    rows.fetch_all(db).await?.into_iter().map(|row| Ok((parse(&row.version)?, row.healthy))).collect()
}

/// The release that a channel points at.
///
/// # Errors
/// When the database does not answer.
pub async fn by_channel(db: impl PgExecutor<'_>, module: Uuid, channel: &str) -> Result<Option<Release>> {
    let row = select!(
        "JOIN channels c ON c.release_id = r.id WHERE c.module_id = $1 AND c.name = $2",
        module,
        channel
    );
    one(row.fetch_optional(db).await?)
}

/// Releases of a module from the highest version down, below `below` (a version's sort key).
/// Drafts and rejected attempts are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: impl PgExecutor<'_>,
    module: Uuid,
    below: Option<&[u8]>,
    limit: i64,
) -> Result<Vec<Release>> {
    let rows = select!(
        "WHERE r.module_id = $1 AND r.state NOT IN ('draft', 'rejected')
           AND ($2::bytea IS NULL OR r.version_key < $2)
         ORDER BY r.version_key DESC LIMIT $3",
        module,
        below,
        limit
    );
    many(rows.fetch_all(db).await?)
}

/// When the releases of a module were published, whatever became of them since.
///
/// # Errors
/// When the database does not answer.
pub async fn publication_times(db: impl PgExecutor<'_>, module: Uuid) -> Result<Vec<DateTime<Utc>>> {
    let times = sqlx::query_scalar!(
        r#"SELECT published_at AS "at!" FROM releases
           WHERE module_id = $1 AND published_at IS NOT NULL
             AND state IN ('published', 'deprecated', 'yanked', 'quarantined')"#,
        module
    );
    Ok(times.fetch_all(db).await?)
}

/// Drafts and rejected attempts of an actor, newest first, older than `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn drafts(
    db: impl PgExecutor<'_>,
    actor: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Release>> {
    let rows = select!(
        "WHERE r.created_by = $1 AND r.state IN ('draft', 'rejected') AND ($2::uuid IS NULL OR r.id < $2)
         ORDER BY r.id DESC LIMIT $3",
        actor,
        before,
        limit
    );
    many(rows.fetch_all(db).await?)
}

/// The newest draft or rejected attempt of the same content by the same actor.
///
/// # Errors
/// When the database does not answer.
pub async fn same_draft(
    db: impl PgExecutor<'_>,
    actor: Uuid,
    module: Uuid,
    version: &Version,
    content: &Digest,
) -> Result<Option<Release>> {
    let row = select!(
        "WHERE r.created_by = $1 AND r.module_id = $2 AND r.version = $3 AND r.digest = $4 AND r.state = 'draft'
         ORDER BY r.id DESC LIMIT 1",
        actor,
        module,
        version.to_string(),
        content.as_bytes().as_slice()
    );
    one(row.fetch_optional(db).await?)
}

/// Every healthy release of a module, the highest version first.
///
/// # Errors
/// When the database does not answer.
pub async fn healthy(db: impl PgExecutor<'_>, module: &ModuleName) -> Result<Vec<Release>> {
    let rows = select!(
        "WHERE lower(m.name) = lower($1) AND r.state IN ('published', 'deprecated')
         ORDER BY r.version_key DESC",
        module.as_str()
    );
    many(rows.fetch_all(db).await?)
}

/// The release of a module that a dependent was made for, whatever became of it since.
///
/// # Errors
/// When the database does not answer.
pub async fn home(db: impl PgExecutor<'_>, dependent: Uuid, module: &ModuleName) -> Result<Option<Release>> {
    let row = select!(
        "JOIN requirements q ON q.home = r.digest AND lower(q.module) = lower(m.name)
         WHERE q.release_id = $1 AND lower(q.module) = lower($2)
           AND r.state IN ('published', 'deprecated', 'yanked', 'quarantined') LIMIT 1",
        dependent,
        module.as_str()
    );
    one(row.fetch_optional(db).await?)
}

/// Writes down which release of a module a dependent was proven on when it was published: its home.
///
/// # Errors
/// When the database does not answer.
pub async fn set_home(tx: &mut Tx, dependent: Uuid, module: &ModuleName, home: &Digest) -> Result<()> {
    sqlx::query!(
        "UPDATE requirements SET home = $3 WHERE release_id = $1 AND lower(module) = lower($2)",
        dependent,
        module.as_str(),
        home.as_bytes().as_slice()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The files of a release, by path.
///
/// # Errors
/// When the database does not answer.
pub async fn files(db: impl PgExecutor<'_>, release: Uuid) -> Result<Vec<FileEntry>> {
    sqlx::query!("SELECT path, size, digest FROM release_files WHERE release_id = $1 ORDER BY path", release)
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| {
            Ok(FileEntry {
                path: parse(&row.path)?,
                size: row.size.cast_unsigned(),
                digest: digest(&row.digest)?,
            })
        })
        .collect()
}

/// One file of a release.
///
/// # Errors
/// When the database does not answer.
pub async fn file(db: impl PgExecutor<'_>, release: Uuid, path: &str) -> Result<Option<FileEntry>> {
    let row = sqlx::query!(
        "SELECT path, size, digest FROM release_files WHERE release_id = $1 AND path = $2",
        release,
        path
    );
    row.fetch_optional(db)
        .await?
        .map(|row| {
            Ok(FileEntry {
                path: parse(&row.path)?,
                size: row.size.cast_unsigned(),
                digest: digest(&row.digest)?,
            })
        })
        .transpose()
}

/// Whether these bytes are weights or code of a quarantined release, and of which.
///
/// # Errors
/// When the database does not answer.
pub async fn quarantined_blob(db: impl PgExecutor<'_>, blob: &Digest) -> Result<Option<String>> {
    let bad = sqlx::query_scalar!(
        "SELECT m.name || '@' || r.version AS \"bad!\" FROM release_files f
         JOIN releases r ON r.id = f.release_id JOIN modules m ON m.id = r.module_id
         WHERE f.digest = $1 AND r.state = 'quarantined'
           AND f.path ~* '\\.(safetensors|pt|pth|ts|bin|onnx|gguf)$' LIMIT 1",
        blob.as_bytes().as_slice()
    );
    Ok(bad.fetch_optional(db).await?)
}

/// A blob that belongs to a quarantined release, and which one.
///
/// # Errors
/// When the database does not answer.
pub async fn quarantined_bytes(db: impl PgExecutor<'_>, release: Uuid) -> Result<Vec<(String, String)>> {
    // Small texts are shared by many releases (a config, a license); what makes a release bad is in
    // its weights and code.
    let rows = sqlx::query!(
        "SELECT DISTINCT own.path, m.name || '@' || r.version AS \"bad!\"
         FROM release_files own JOIN release_files other ON other.digest = own.digest
         JOIN releases r ON r.id = other.release_id JOIN modules m ON m.id = r.module_id
         WHERE own.release_id = $1 AND r.state = 'quarantined'
           AND own.path ~* '\\.(safetensors|pt|pth|ts|bin|onnx|gguf)$'
         ORDER BY own.path",
        release
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.path, row.bad)).collect())
}
