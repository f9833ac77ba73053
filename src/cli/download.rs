//! `cambium download`: the files of a release, each checked against its digest.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::{IF_RANGE, RANGE};
use reqwest::{Method, StatusCode, Url};
use sha2::{Digest as _, Sha256};

use super::client::{Client, Connection, Failure};
use super::progress::{Progress, Track};
use super::reference::Reference;
use super::terminal;
use crate::api::releases::ReleaseView;
use crate::domain::digest::Digest;
use crate::domain::manifest::{FILE_NAME, FileEntry};
use crate::domain::name::FilePath;

/// Where bytes lie until all of a file are there and checked.
const PARTS: &str = ".cambium-download";
/// How long no byte may come.
const STALL: Duration = Duration::from_secs(60);
/// Attempts without a new byte after which a download is given up.
const MOST_VAIN: u32 = 8;

/// Download the files of a release.
///
/// Every file is checked against its digest before it gets its name. An interrupted download goes on
/// where it stopped. Files that are there already are left alone.
#[derive(Debug, Args)]
pub struct DownloadArgs {
    /// The release: namespace/name@version, or namespace/name@channel.
    #[arg(value_name = "REF")]
    pub release: Reference,
    /// Where to; NAME-VERSION in the current folder when left out. Nothing is written outside of it.
    pub dir: Option<PathBuf>,
    /// Replace files that are there with other content.
    #[arg(long)]
    pub force: bool,
    /// Files downloaded at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub jobs: u8,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away, or a file cannot be written.
pub async fn run(args: DownloadArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let module = &args.release.module;
    let release: ReleaseView =
        client.get(client.module_url(module, ["releases", &args.release.revision])).await?;
    let version = release.version.to_string();
    let files: Vec<FileEntry> =
        client.get(client.module_url(module, ["releases", &version, "files"])).await?;
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from(format!("{}-{version}", module.name())));
    let target = Target::open(dir, args.force)?;
    let progress = Progress::new(false);
    let mut by_digest: BTreeMap<Digest, Vec<&FileEntry>> = BTreeMap::new();
    for entry in &files {
        by_digest.entry(entry.digest).or_default().push(entry);
    }
    stream::iter(by_digest.values())
        .map(|same| {
            let path = same.first().map_or("", |entry| entry.path.as_str()).split('/');
            let path = ["releases", version.as_str(), "files"].into_iter().chain(path);
            fetch(&client, client.module_url(module, path), same, &target, &progress)
        })
        .buffer_unordered(usize::from(args.jobs))
        .try_collect::<Vec<()>>()
        .await?;
    let manifest: FilePath = FILE_NAME.parse()?;
    let text = release.manifest.to_toml()?;
    fs::write(target.place(&manifest)?, text).with_context(|| format!("{FILE_NAME} cannot be written"))?;
    fs::remove_dir_all(target.dir.join(PARTS)).context("the folder of parts cannot be removed")?;
    let name = format!("{}@{}", release.module, release.version);
    terminal::print(&format!(
        "{}: {} files in {}, digests as published\n",
        terminal::strong(&name),
        files.len(),
        target.dir.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The folder that is written to.
struct Target {
    dir: PathBuf,
    force: bool,
}

impl Target {
    fn open(dir: PathBuf, force: bool) -> anyhow::Result<Self> {
        let parts = dir.join(PARTS);
        fs::create_dir_all(&parts).with_context(|| format!("{} cannot be made", parts.display()))?;
        anyhow::ensure!(fs::symlink_metadata(&parts)?.is_dir(), "{} is no folder", parts.display());
        Ok(Self { dir, force })
    }

    /// Where a file goes. Folders on the way are made, and none of them may be a link, which could
    /// lead out of the folder.
    fn place(&self, path: &FilePath) -> anyhow::Result<PathBuf> {
        let mut place = self.dir.clone();
        let mut parts = path.as_str().split('/').peekable();
        while let Some(part) = parts.next() {
            place.push(part);
            let found = fs::symlink_metadata(&place);
            if parts.peek().is_some() {
                match found {
                    Ok(data) if data.is_dir() => {}
                    Ok(_) => bail!("{} is in the way: it is no folder", place.display()),
                    Err(_) => fs::create_dir(&place)
                        .or_else(|error| if place.is_dir() { Ok(()) } else { Err(error) })
                        .with_context(|| format!("{} cannot be made", place.display()))?,
                }
            } else if found.is_ok_and(|data| !data.is_file()) {
                bail!("{} is in the way: it is no file", place.display());
            }
        }
        Ok(place)
    }

    /// The file with the bytes of a digest that came so far.
    fn part(&self, digest: &Digest) -> anyhow::Result<(PathBuf, File)> {
        let path = self.dir.join(PARTS).join(digest.to_string().replace(':', "-"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).custom_flags(libc::O_NOFOLLOW);
        let file = options.open(&path).with_context(|| format!("{} cannot be opened", path.display()))?;
        Ok((path, file))
    }

    /// Where those of the files go that are not there yet.
    fn lacking(&self, same: &[&FileEntry]) -> anyhow::Result<Vec<PathBuf>> {
        let mut places = Vec::new();
        for entry in same {
            let place = self.place(&entry.path)?;
            if is_there(&place, entry)? {
                continue;
            }
            if place.exists() && !self.force {
                bail!(
                    "{} is there with other content\n  Replace it with --force, or name another folder.",
                    place.display()
                );
            }
            places.push(place);
        }
        Ok(places)
    }
}

/// Brings files that have the same bytes, unless they are there.
async fn fetch(
    client: &Client,
    url: Url,
    same: &[&FileEntry],
    target: &Target,
    progress: &Progress,
) -> anyhow::Result<()> {
    let places = target.lacking(same)?;
    let Some(entry) = same.first().filter(|_| !places.is_empty()) else { return Ok(()) };
    let track = progress.bytes("downloaded", entry.path.as_str(), entry.size);
    let (path, mut part) = target.part(&entry.digest)?;
    let mut vain = 0;
    loop {
        let mut hash = Sha256::new();
        let mut have = hash_file(&mut part, &mut hash)?;
        if have > entry.size {
            part.set_len(0)?;
            part.seek(SeekFrom::Start(0))?;
            (hash, have) = (Sha256::new(), 0);
        }
        track.set(have);
        if have == entry.size {
            part.sync_all()?;
            return finish(entry, hash, &path, &places, track);
        }
        let before = have;
        let came = receive(client, url.clone(), entry, (&mut part, &mut have), &track).await;
        if let Err(error) = came {
            let passing = error.downcast_ref::<Failure>().is_some_and(Failure::is_passing);
            if !passing || vain >= MOST_VAIN {
                track.clear();
                return Err(error).with_context(|| format!("{} could not be downloaded", entry.path));
            }
            progress.say(&format!("{}: interrupted, going on", entry.path));
            tokio::time::sleep(Duration::from_millis(200 << vain.min(4))).await;
        }
        vain = if have > before { 0 } else { vain + 1 };
        anyhow::ensure!(vain <= MOST_VAIN, "{}: the server gives no bytes", entry.path);
    }
}

/// Whether the file is there with the right bytes.
fn is_there(place: &Path, entry: &FileEntry) -> anyhow::Result<bool> {
    let Ok(mut file) = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(place) else {
        return Ok(false);
    };
    if file.metadata()?.len() != entry.size {
        return Ok(false);
    }
    let mut hash = Sha256::new();
    hash_file(&mut file, &mut hash)?;
    Ok(Digest::from_bytes(hash.finalize().into()) == entry.digest)
}

/// Hashes a file from its start; the answer is its length, and it is at its end then.
fn hash_file(file: &mut File, hash: &mut Sha256) -> std::io::Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 1 << 20];
    let mut length = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(length),
            read => {
                hash.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

/// Receives bytes from where the part ends.
async fn receive(
    client: &Client,
    url: Url,
    entry: &FileEntry,
    (part, have): (&mut File, &mut u64),
    track: &Track,
) -> anyhow::Result<()> {
    let mut request = client.request(Method::GET, url);
    if *have > 0 {
        let tag = format!("\"{}\"", entry.digest);
        request = request.header(RANGE, format!("bytes={have}-")).header(IF_RANGE, tag);
    }
    let response = client.send_once(request).await?;
    if *have > 0 && response.status() != StatusCode::PARTIAL_CONTENT {
        // The whole file comes: begin anew.
        part.set_len(0)?;
        part.seek(SeekFrom::Start(0))?;
        *have = 0;
        track.set(0);
    }
    let mut body = response.bytes_stream();
    loop {
        let next = tokio::time::timeout(STALL, body.next()).await;
        let next = next.map_err(|_| client.broken("no byte came for a minute"))?;
        let Some(chunk) = next else { return Ok(()) };
        let chunk = chunk.map_err(|error| client.unreachable(&error))?;
        let length = chunk.len() as u64;
        anyhow::ensure!(*have + length <= entry.size, "more than {} bytes came", entry.size);
        part.write_all(&chunk).context("the disk takes no bytes")?;
        *have += length;
        track.advance(length);
    }
}

/// Checks the digest and gives the files their names.
fn finish(
    entry: &FileEntry,
    hash: Sha256,
    part: &Path,
    places: &[PathBuf],
    track: Track,
) -> anyhow::Result<()> {
    let digest = Digest::from_bytes(hash.finalize().into());
    if digest != entry.digest {
        fs::remove_file(part)?;
        track.clear();
        bail!(
            "{}: the bytes have the digest {digest}, and {} was published\n  They were damaged on the way; try again.",
            entry.path,
            entry.digest
        );
    }
    let Some((last, others)) = places.split_last() else { return Ok(()) };
    for place in others {
        let copy = part.with_extension("copy");
        fs::copy(part, &copy)?;
        fs::rename(&copy, place).with_context(|| format!("{} cannot be written", place.display()))?;
    }
    fs::rename(part, last).with_context(|| format!("{} cannot be written", last.display()))?;
    track.finish();
    Ok(())
}
