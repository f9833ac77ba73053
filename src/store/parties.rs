//! Releases as far as pairing them asks: narrow rows, so that thousands are read in one query.

use std::collections::HashMap;

use semver::VersionReq;
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

use super::{digest, parse};
use crate::domain::digest::Digest;
use crate::domain::interface::Interface;
use crate::domain::name::ModuleName;
use crate::domain::structure::Anatomy;
use crate::domain::version::Version;
use crate::error::Result;

/// One side of a pair.
#[derive(Debug, Clone)]
pub struct Party {
    /// The release's id.
    pub id: Uuid,
    /// Its module.
    pub module: ModuleName,
    /// The namespace's id.
    pub namespace_id: Uuid,
    /// Its version.
    pub version: Version,
    /// Names what it computes.
    pub content: Digest,
    /// Names what its headers say.
    pub structure: Digest,
}

impl Party {
    /// `namespace/name@version`.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.module, self.version)
    }
}

/// A release that requires a module.
#[derive(Debug, Clone)]
pub struct Dependent {
    /// Who it is.
    pub party: Party,
    /// The releases of that module that it admits.
    pub range: VersionReq,
    /// The release of that module that it was made for, whatever became of it, and its content.
    pub home: Option<(Uuid, Digest)>,
    /// Contents of what it was made for of the other modules that it requires, sorted.
    pub companions: Vec<Digest>,
    /// Whether a channel points at it.
    pub in_use: bool,
    /// Whether it is the latest of its module.
    pub is_latest: bool,
}

struct DependentRow {
    id: Uuid,
    module: String,
    namespace_id: Uuid,
    version: String,
    content: Vec<u8>,
    structure: Vec<u8>,
    range: String,
    home: Option<Uuid>,
    home_content: Option<Vec<u8>>,
    companions: Vec<Vec<u8>>,
    in_use: bool,
    is_latest: bool,
}

impl DependentRow {
    fn into_dependent(self) -> Result<Dependent> {
        let home_content = self.home_content.as_deref().map(digest).transpose()?;
        let companions = self.companions.iter().map(|companion| digest(companion));
        Ok(Dependent {
            party: Party {
                id: self.id,
                module: parse(&self.module)?,
                namespace_id: self.namespace_id,
                version: parse(&self.version)?,
                content: digest(&self.content)?,
                structure: digest(&self.structure)?,
            },
            range: parse(&self.range)?,
            home: self.home.zip(home_content),
            companions: companions.collect::<Result<_>>()?,
            in_use: self.in_use,
            is_latest: self.is_latest,
        })
    }
}

/// The healthy releases that require a module; only the one of that id, where one is given.
///
/// # Errors
/// When the database does not answer.
pub async fn dependents(
    db: impl PgExecutor<'_>,
    module: &ModuleName,
    only: Option<Uuid>,
) -> Result<Vec<Dependent>> {
    let rows = sqlx::query_as!(
        DependentRow,
        r#"SELECT d.id, m.name AS module, m.namespace_id, d.version, d.content_digest AS content,
                  d.structure_digest AS "structure!", q.version_range AS range, home.id AS "home?",
                  home.content_digest AS "home_content?",
                  ARRAY(SELECT other.content_digest FROM requirements o
                        JOIN modules om ON lower(om.name) = lower(o.module)
                        JOIN releases other ON other.digest = o.home AND other.module_id = om.id
                        WHERE o.release_id = d.id AND lower(o.module) <> lower($1)
                          AND other.state IN ('published', 'deprecated', 'yanked', 'quarantined')
                        ORDER BY other.content_digest) AS "companions!",
                  EXISTS (SELECT FROM channels c WHERE c.release_id = d.id) AS "in_use!",
                  m.latest_release_id IS NOT DISTINCT FROM d.id AS "is_latest!"
           FROM requirements q JOIN releases d ON d.id = q.release_id JOIN modules m ON m.id = d.module_id
           LEFT JOIN (releases home JOIN modules hm ON hm.id = home.module_id AND lower(hm.name) = lower($1))
             ON home.digest = q.home AND home.state IN ('published', 'deprecated', 'yanked', 'quarantined')
           WHERE lower(q.module) = lower($1) AND d.state IN ('published', 'deprecated')
             AND d.structure_digest IS NOT NULL AND ($2::uuid IS NULL OR d.id = $2)
           ORDER BY d.id"#,
        module.as_str(),
        only
    );
    let mut dependents = rows
        .fetch_all(db)
        .await?
        .into_iter()
        .map(DependentRow::into_dependent)
        .collect::<Result<Vec<_>>>()?;
    // A module that is required twice, or a home that was published twice, is one all the same.
    dependents.dedup_by_key(|dependent| dependent.party.id);
    Ok(dependents)
}

/// The healthy releases of a module, the highest version first; only the one of that id, where one is given.
///
/// # Errors
/// When the database does not answer.
pub async fn bases(db: impl PgExecutor<'_>, module: &ModuleName, only: Option<Uuid>) -> Result<Vec<Party>> {
    let rows = sqlx::query!(
        r#"SELECT r.id, m.name AS module, m.namespace_id, r.version, r.content_digest AS content,
                  r.structure_digest AS "structure!"
           FROM releases r JOIN modules m ON m.id = r.module_id
           WHERE lower(m.name) = lower($1) AND r.state IN ('published', 'deprecated')
             AND r.structure_digest IS NOT NULL AND ($2::uuid IS NULL OR r.id = $2)
           ORDER BY r.version_key DESC"#,
        module.as_str(),
        only
    );
    rows.fetch_all(db)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Party {
                id: row.id,
                module: parse(&row.module)?,
                namespace_id: row.namespace_id,
                version: parse(&row.version)?,
                content: digest(&row.content)?,
                structure: digest(&row.structure)?,
            })
        })
        .collect()
}

/// What the headers of releases say.
#[derive(Debug, Clone, Default)]
pub struct Structure {
    /// The interface.
    pub interface: Interface,
    /// What was read from the files.
    pub anatomy: Anatomy,
}

/// What the headers of these releases say, by what names it.
///
/// # Errors
/// When the database does not answer.
pub async fn structures(db: impl PgExecutor<'_>, releases: &[Uuid]) -> Result<HashMap<Digest, Structure>> {
    let rows = sqlx::query!(
        r#"SELECT structure_digest AS "digest!", interface AS "interface!: Json<Interface>",
                  inspection AS "anatomy!: Json<Anatomy>"
           FROM releases
           WHERE id = ANY($1) AND structure_digest IS NOT NULL AND interface IS NOT NULL AND inspection IS NOT NULL"#,
        releases
    );
    rows.fetch_all(db)
        .await?
        .into_iter()
        .map(|row| {
            let structure = Structure { interface: row.interface.0, anatomy: row.anatomy.0 };
            Ok((digest(&row.digest)?, structure))
        })
        .collect()
}
