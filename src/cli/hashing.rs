//! Digests of a folder's files: several at once, each read in small steps.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest as _, Sha256};

use super::folder::Folder;
use super::progress::{Progress, Track};
use crate::domain::digest::Digest;
use crate::domain::manifest::FileEntry;

/// Bytes read at once from each file.
const STEP: usize = 1 << 20;

/// A file and where it lies.
#[derive(Debug, Clone)]
pub struct Hashed {
    /// What the release says of it.
    pub entry: FileEntry,
    /// Where its bytes are.
    pub place: PathBuf,
}

/// The entries of a folder's files, by path, hashed several at once.
///
/// # Errors
/// When a file cannot be read.
pub async fn entries(folder: &Folder, progress: &Progress) -> anyhow::Result<Vec<Hashed>> {
    let places: Vec<_> = folder.files.iter().map(|(path, place)| (path.clone(), place.clone())).collect();
    let total = places.iter().map(|(_, place)| place.metadata().map_or(0, |data| data.len())).sum();
    let track = progress.bytes("hashed", &format!("{} files", places.len()), total);
    let at_once = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let mut hashed: Vec<Hashed> = stream::iter(places)
        .map(|(path, place)| {
            let track = track.clone();
            async move {
                let task = tokio::task::spawn_blocking(move || {
                    let (size, digest) = of_file(&place, &track)
                        .with_context(|| format!("{} cannot be read", place.display()))?;
                    Ok(Hashed { entry: FileEntry { path, size, digest }, place })
                });
                task.await.context("hashing was broken off")?
            }
        })
        .buffer_unordered(at_once)
        .try_collect::<Vec<Hashed>>()
        .await
        .map_err(|error: anyhow::Error| error)?;
    track.clear();
    hashed.sort_by(|a, b| a.entry.cmp(&b.entry));
    Ok(hashed)
}

/// Length and digest of a file.
fn of_file(path: &Path, track: &Track) -> std::io::Result<(u64, Digest)> {
    let mut file = File::open(path)?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; STEP];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((size, Digest::from_bytes(hash.finalize().into())));
        }
        hash.update(&buffer[..read]);
        size += read as u64;
        track.advance(read as u64);
    }
}
