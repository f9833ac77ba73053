//! Uploads of one blob: streamed from disk, gone on with wherever the server says it is.

use std::io::SeekFrom;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures_util::StreamExt;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::client::{Client, Failure};
use super::hashing::Hashed;
use super::progress::{Progress, Track};
use crate::api::uploads::{UploadRequest, UploadView};

/// Bytes read at once from disk.
const STEP: usize = 256 << 10;
/// Attempts without a single new byte after which an upload is given up.
const MOST_VAIN: u32 = 8;
/// How long no byte may move.
const STALL: Duration = Duration::from_secs(120);

/// Uploads the bytes of a file, unless the server has them. The answer is how many were sent.
///
/// # Errors
/// When the server refuses them, stays away, or the file changes meanwhile.
pub async fn upload(client: &Client, file: &Hashed, progress: &Progress) -> anyhow::Result<u64> {
    let entry = &file.entry;
    let track = progress.bytes("uploaded", entry.path.as_str(), entry.size);
    let (mut sent, mut vain, mut furthest) = (0, 0, 0);
    loop {
        let wanted = UploadRequest { digest: entry.digest.to_string(), size: entry.size };
        let upload: UploadView = client.ask(client.url(["uploads"]), &wanted).await?;
        let Some(id) = upload.id.filter(|_| !upload.complete) else {
            track.finish();
            return Ok(sent);
        };
        if upload.offset > furthest {
            (vain, furthest) = (0, upload.offset);
        }
        track.set(upload.offset);
        let url = client.url(["uploads", &id.to_string()]);
        let size = tokio::fs::metadata(&file.place).await.map_or(0, |data| data.len());
        anyhow::ensure!(size == entry.size, "{} changed meanwhile: publish again", file.place.display());
        let moved = Arc::new(AtomicU64::new(0));
        let body = body(&file.place, upload.offset, entry.size, &moved, &track)
            .await
            .with_context(|| format!("{} cannot be read", file.place.display()))?;
        let request = client
            .request(Method::PATCH, url)
            .header("Upload-Offset", upload.offset)
            .header(CONTENT_LENGTH, entry.size - upload.offset)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(body);
        let outcome = tokio::select! {
            outcome = client.send_once(request) => outcome,
            () = stalled(&moved) => {
                Err(client.broken(format!("no byte moved for {} seconds", STALL.as_secs())))
            }
        };
        sent += moved.load(Ordering::Relaxed);
        match outcome {
            // Whether that was all, the server says when it is asked again.
            Ok(_) => vain += 1,
            Err(failure) if may_go_on(&failure) && vain < MOST_VAIN => {
                progress.say(&format!("{}: interrupted, going on where the server is", entry.path));
                tokio::time::sleep(Duration::from_millis(200 << vain.min(4))).await;
                vain += 1;
            }
            Err(failure) => {
                track.clear();
                return Err(failure).with_context(|| format!("{} could not be uploaded", entry.path));
            }
        }
        anyhow::ensure!(vain <= MOST_VAIN, "{}: the server takes no bytes", entry.path);
    }
}

/// Whether asking for the offset and going on from there can help.
fn may_go_on(failure: &Failure) -> bool {
    let moved = matches!(failure.code(), Some("upload_offset_mismatch" | "not_found" | "bad_request"));
    moved || failure.is_passing()
}

/// The bytes of a file from an offset on, counted as they leave.
async fn body(
    place: &Path,
    offset: u64,
    size: u64,
    moved: &Arc<AtomicU64>,
    track: &Track,
) -> std::io::Result<Body> {
    let mut file = tokio::fs::File::open(place).await?;
    file.seek(SeekFrom::Start(offset)).await?;
    let (moved, track) = (moved.clone(), track.clone());
    let stream = ReaderStream::with_capacity(file.take(size - offset), STEP).inspect(move |chunk| {
        let length = chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        moved.fetch_add(length, Ordering::Relaxed);
        track.advance(length);
    });
    Ok(Body::wrap_stream(stream))
}

/// Ends when no byte has moved for a while.
async fn stalled(moved: &AtomicU64) {
    let mut before = moved.load(Ordering::Relaxed);
    loop {
        tokio::time::sleep(STALL).await;
        let now = moved.load(Ordering::Relaxed);
        if now == before {
            return;
        }
        before = now;
    }
}
