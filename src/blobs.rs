//! Bytes by digest, in a local folder or in an object store.
//!
//! A blob is written in parts whose progress the database keeps, so that any server can go on with
//! an upload, and becomes visible only when it is complete and its digest was checked. Reads stream.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, MultipartId, ObjectStore, ObjectStoreExt, ObjectStoreScheme};
use tokio::io::AsyncWriteExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::domain::digest::Digest;
use crate::error::{Code, Error, Result};

/// Bytes in one part of an upload, and so the most that one upload holds in memory.
///
/// S3 wants at least 5 MiB and at most 10,000 parts: 8 MiB allow blobs of 78 GiB, and larger ones
/// use larger parts (see [`Blobs::part_size`]).
const LEAST_PART: u64 = 8 << 20;
const MOST_PARTS: u64 = 10_000;
/// Parts that are written at once by one server, of all uploads together.
const WRITERS: usize = 8;

/// The largest blob, in bytes: the largest object of S3. Its parts have 525 MiB.
pub const LARGEST_BLOB: u64 = 5 << 40;

const fn part_size(size: u64) -> u64 {
    let needed = size.div_ceil(MOST_PARTS);
    if needed <= LEAST_PART { LEAST_PART } else { needed.next_multiple_of(1 << 20) }
}

/// The blob store.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    prefix: ObjectPath,
    parts: Parts,
    turns: Arc<Semaphore>,
}

#[derive(Clone)]
enum Parts {
    /// The folder itself: parts are written in place into one file.
    Folder(PathBuf),
    /// The store's own multipart uploads.
    Store(Arc<dyn MultipartStore>),
}

/// An upload under way, as far as the store needs to know it.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The upload's id.
    pub id: Uuid,
    /// The digest that the bytes have to have.
    pub digest: Digest,
    /// The store's own id of the upload, where it has one.
    pub multipart_id: Option<String>,
    /// What the store called the parts that it took.
    pub part_ids: Vec<String>,
}

impl Blobs {
    /// Opens the store at `url` (`file:///…`, `s3://bucket/prefix`, `gs://…`, `az://…`, with the
    /// usual environment variables for credentials), or the folder `blobs` in `data`.
    ///
    /// # Errors
    /// When the URL names no store, or the folder cannot be made.
    pub fn open(url: Option<&str>, data: &Path) -> anyhow::Result<Self> {
        let Some(url) = url else { return Self::folder(&data.join("blobs")) };
        let url = reqwest::Url::parse(url)?;
        let (scheme, prefix) = ObjectStoreScheme::parse(&url)?;
        let builder_url = url.to_string();
        let (objects, parts): (Arc<dyn ObjectStore>, Arc<dyn MultipartStore>) = match scheme {
            ObjectStoreScheme::Local => {
                let path = url.to_file_path().map_err(|()| anyhow::anyhow!("`{url}` is no path"))?;
                return Self::folder(&path);
            }
            ObjectStoreScheme::AmazonS3 => {
                let store = object_store::aws::AmazonS3Builder::from_env().with_url(builder_url).build()?;
                let store = Arc::new(store);
                (store.clone(), store)
            }
            ObjectStoreScheme::GoogleCloudStorage => {
                let store =
                    object_store::gcp::GoogleCloudStorageBuilder::from_env().with_url(builder_url).build()?;
                let store = Arc::new(store);
                (store.clone(), store)
            }
            ObjectStoreScheme::MicrosoftAzure => {
                let store =
                    object_store::azure::MicrosoftAzureBuilder::from_env().with_url(builder_url).build()?;
                let store = Arc::new(store);
                (store.clone(), store)
            }
            _ => anyhow::bail!("`{url}` names no store: use file://, s3://, gs:// or az://"),
        };
        Ok(Self { objects, prefix, parts: Parts::Store(parts), turns: turns() })
    }

    fn folder(root: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(root.join("uploads"))?;
        let objects = Arc::new(LocalFileSystem::new_with_prefix(root)?);
        let parts = Parts::Folder(root.to_owned());
        Ok(Self { objects, prefix: ObjectPath::default(), parts, turns: turns() })
    }

    fn place(&self, digest: &Digest) -> ObjectPath {
        let hex = digest.hex();
        self.prefix.clone().join("sha256").join(&hex[..2]).join(hex.as_str())
    }

    /// Bytes in one part of an upload of `size` bytes. A folder counts no parts, so they stay small.
    pub const fn part_size(&self, size: u64) -> u64 {
        match self.parts {
            Parts::Folder(_) => LEAST_PART,
            Parts::Store(_) => part_size(size),
        }
    }

    /// Waits for a turn to write a part, which ends when the answer is dropped. Writing holds a
    /// connection to the database: a slow store must not take them all.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Never closed; without a permit nothing is lost but the bound.
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// Whether parts of any size may be appended; otherwise all but the last have to be whole.
    pub const fn takes_partial_parts(&self) -> bool {
        matches!(self.parts, Parts::Folder(_))
    }

    /// Begins an upload; the answer is the store's own id of it, where it has one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin(&self, id: Uuid, digest: &Digest) -> Result<Option<String>> {
        match &self.parts {
            Parts::Folder(root) => {
                tokio::fs::File::create(upload_file(root, id)).await?;
                Ok(None)
            }
            Parts::Store(store) => Ok(Some(store.create_multipart(&self.place(digest)).await?)),
        }
    }

    /// Whether an upload that lacks `missing` bytes can go on: it cannot when the store has made an end
    /// of it already.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn is_pending(&self, pending: &Pending, missing: u64) -> Result<bool> {
        match &self.parts {
            Parts::Folder(root) => Ok(tokio::fs::try_exists(upload_file(root, pending.id)).await?),
            Parts::Store(_) if missing > self.part_size(missing) => Ok(true),
            Parts::Store(_) => Ok(self.size(&pending.digest).await?.is_none()),
        }
    }

    /// Writes the bytes at `offset`, the part behind those that `pending` has; the answer is what
    /// the store calls it. Nobody else may write to the same upload meanwhile.
    ///
    /// # Errors
    /// When the store is full or does not answer.
    pub async fn write_part(&self, pending: &Pending, offset: u64, bytes: Bytes) -> Result<String> {
        match &self.parts {
            Parts::Folder(root) => {
                use tokio::io::AsyncSeekExt;
                let path = upload_file(root, pending.id);
                let mut file = tokio::fs::OpenOptions::new().write(true).open(path).await?;
                file.set_max_buf_size(LEAST_PART as usize);
                file.seek(std::io::SeekFrom::Start(offset)).await?;
                file.write_all(&bytes).await?;
                file.flush().await?;
                // The offset and the hash are about to be recorded durably: so has to be what they
                // are about.
                file.sync_data().await?;
                Ok(String::new())
            }
            Parts::Store(store) => {
                let index = pending.part_ids.len();
                let id = store_id(pending)?;
                let part = store.put_part(&self.place(&pending.digest), &id, index, bytes.into()).await?;
                Ok(part.content_id)
            }
        }
    }

    /// Makes a complete upload, whose digest was checked, visible as a blob. Doing it twice, or
    /// for bytes that are there already, is harmless.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn complete(&self, pending: &Pending, size: u64) -> Result<()> {
        match &self.parts {
            Parts::Folder(root) => {
                let hex = pending.digest.hex();
                let folder = root.join("sha256").join(&hex[..2]);
                tokio::fs::create_dir_all(&folder).await?;
                let from = upload_file(root, pending.id);
                let file = tokio::fs::OpenOptions::new().write(true).open(&from).await?;
                // A broken writer may have left more bytes behind than were acknowledged.
                file.set_len(size).await?;
                file.sync_all().await?;
                tokio::fs::rename(from, folder.join(hex)).await?;
                tokio::fs::File::open(folder).await?.sync_all().await?;
                Ok(())
            }
            Parts::Store(store) => {
                let id = store_id(pending)?;
                let mut parts: Vec<PartId> =
                    pending.part_ids.iter().map(|id| PartId { content_id: id.clone() }).collect();
                if parts.is_empty() {
                    // An empty blob: stores want at least one part.
                    parts.push(
                        store.put_part(&self.place(&pending.digest), &id, 0, Bytes::new().into()).await?,
                    );
                }
                store.complete_multipart(&self.place(&pending.digest), &id, parts).await?;
                Ok(())
            }
        }
    }

    /// Forgets an upload and its bytes.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn abort(&self, pending: &Pending) -> Result<()> {
        match &self.parts {
            Parts::Folder(root) => match tokio::fs::remove_file(upload_file(root, pending.id)).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            },
            Parts::Store(store) => {
                let id = store_id(pending)?;
                match store.abort_multipart(&self.place(&pending.digest), &id).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// The length of a blob, or `None` when it is not there.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn size(&self, digest: &Digest) -> Result<Option<u64>> {
        match self.objects.head(&self.place(digest)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a bounded range of a blob into memory.
    ///
    /// # Errors
    /// When the blob is not there or the store does not answer.
    pub async fn read(&self, digest: &Digest, range: Range<u64>) -> Result<Bytes> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        Ok(self.objects.get_range(&self.place(digest), range).await?)
    }

    /// Streams a range of a blob, or all of it.
    ///
    /// # Errors
    /// When the blob is not there or the store does not answer.
    pub async fn stream(
        &self,
        digest: &Digest,
        range: Option<Range<u64>>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let answer = self.objects.get_opts(&self.place(digest), options).await?;
        Ok(answer.into_stream().map_err(Error::from).boxed())
    }

    /// A file with the blob's `size` bytes, for programs that map it: the blob itself in a local folder,
    /// else a copy in `cache`, fetched and checked when it is not there or was cut short.
    ///
    /// # Errors
    /// When the blob is not there, its bytes are not those of its digest, or `cache` is full.
    pub async fn file(&self, digest: &Digest, size: u64, cache: &Path) -> Result<PathBuf> {
        let hex = digest.hex();
        if let Parts::Folder(root) = &self.parts {
            let place = root.join("sha256").join(&hex[..2]).join(hex);
            // A run on what is left of it would blame the module.
            return if tokio::fs::metadata(&place).await?.len() == size {
                Ok(place)
            } else {
                Err(damaged(digest))
            };
        }
        let place = cache.join(&hex);
        if tokio::fs::metadata(&place).await.is_ok_and(|copy| copy.len() == size) {
            return Ok(place);
        }
        tokio::fs::create_dir_all(cache).await?;
        let partial = cache.join(format!("{hex}.{}", Uuid::now_v7()));
        let fetched = self.fetch(digest, &partial).await;
        if let Err(error) = fetched {
            let _ = tokio::fs::remove_file(&partial).await;
            return Err(error);
        }
        tokio::fs::rename(&partial, &place).await?;
        Ok(place)
    }

    async fn fetch(&self, digest: &Digest, to: &Path) -> Result<()> {
        use sha2::Digest as _;
        let mut stream = self.stream(digest, None).await?;
        let mut file = tokio::fs::File::create(to).await?;
        let mut hash = sha2::Sha256::new();
        while let Some(bytes) = stream.try_next().await? {
            hash.update(&bytes);
            file.write_all(&bytes).await?;
        }
        file.flush().await?;
        if hash.finalize().as_slice() != digest.as_bytes() {
            return Err(damaged(digest));
        }
        Ok(())
    }
}

fn damaged(digest: &Digest) -> Error {
    Error::new(Code::Internal, format!("The stored bytes of {digest} are damaged."))
}

fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(WRITERS))
}

fn upload_file(root: &Path, id: Uuid) -> PathBuf {
    root.join("uploads").join(id.to_string())
}

fn store_id(pending: &Pending) -> Result<MultipartId> {
    pending.multipart_id.clone().ok_or_else(|| {
        Error::internal("an upload that was begun in a local folder cannot go on in an object store")
    })
}

#[cfg(test)]
mod tests {
    use object_store::PutPayload;
    use object_store::memory::InMemory;

    use super::*;

    const BYTES: &[u8] = b"weights";

    #[tokio::test]
    async fn a_stored_file_that_was_cut_short_is_given_to_nobody() {
        let (folder, digest) = (tempfile::TempDir::new().unwrap(), Digest::of(BYTES));
        let blobs = Blobs::open(None, folder.path()).unwrap();
        let file = || blobs.file(&digest, BYTES.len() as u64, folder.path());
        assert!(file().await.is_err(), "it is not there");
        blobs.objects.put(&blobs.place(&digest), PutPayload::from_static(BYTES)).await.unwrap();
        let place = file().await.unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), BYTES);
        std::fs::write(&place, b"weigh").unwrap();
        assert!(file().await.unwrap_err().to_string().contains("damaged"));
    }

    #[tokio::test]
    async fn a_copy_that_was_cut_short_is_fetched_again() {
        let (cache, digest, store) =
            (tempfile::TempDir::new().unwrap(), Digest::of(BYTES), Arc::new(InMemory::new()));
        let parts = Parts::Store(store.clone());
        let blobs = Blobs { objects: store, prefix: ObjectPath::default(), parts, turns: turns() };
        blobs.objects.put(&blobs.place(&digest), PutPayload::from_static(BYTES)).await.unwrap();
        for spoiled in [None, Some(&b"wei"[..])] {
            if let Some(bytes) = spoiled {
                std::fs::write(cache.path().join(digest.hex()), bytes).unwrap();
            }
            let place = blobs.file(&digest, BYTES.len() as u64, cache.path()).await.unwrap();
            assert_eq!(std::fs::read(place).unwrap(), BYTES);
        }
    }

    #[test]
    fn parts_stay_small_until_the_store_would_run_out_of_them() {
        assert_eq!(part_size(0), LEAST_PART);
        assert_eq!(part_size(70 << 30), LEAST_PART);
        assert!(LARGEST_BLOB.div_ceil(part_size(LARGEST_BLOB)) <= MOST_PARTS);
    }
}
