//! Uploads under way.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Tx, digest};
use crate::domain::digest::Digest;
use crate::error::Result;

/// An upload under way.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its id.
    pub id: Uuid,
    /// Who uploads.
    pub actor_id: Uuid,
    /// The digest that the bytes have to have.
    pub digest: Digest,
    /// How many bytes there will be.
    pub size: u64,
    /// How many are there.
    pub received: u64,
    /// State of SHA-256 over those.
    pub hash_state: Option<Vec<u8>>,
    /// The store's own id of the upload.
    pub multipart_id: Option<String>,
    /// What the store called the parts.
    pub part_ids: Vec<String>,
}

struct Row {
    id: Uuid,
    actor_id: Uuid,
    digest: Vec<u8>,
    size: i64,
    received: i64,
    hash_state: Option<Vec<u8>>,
    multipart_id: Option<String>,
    part_ids: Vec<String>,
}

impl Row {
    fn into_upload(self) -> Result<Upload> {
        Ok(Upload {
            id: self.id,
            actor_id: self.actor_id,
            digest: digest(&self.digest)?,
            size: self.size.cast_unsigned(),
            received: self.received.cast_unsigned(),
            hash_state: self.hash_state,
            multipart_id: self.multipart_id,
            part_ids: self.part_ids,
        })
    }
}

/// Stores a new upload.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, upload: &Upload) -> Result<()> {
    sqlx::query!(
        "INSERT INTO uploads (id, actor_id, digest, size, multipart_id) VALUES ($1, $2, $3, $4, $5)",
        upload.id,
        upload.actor_id,
        upload.digest.as_bytes().as_slice(),
        upload.size.cast_signed(),
        upload.multipart_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The upload of that id.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Upload>> {
    sqlx::query_as!(
        Row,
        "SELECT id, actor_id, digest, size, received, hash_state, multipart_id, part_ids FROM uploads WHERE id = $1",
        id
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_upload)
    .transpose()
}

/// The newest upload of the same bytes by the same actor.
///
/// # Errors
/// When the database does not answer.
pub async fn unfinished(
    db: impl PgExecutor<'_>,
    actor: Uuid,
    digest: &Digest,
    size: u64,
) -> Result<Option<Upload>> {
    sqlx::query_as!(
        Row,
        "SELECT id, actor_id, digest, size, received, hash_state, multipart_id, part_ids FROM uploads
         WHERE actor_id = $1 AND digest = $2 AND size = $3 ORDER BY created_at DESC LIMIT 1",
        actor,
        digest.as_bytes().as_slice(),
        size.cast_signed()
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_upload)
    .transpose()
}

/// The upload of that id, locked: nobody else writes to it until the transaction ends. A lock on the row
/// would give the transaction an id, and followers of events wait for every transaction that has one.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Upload>> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('upload:' || $1::uuid::text, 0))", id)
        .execute(&mut **tx)
        .await?;
    sqlx::query_as!(
        Row,
        "SELECT id, actor_id, digest, size, received, hash_state, multipart_id, part_ids FROM uploads WHERE id = $1",
        id
    )
    .fetch_optional(&mut **tx)
    .await?
    .map(Row::into_upload)
    .transpose()
}

/// Records a part that the store took.
///
/// # Errors
/// When the database does not answer.
pub async fn advance(tx: &mut Tx, id: Uuid, received: u64, hash_state: &[u8], part_id: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE uploads SET received = $2, hash_state = $3, part_ids = part_ids || $4::text, updated_at = now()
         WHERE id = $1",
        id,
        received.cast_signed(),
        hash_state,
        part_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets an upload.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM uploads WHERE id = $1", id).execute(&mut **tx).await?;
    Ok(())
}

/// Uploads that nobody went on with for a week.
///
/// # Errors
/// When the database does not answer.
pub async fn stale(db: impl PgExecutor<'_>, limit: i64) -> Result<Vec<Upload>> {
    sqlx::query_as!(
        Row,
        "SELECT id, actor_id, digest, size, received, hash_state, multipart_id, part_ids FROM uploads
         WHERE updated_at < now() - interval '7 days' ORDER BY updated_at LIMIT $1",
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(Row::into_upload)
    .collect()
}
