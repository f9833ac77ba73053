//! Runs of releases: their blobs become files, the files parts of a job, the job a report.

use std::time::Instant;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Bench, sandbox};
use crate::app::conclude;
use crate::domain::manifest::FileEntry;
use crate::domain::reading::{FileFacts, Reading};
use crate::domain::smoke::{Job, Part, Report};
use crate::error::Result;
use crate::store::releases::{self, Release};
use crate::store::smoke_runs::{self, Participants};

/// Seed of made inputs: the same for every run, so that runs can be compared.
const SEED: u64 = 0;

/// Rules that say something of the machine or of the engine and nothing of the modules: such a run is
/// made again, here or on another worker.
const OURS: [&str; 4] = ["sandbox_unavailable", "device_unavailable", "bad_job", "engine_failed"];

/// What runs together.
#[derive(Debug, Clone, Default)]
pub(super) struct Composition<'a> {
    /// The backbone; none when the modules run alone.
    pub backbone: Option<&'a Release>,
    /// What is put on it, in order; the last one is what the run is about.
    pub modules: Vec<&'a Release>,
    /// The backbone that they were made for, where it is another one.
    pub home: Option<&'a Release>,
}

impl Composition<'_> {
    fn participants(&self) -> Participants {
        Participants {
            dependent: self.modules.last().map(|release| release.id),
            base: self.backbone.map(|release| release.id),
            home: self.home.map(|release| release.id),
        }
    }
}

/// Runs a composition and gives the run's id and report. Nothing is recorded of the outcome yet: that
/// belongs to the transaction of what follows from it. Those who follow events hear of the steps of a run
/// that is part of verifying the release `verified`.
pub(super) async fn run(
    bench: &Bench,
    composition: &Composition<'_>,
    verified: Option<&Release>,
) -> anyhow::Result<(Uuid, Report)> {
    let id = Uuid::now_v7();
    smoke_runs::begin(&bench.app.pool, id, composition.participants()).await?;
    let mut modules = Vec::with_capacity(composition.modules.len());
    for release in &composition.modules {
        modules.push(part(bench, release).await?);
    }
    let job = Job {
        backbone: optional_part(bench, composition.backbone).await?,
        modules,
        home: optional_part(bench, composition.home).await?,
        seed: SEED,
        device: bench.device,
        limits: bench.limits,
        allow_partial_sandbox: bench.allow_partial_sandbox,
        ..Job::default()
    };
    let started = Instant::now();
    let (heard, mut steps) = mpsc::unbounded_channel();
    let running = async {
        let report = sandbox::run(&bench.engine, &job, |step| {
            let _ = heard.send(step);
        })
        .await;
        drop(heard);
        report
    };
    let telling = async {
        while let Some(step) = steps.recv().await {
            if let Err(error) = conclude::step(&bench.app, id, verified, step).await {
                tracing::debug!(run = %id, "a step was not recorded: {error}");
            }
        }
    };
    let (report, ()) = tokio::join!(running, telling);
    let report = report?;
    if let Some(finding) = report.findings.iter().find(|finding| OURS.contains(&finding.rule.as_str())) {
        anyhow::bail!("the run could not be made: {}: {}", finding.rule, finding.message);
    }
    metrics::histogram!("cambium_smoke_run_seconds", "verdict" => report.verdict.as_str())
        .record(started.elapsed().as_secs_f64());
    tracing::info!(run = %id, verdict = report.verdict.as_str(), seconds = started.elapsed().as_secs_f64(), "ran");
    Ok((id, report))
}

async fn optional_part(bench: &Bench, release: Option<&Release>) -> Result<Option<Part>> {
    match release {
        Some(release) => Ok(Some(part(bench, release).await?)),
        None => Ok(None),
    }
}

async fn part(bench: &Bench, release: &Release) -> Result<Part> {
    let mut files = std::collections::BTreeMap::new();
    for file in releases::files(&bench.app.pool, release.id).await? {
        files.insert(file.path.to_string(), bench.app.blobs.file(&file.digest, &bench.cache).await?);
    }
    Ok(Part {
        name: release.reference(),
        kind: Some(release.kind),
        manifest: Some(release.manifest.clone()),
        files,
    })
}

/// Reads of each file what says what it is, in bounded steps.
pub(super) async fn read(bench: &Bench, files: &[FileEntry]) -> anyhow::Result<Vec<FileFacts>> {
    let mut facts = Vec::with_capacity(files.len());
    for file in files {
        // The database knows the blob as complete: where it is not, this worker looks in another store.
        let size = bench.app.blobs.size(&file.digest).await?;
        anyhow::ensure!(
            size == Some(file.size),
            "the store has not the {} bytes of {} ({}): is CAMBIUM_STORE the server's?",
            file.size,
            file.path,
            file.digest
        );
        let mut reading = Reading::start(file.path.clone(), file.size);
        while let Some(range) = reading.next() {
            reading.feed(&bench.app.blobs.read(&file.digest, range).await?);
        }
        facts.push(reading.finish());
    }
    Ok(facts)
}
