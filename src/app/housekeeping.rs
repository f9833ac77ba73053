//! What has to be tidied up now and then.

use super::App;
use crate::blobs::Pending;
use crate::error::Result;
use crate::store::{events, idempotency, sessions, uploads, workers};

/// Forgets uploads that nobody went on with for a week, and kept answers older than a day; ended sessions, old
/// events and workers that are gone.
///
/// # Errors
/// When the database or the store does not answer; the next time goes on.
pub async fn tidy_up(app: &App) -> Result<()> {
    idempotency::forget_old(&app.pool).await?;
    sessions::forget_ended(&app.pool).await?;
    events::forget_old(&app.pool).await?;
    workers::forget_gone(&app.pool).await?;
    for upload in uploads::stale(&app.pool, 1000).await? {
        let mut tx = app.begin().await?;
        if uploads::lock(&mut tx, upload.id).await?.is_some() {
            let pending = Pending {
                id: upload.id,
                digest: upload.digest,
                multipart_id: upload.multipart_id,
                part_ids: upload.part_ids,
            };
            app.blobs.abort(&pending).await?;
            uploads::delete(&mut tx, upload.id).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
