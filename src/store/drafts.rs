//! Drafts: written, replaced, given up, submitted. They are read as releases are.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Tx, constraint};
use crate::domain::digest::Digest;
use crate::domain::manifest::{FileEntry, Manifest};
use crate::error::Result;

/// A draft to be stored.
#[derive(Debug, Clone)]
pub struct NewDraft<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its module.
    pub module: Uuid,
    /// Who makes it.
    pub created_by: Uuid,
    /// What it says of itself.
    pub manifest: &'a Manifest,
    /// Its files.
    pub files: &'a [FileEntry],
    /// Names it by content.
    pub digest: Digest,
    /// Names what it computes.
    pub content_digest: Digest,
}

/// Stores a draft.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, draft: &NewDraft<'_>) -> Result<()> {
    let version = &draft.manifest.module.version;
    sqlx::query!(
        "INSERT INTO releases (id, module_id, version, version_key, state, digest, content_digest, manifest, created_by)
         VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8)",
        draft.id,
        draft.module,
        version.to_string(),
        version.sort_key(),
        draft.digest.as_bytes().as_slice(),
        draft.content_digest.as_bytes().as_slice(),
        Json(draft.manifest) as _,
        draft.created_by
    )
    .execute(&mut **tx)
    .await?;
    insert_content(tx, draft).await
}

/// Replaces the content of a draft.
///
/// # Errors
/// When the database does not answer.
pub async fn replace(tx: &mut Tx, draft: &NewDraft<'_>) -> Result<()> {
    let version = &draft.manifest.module.version;
    sqlx::query!(
        "UPDATE releases SET version = $2, version_key = $3, digest = $4, content_digest = $5, manifest = $6,
                revision = revision + 1
         WHERE id = $1 AND state = 'draft'",
        draft.id,
        version.to_string(),
        version.sort_key(),
        draft.digest.as_bytes().as_slice(),
        draft.content_digest.as_bytes().as_slice(),
        Json(draft.manifest) as _
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("DELETE FROM release_files WHERE release_id = $1", draft.id).execute(&mut **tx).await?;
    sqlx::query!("DELETE FROM requirements WHERE release_id = $1", draft.id).execute(&mut **tx).await?;
    insert_content(tx, draft).await
}

async fn insert_content(tx: &mut Tx, draft: &NewDraft<'_>) -> Result<()> {
    let paths: Vec<String> = draft.files.iter().map(|file| file.path.to_string()).collect();
    let sizes: Vec<i64> = draft.files.iter().map(|file| file.size.cast_signed()).collect();
    let digests: Vec<Vec<u8>> = draft.files.iter().map(|file| file.digest.as_bytes().to_vec()).collect();
    sqlx::query!(
        "INSERT INTO release_files (release_id, path, size, digest)
         SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bytea[])",
        draft.id,
        &paths,
        &sizes,
        &digests
    )
    .execute(&mut **tx)
    .await?;
    for (position, requirement) in (0i16..).zip(&draft.manifest.requires) {
        sqlx::query!(
            "INSERT INTO requirements (release_id, position, module, version_range, home)
             VALUES ($1, $2, $3, $4, $5)",
            draft.id,
            position,
            requirement.module.as_str(),
            requirement.version.to_string(),
            requirement.home.as_ref().map(|home| home.as_bytes().as_slice())
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Deletes a draft or a rejected attempt; says whether it was one.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done = sqlx::query!("DELETE FROM releases WHERE id = $1 AND state IN ('draft', 'rejected')", id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Submits a draft: it now holds its version.
///
/// # Errors
/// `version_conflict` when another release holds it.
pub async fn submit(tx: &mut Tx, id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE releases SET state = 'verifying', submitted_at = now(), revision = revision + 1, attempts = 0,
                findings = '[]', stage = 'queued', state_since = now()
         WHERE id = $1 AND state = 'draft'",
        id
    )
    .execute(&mut **tx)
    .await
    .map_err(constraint::refusal)?;
    Ok(())
}
