//! Which blobs are complete.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::modules::Visible;
use super::{Tx, digest};
use crate::domain::digest::Digest;
use crate::error::Result;

/// Records a complete blob and who brought it; doing it twice is harmless.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, blob: &Digest, size: u64, holder: Uuid) -> Result<()> {
    sqlx::query!(
        "INSERT INTO blobs (digest, size) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        blob.as_bytes().as_slice(),
        size.cast_signed()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO blob_holders (digest, actor_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        blob.as_bytes().as_slice(),
        holder
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Those of `wanted` that an actor may use, with their lengths: complete, and brought by it or of a
/// published release that it may read.
///
/// # Errors
/// When the database does not answer.
pub async fn usable(
    db: impl PgExecutor<'_>,
    actor: Uuid,
    visible: &Visible,
    wanted: &[Digest],
) -> Result<Vec<(Digest, u64)>> {
    let wanted: Vec<Vec<u8>> = wanted.iter().map(|digest| digest.as_bytes().to_vec()).collect();
    sqlx::query!(
        "SELECT b.digest, b.size FROM blobs b WHERE b.digest = ANY($1) AND (
             EXISTS (SELECT 1 FROM blob_holders h WHERE h.digest = b.digest AND h.actor_id = $2)
             OR EXISTS (
                 SELECT 1 FROM release_files f JOIN releases r ON r.id = f.release_id
                 JOIN modules m ON m.id = r.module_id JOIN namespaces n ON n.id = m.namespace_id
                 WHERE f.digest = b.digest AND r.state IN ('published', 'deprecated', 'yanked')
                   AND ($3 OR n.visibility = 'public' OR lower(n.name) = ANY($4))))",
        &wanted,
        actor,
        visible.everything,
        &visible.namespaces
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| Ok((digest(&row.digest)?, row.size.cast_unsigned())))
    .collect()
}
