//! Which blobs are complete.

use sqlx::PgExecutor;

use super::{Tx, digest};
use crate::domain::digest::Digest;
use crate::error::Result;

/// Records a complete blob; doing it twice is harmless.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, blob: &Digest, size: u64) -> Result<()> {
    sqlx::query!(
        "INSERT INTO blobs (digest, size) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        blob.as_bytes().as_slice(),
        size.cast_signed()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The length of a complete blob.
///
/// # Errors
/// When the database does not answer.
pub async fn size(db: impl PgExecutor<'_>, blob: &Digest) -> Result<Option<u64>> {
    let size = sqlx::query_scalar!("SELECT size FROM blobs WHERE digest = $1", blob.as_bytes().as_slice())
        .fetch_optional(db)
        .await?;
    Ok(size.map(i64::cast_unsigned))
}

/// Those of `wanted` that are complete, with their lengths.
///
/// # Errors
/// When the database does not answer.
pub async fn present(db: impl PgExecutor<'_>, wanted: &[Digest]) -> Result<Vec<(Digest, u64)>> {
    let wanted: Vec<Vec<u8>> = wanted.iter().map(|digest| digest.as_bytes().to_vec()).collect();
    sqlx::query!("SELECT digest, size FROM blobs WHERE digest = ANY($1)", &wanted)
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| Ok((digest(&row.digest)?, row.size.cast_unsigned())))
        .collect()
}
