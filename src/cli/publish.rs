//! `cambium publish`: a folder becomes a release.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::HumanBytes;
use serde::Serialize;

use super::client::{Client, Connection};
use super::folder::Folder;
use super::hashing::{self, Hashed};
use super::progress::Progress;
use super::{findings, namespace, terminal, upload};
use crate::api::drafts::{DraftRequest, DraftView};
use crate::api::releases::ReleaseView;
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::manifest::{FILE_NAME, Manifest};
use crate::domain::release::State;

/// Publish a folder with a `cambium.toml` as a release.
///
/// Uploads what the server does not have, goes on where an interrupted attempt stopped, waits until
/// the release is verified, and says why when it is refused. Publishing the same bytes again is
/// harmless. Exits with 0 when published, 1 when refused, 2 when it could not be done.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The folder.
    pub dir: PathBuf,
    /// Make the namespace when it does not exist, if you may.
    #[arg(long)]
    pub create_namespace: bool,
    /// Submit, and do not wait for the verdict.
    #[arg(long)]
    pub no_wait: bool,
    /// Files uploaded at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub jobs: u8,
    /// Print the outcome as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What publishing came to.
#[derive(Debug, Serialize)]
struct Outcome {
    /// `namespace/name@version`.
    reference: String,
    id: uuid::Uuid,
    digest: Digest,
    state: State,
    /// Whether the same bytes were published before.
    published_before: bool,
    /// Bytes that had to be sent.
    uploaded_bytes: u64,
    findings: Vec<Finding>,
}

/// Runs the command.
///
/// # Errors
/// When the folder cannot be read, or the server refuses the attempt or stays away.
pub async fn run(args: PublishArgs) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let folder = Folder::read(&args.dir)?;
    let manifest = folder.manifest.clone().with_context(|| {
        format!("{} has no {FILE_NAME}\n  Write one with `cambium init {0}`.", args.dir.display())
    })?;
    anyhow::ensure!(!folder.files.is_empty(), "{} has no files beside {FILE_NAME}", args.dir.display());
    let client = Client::open(&args.connection)?;
    let progress = Progress::new(args.json);
    let files = hashing::entries(&folder, &progress).await?;
    let draft = draft(&client, &args, manifest, &files).await?;
    let before = draft.release.state.was_published();
    let uploaded = send_missing(&client, &draft, &files, args.jobs, &progress).await?;
    let release = if before { draft.release } else { submit(&client, &draft, &args, &progress).await? };
    let outcome = Outcome {
        reference: format!("{}@{}", release.module, release.version),
        id: release.id,
        digest: release.digest,
        state: release.state,
        published_before: before,
        uploaded_bytes: uploaded,
        findings: release.findings,
    };
    if args.json {
        terminal::print_json(&outcome)?;
    } else {
        terminal::print(&told(&outcome, began.elapsed().as_secs_f64()))?;
    }
    Ok(ExitCode::from(u8::from(outcome.state == State::Rejected)))
}

/// Makes the draft, and its namespace when that is wanted and lacking.
async fn draft(
    client: &Client,
    args: &PublishArgs,
    manifest: Manifest,
    files: &[Hashed],
) -> anyhow::Result<DraftView> {
    let name = manifest.module.name.namespace();
    let request = DraftRequest { manifest, files: files.iter().map(|file| file.entry.clone()).collect() };
    let url = client.url(["drafts"]);
    match client.post(url.clone(), &request).await {
        Err(failure) if failure.code() == Some("not_found") => {
            if !args.create_namespace {
                return Err(failure).with_context(|| {
                    format!("`{name}` is no namespace that you can see: create it with --create-namespace if it is yours to create")
                });
            }
            namespace::create_if_absent(client, &name).await?;
            Ok(client.post(url, &request).await?)
        }
        answer => Ok(answer?),
    }
}

/// Uploads what the server lacks, several files at once; the answer is how many bytes were sent.
async fn send_missing(
    client: &Client,
    draft: &DraftView,
    files: &[Hashed],
    jobs: u8,
    progress: &Progress,
) -> anyhow::Result<u64> {
    let missing = draft.missing_blobs.iter().filter_map(|digest| {
        // Files with the same bytes need them once.
        files.iter().find(|file| file.entry.digest == *digest)
    });
    let sent: Vec<u64> = stream::iter(missing)
        .map(|file| upload::upload(client, file, progress))
        .buffer_unordered(usize::from(jobs))
        .try_collect()
        .await?;
    Ok(sent.iter().sum())
}

/// Submits the draft, and waits for the verdict unless told not to.
async fn submit(
    client: &Client,
    draft: &DraftView,
    args: &PublishArgs,
    progress: &Progress,
) -> anyhow::Result<ReleaseView> {
    let id = draft.release.id.to_string();
    let mut release: ReleaseView = client.post(client.url(["drafts", &id, "submit"]), &()).await?;
    if args.no_wait {
        return Ok(release);
    }
    // Somebody else may have won the race for the version with the same bytes: then theirs is watched.
    let id = release.id.to_string();
    let track = progress.waiting("verifying: files, interface, structure, smoke run");
    while release.state == State::Verifying {
        let mut url = client.url(["drafts", &id]);
        url.query_pairs_mut().append_pair("wait", "30");
        release = client.get::<DraftView>(url).await?.release;
    }
    track.clear();
    Ok(release)
}

/// The outcome as people read it.
fn told(outcome: &Outcome, seconds: f64) -> String {
    let name = terminal::strong(&outcome.reference);
    let state = terminal::state(outcome.state);
    let mut text = match outcome.state {
        state_now if outcome.published_before => {
            format!(
                "{name} was published before with the same bytes ({}); nothing to do\n",
                terminal::state(state_now)
            )
        }
        State::Published => format!(
            "{name} is {state} ({} sent, {seconds:.1} s)\n  {}\n",
            HumanBytes(outcome.uploaded_bytes),
            outcome.digest
        ),
        State::Rejected => format!("{name} is {state}, and its version is free again\n"),
        State::InReview => format!("{name} is verified and waits for a review ({state})\n"),
        _ => format!("{name} is submitted ({state}); `cambium publish` again says what became of it\n"),
    };
    text.push_str(&findings::rendered(&outcome.findings));
    text
}
