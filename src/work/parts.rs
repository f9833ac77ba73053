//! Runs of releases: their blobs become files, the files parts of a job, the job a report.

use std::time::Instant;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Bench, MOST_ATTEMPTS, endings, sandbox};
use crate::app::conclude;
use crate::domain::manifest::FileEntry;
use crate::domain::reading::{FileFacts, Reading};
use crate::domain::smoke::{Job, Part, Report};
use crate::error::Result;
use crate::store::queued_runs;
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
    /// Whether one load of backbone and home serves both.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        let id = |release: Option<&Release>| release.map(|release| release.id);
        (id(self.backbone), id(self.home)) == (id(other.backbone), id(other.home))
    }

    fn participants(&self) -> Participants {
        Participants {
            dependent: self.modules.last().map(|release| release.id),
            base: self.backbone.map(|release| release.id),
            home: self.home.map(|release| release.id),
        }
    }
}

/// Runs a composition that is part of verifying a release, and gives the run's id and report. Nothing is recorded
/// of the outcome yet: that belongs to the transaction of what follows from it. Those who follow events hear of
/// its steps.
pub(super) async fn run(
    bench: &Bench,
    composition: &Composition<'_>,
    verified: &Release,
) -> anyhow::Result<(Uuid, Report)> {
    let id = Uuid::now_v7();
    smoke_runs::begin(&bench.app.pool, id, composition.participants()).await?;
    Ok((id, run_one(bench, id, composition, Some(verified)).await?))
}

/// A run that was queued and begun.
pub(super) struct Queued<'a> {
    /// Its id.
    pub id: Uuid,
    /// How often it was begun, this time included.
    pub attempts: i32,
    /// What it is about.
    pub dependent: &'a Release,
    /// What runs together.
    pub composition: Composition<'a>,
}

/// Makes runs of what attaches to a base, and records what each proved as soon as nothing can take it back. All
/// are on one backbone and against one home.
///
/// # Errors
/// When one could not be made, or not be recorded; the others were, as far as they came.
pub(super) async fn run_queued(bench: &Bench, base: &Release, runs: &[Queued<'_>]) -> anyhow::Result<()> {
    let [first, others @ ..] = runs else { return Ok(()) };
    if others.is_empty() {
        let report = run_one(bench, first.id, &first.composition, None).await?;
        return record(bench, base, first, &report).await;
    }
    let mut batch = Vec::with_capacity(runs.len());
    for run in runs {
        batch.push(parts(bench, &run.composition.modules).await?);
    }
    let job = Job { batch, ..job(bench, &first.composition).await? };
    let started = Instant::now();
    let (heard, mut reports) = mpsc::unbounded_channel();
    let running = async {
        let ended = sandbox::run_batch(&bench.engine, job, |place, report| {
            let _ = heard.send((place, report));
        })
        .await;
        drop(heard);
        ended
    };
    let recording = async {
        let (mut failed, mut before) = (None, started);
        while let Some((place, report)) = reports.recv().await {
            let seconds = before.elapsed().as_secs_f64();
            before = Instant::now();
            let recorded = match made(report, seconds) {
                Ok(report) => record(bench, base, &runs[place], &report).await,
                Err(error) => Err(error),
            };
            // The others may well be made.
            failed = recorded.err().or(failed);
        }
        failed.map_or(Ok(()), Err)
    };
    let (ended, recorded) = tokio::join!(running, recording);
    let seconds = started.elapsed().as_secs_f64();
    tracing::info!(on = base.reference(), runs = runs.len(), seconds, "ran a batch");
    ended?;
    recorded
}

/// Records what a run proved. One that was ended from outside waits again as long as it may; that it was begun
/// counts, since what it takes of the machine may be what brings its end.
async fn record(bench: &Bench, base: &Release, run: &Queued<'_>, report: &Report) -> anyhow::Result<()> {
    if let Some(finding) = endings::from_outside(report).filter(|_| run.attempts < MOST_ATTEMPTS) {
        queued_runs::put_back_counted(&bench.app.pool, run.id).await?;
        anyhow::bail!("the run waits again: {}", finding.message);
    }
    Ok(conclude::pair_proof(&bench.app, run.dependent, base, run.id, report).await?)
}

/// Runs one composition in a process of its own, and records on the way what the engine does.
async fn run_one(
    bench: &Bench,
    id: Uuid,
    composition: &Composition<'_>,
    verified: Option<&Release>,
) -> anyhow::Result<Report> {
    let modules = parts(bench, &composition.modules).await?;
    let job = Job { modules, ..job(bench, composition).await? };
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
    let seconds = started.elapsed().as_secs_f64();
    let report = made(report?, seconds)?;
    tracing::info!(run = %id, verdict = report.verdict.as_str(), seconds, "ran");
    Ok(report)
}

/// A report that says something of the modules; its seconds are counted.
fn made(report: Report, seconds: f64) -> anyhow::Result<Report> {
    if let Some(finding) = report.findings.iter().find(|finding| OURS.contains(&finding.rule.as_str())) {
        anyhow::bail!("the run could not be made: {}: {}", finding.rule, finding.message);
    }
    metrics::histogram!("cambium_smoke_run_seconds", "verdict" => report.verdict.as_str()).record(seconds);
    Ok(report)
}

/// What a composition's job is, less its modules.
async fn job(bench: &Bench, composition: &Composition<'_>) -> Result<Job> {
    Ok(Job {
        backbone: optional_part(bench, composition.backbone).await?,
        home: optional_part(bench, composition.home).await?,
        // Alone it is the next version of what is given as its home; modules are judged in any case.
        measures: composition.modules.is_empty(),
        seed: SEED,
        device: bench.device,
        limits: bench.limits,
        allow_partial_sandbox: bench.allow_partial_sandbox,
        ..Job::default()
    })
}

async fn parts(bench: &Bench, releases: &[&Release]) -> Result<Vec<Part>> {
    let mut parts = Vec::with_capacity(releases.len());
    for release in releases {
        parts.push(part(bench, release).await?);
    }
    Ok(parts)
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
        let place = bench.app.blobs.file(&file.digest, file.size, &bench.cache).await?;
        files.insert(file.path.to_string(), place);
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
