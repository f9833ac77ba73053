//! Uploads: bytes come in parts, any server takes the next one, and a blob is there only when it is
//! complete and has the digest that was announced.

use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{App, Caller};
use crate::blobs::{LARGEST_BLOB, Pending};
use crate::domain::digest::Digest;
use crate::domain::permission::Action;
use crate::error::{Code, Error, Result};
use crate::store::uploads::{self, Upload};
use crate::store::{Tx, blobs};

/// What an upload came to.
#[derive(Debug)]
pub enum Progress {
    /// The blob is there.
    Complete,
    /// More bytes are needed.
    Partial(Upload),
}

impl Upload {
    fn pending(&self) -> Pending {
        Pending {
            id: self.id,
            digest: self.digest,
            multipart_id: self.multipart_id.clone(),
            part_ids: self.part_ids.clone(),
        }
    }
}

/// Whoever may publish anywhere may upload: blobs belong to nobody until a release names them.
fn require_publisher(caller: &Caller) -> Result<Uuid> {
    let id = caller.id()?;
    let everywhere = caller.rights.allow(None, Action::Publish);
    let scoped = caller.rights.scope.namespaces.iter().flatten();
    let granted = caller.rights.grants.iter().filter_map(|grant| grant.namespace.as_ref());
    if everywhere
        || scoped.chain(granted).any(|name| caller.rights.allow(Some(name.as_str()), Action::Publish))
    {
        return Ok(id);
    }
    Err(Error::new(Code::Forbidden, "Uploading needs the role publisher in some namespace."))
}

/// Begins an upload, or goes on with the caller's unfinished one of the same bytes. Bytes that are
/// there already are complete at once.
///
/// # Errors
/// `forbidden`, or when the store does not answer.
pub async fn begin(app: &App, caller: &Caller, digest: Digest, size: u64) -> Result<Progress> {
    let actor_id = require_publisher(caller)?;
    if size > LARGEST_BLOB {
        return Err(Error::new(Code::TooLarge, format!("A blob has at most {LARGEST_BLOB} bytes."))
            .with_remedy("Split the file, as checkpoints are split into shards."));
    }
    // Bytes that are there but not the caller's to use have to be brought like new ones.
    let usable = blobs::usable(&app.pool, actor_id, &caller.visible(), &[digest]).await?;
    if let Some((_, present)) = usable.first().copied() {
        return match present == size {
            true => Ok(Progress::Complete),
            false => Err(Error::new(
                Code::UploadLength,
                format!("The blob {digest} has {present} bytes, and {size} were announced."),
            )),
        };
    }
    if let Some(upload) = uploads::unfinished(&app.pool, actor_id, &digest, size).await? {
        if app.blobs.is_pending(&upload.pending(), upload.size - upload.received).await? {
            return Ok(Progress::Partial(upload));
        }
        // A server died after it made the bytes visible and before it recorded that: they come again.
        let mut tx = app.begin().await?;
        if uploads::lock(&mut tx, upload.id).await?.is_some() {
            uploads::delete(&mut tx, upload.id).await?;
        }
        tx.commit().await?;
    }
    let id = Uuid::now_v7();
    let multipart_id = app.blobs.begin(id, &digest).await?;
    let upload = Upload {
        id,
        actor_id,
        digest,
        size,
        received: 0,
        hash_state: None,
        multipart_id,
        part_ids: Vec::new(),
    };
    let mut tx = app.begin().await?;
    uploads::insert(&mut tx, &upload).await?;
    if size == 0 {
        return finish(app, tx, &upload, Digest::of(&[])).await;
    }
    tx.commit().await?;
    Ok(Progress::Partial(upload))
}

/// How far an upload of the caller is.
///
/// # Errors
/// `not_found` when there is none of that id.
pub async fn get(app: &App, caller: &Caller, id: Uuid) -> Result<Upload> {
    let own = caller.id()?;
    uploads::by_id(&app.pool, id).await?.filter(|upload| upload.actor_id == own).ok_or_else(|| {
        Error::not_found(format!("upload {id}")).with_remedy("Begin it again; it may be complete.")
    })
}

/// Forgets an upload and the bytes that came.
///
/// # Errors
/// `not_found` when there is none of that id.
pub async fn abort(app: &App, caller: &Caller, id: Uuid) -> Result<()> {
    get(app, caller, id).await?;
    let mut tx = app.begin().await?;
    if let Some(upload) = uploads::lock(&mut tx, id).await? {
        app.blobs.abort(&upload.pending()).await?;
        uploads::delete(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes bytes from `offset` on. What came before a broken connection is kept, in whole parts at
/// least, and the offset says how far.
///
/// # Errors
/// `upload_offset_mismatch`, `upload_length_mismatch` when more bytes come than were announced,
/// `digest_mismatch` when they are others, `insufficient_storage`.
pub async fn receive(
    app: &App,
    caller: &Caller,
    id: Uuid,
    offset: u64,
    announced: Option<u64>,
    mut body: Payload,
) -> Result<Progress> {
    let mut upload = get(app, caller, id).await?;
    if upload.received != offset {
        return Err(wrong_offset(upload.received));
    }
    if announced.is_some_and(|length| length > upload.size - offset) {
        return Err(too_long(&upload));
    }
    let part_size = app.blobs.part_size(upload.size);
    let mut part = BytesMut::new();
    let mut broken = false;
    while let Some(chunk) = body.next().await {
        let Ok(mut chunk) = chunk else {
            broken = true;
            break;
        };
        while !chunk.is_empty() {
            let left = upload.size - upload.received - part.len() as u64;
            if left == 0 {
                return Err(too_long(&upload));
            }
            let room = usize::try_from((part_size - part.len() as u64).min(left)).unwrap_or(usize::MAX);
            part.extend_from_slice(&chunk.split_to(room.min(chunk.len())));
            let is_last = upload.received + part.len() as u64 == upload.size;
            // The last part waits for the end of the body, which must not have more.
            if part.len() as u64 == part_size && !is_last {
                let bytes = std::mem::replace(&mut part, BytesMut::with_capacity(room)).freeze();
                upload = take_part(app, &upload, bytes).await?;
            }
        }
    }
    let is_last = upload.received + part.len() as u64 == upload.size;
    if is_last && !broken {
        return take_last_part(app, &upload, part.freeze()).await;
    }
    if !part.is_empty() && app.blobs.takes_partial_parts() {
        upload = take_part(app, &upload, part.freeze()).await?;
    } else if !part.is_empty() && !broken && upload.received == offset {
        return Err(Error::new(
            Code::BadRequest,
            format!("Only {} bytes came; the store takes at least {part_size} at once.", part.len()),
        )
        .with_remedy("Send all the rest, or at least `part_size` bytes, in one request."));
    }
    Ok(Progress::Partial(upload))
}

fn wrong_offset(received: u64) -> Error {
    Error::new(Code::UploadOffset, format!("The upload has {received} bytes; the next ones start there."))
}

fn too_long(upload: &Upload) -> Error {
    Error::new(Code::UploadLength, format!("More than the {} announced bytes came.", upload.size))
}

/// The state of the hash after the bytes so far.
fn hasher(upload: &Upload) -> Result<Sha256> {
    let Some(state) = &upload.hash_state else { return Ok(Sha256::new()) };
    let state =
        state.as_slice().try_into().map_err(|_| Error::internal("a hash state has another length"))?;
    Sha256::deserialize(&state).map_err(|_| Error::internal("a hash state cannot be read"))
}

/// Locks the upload and checks that nobody else went on with it.
async fn lock(tx: &mut Tx, upload: &Upload) -> Result<()> {
    let locked = uploads::lock(tx, upload.id).await?.ok_or_else(|| {
        Error::not_found(format!("upload {}", upload.id)).with_remedy("Begin it again; it may be complete.")
    })?;
    if locked.received == upload.received { Ok(()) } else { Err(wrong_offset(locked.received)) }
}

/// Writes a part; the answer is the upload with it.
async fn take_part(app: &App, upload: &Upload, bytes: Bytes) -> Result<Upload> {
    let _turn = app.blobs.turn().await;
    let mut tx = app.begin().await?;
    lock(&mut tx, upload).await?;
    let part = write_part(app, upload, bytes).await?;
    uploads::advance(&mut tx, upload.id, part.upload.received, &part.hash_state, &part.id).await?;
    tx.commit().await?;
    Ok(part.upload)
}

async fn take_last_part(app: &App, upload: &Upload, bytes: Bytes) -> Result<Progress> {
    let _turn = app.blobs.turn().await;
    let mut tx = app.begin().await?;
    lock(&mut tx, upload).await?;
    let part = write_part(app, upload, bytes).await?;
    finish(app, tx, &part.upload, part.digest).await
}

/// A part that the store took and that is not recorded yet.
struct Part {
    id: String,
    /// The state of the hash after it.
    hash_state: Vec<u8>,
    /// The digest of all bytes up to its end.
    digest: Digest,
    /// The upload with it.
    upload: Upload,
}

/// Gives a part to the store. The transaction that holds the lock writes nothing meanwhile: see
/// [`uploads::lock`].
async fn write_part(app: &App, upload: &Upload, bytes: Bytes) -> Result<Part> {
    let mut hash = hasher(upload)?;
    let hashed = bytes.clone();
    let pending = upload.pending();
    let hashing = tokio::task::spawn_blocking(move || {
        hash.update(&hashed);
        hash
    });
    let length = bytes.len() as u64;
    let id = app.blobs.write_part(&pending, upload.received, bytes).await?;
    let hash = hashing.await.map_err(Error::internal)?;
    let hash_state = hash.serialize().to_vec();
    let mut upload = upload.clone();
    upload.received += length;
    upload.hash_state = Some(hash_state.clone());
    upload.part_ids.push(id.clone());
    Ok(Part { id, hash_state, digest: Digest::from_bytes(hash.finalize().into()), upload })
}

/// Checks the digest of all bytes and makes the blob visible, or forgets them.
async fn finish(app: &App, mut tx: Tx, upload: &Upload, digest: Digest) -> Result<Progress> {
    if digest != upload.digest {
        app.blobs.abort(&upload.pending()).await?;
        uploads::delete(&mut tx, upload.id).await?;
        tx.commit().await?;
        return Err(Error::new(
            Code::DigestMismatch,
            format!("The bytes have the digest {digest}, and {} was announced.", upload.digest),
        ));
    }
    // Bytes first: a crash between the two leaves a blob that the next upload of it finds again.
    app.blobs.complete(&upload.pending(), upload.size).await?;
    uploads::delete(&mut tx, upload.id).await?;
    blobs::insert(&mut tx, &upload.digest, upload.size, upload.actor_id).await?;
    tx.commit().await?;
    Ok(Progress::Complete)
}
