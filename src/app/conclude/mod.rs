//! What follows from verifying a release or proving a pair: one transaction each.

mod pairing;
mod proof;

use serde_json::json;
use uuid::Uuid;

pub use self::proof::{ask, known, pair_proof, settle};
use super::{App, Caller, events, lineage, versions};
use crate::domain::finding::Finding;
use crate::domain::inspect::Inspection;
use crate::domain::manifest::Requirement;
use crate::domain::release::{Stage, State};
use crate::domain::smoke::{Report, Step};
use crate::domain::structure::Fit;
use crate::error::Result;
use crate::store::pairs::{self, Proven};
use crate::store::releases::{self, Release};
use crate::store::states::{self, Verified};
use crate::store::{Tx, modules, smoke_runs};

/// A release that another attaches to, and how the headers fit.
#[derive(Debug, Clone)]
pub struct Base {
    /// The release.
    pub release: Release,
    /// The requirement that led to it.
    pub requirement: Requirement,
    /// How the headers fit; unknown until checked.
    pub fit: Fit,
}

impl Base {
    /// A base whose fit was not checked.
    pub const fn new(release: Release, requirement: Requirement) -> Self {
        Self { release, requirement, fit: Fit::unchecked() }
    }
}

/// What verifying found.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Every reason for refusing or doubting the release.
    pub findings: Vec<Finding>,
    /// What its files are.
    pub inspection: Inspection,
    /// What it was proven on.
    pub bases: Vec<Base>,
    /// The smoke run.
    pub run: Option<(Uuid, Report)>,
}

impl Outcome {
    fn state(&self) -> State {
        if self.findings.iter().any(Finding::refuses) { State::Rejected } else { State::Published }
    }
}

/// Records how far the verification of a release is, and tells those who follow it.
///
/// # Errors
/// When the database does not answer.
pub async fn advance(app: &App, release: &Release, stage: Stage) -> Result<()> {
    let mut tx = app.begin().await?;
    states::set_stage(&mut tx, release.id, stage).await?;
    let data = json!({ "id": release.id, "stage": stage });
    events::release(&mut tx, None, "release.verifying", release, data).await?;
    tx.commit().await?;
    Ok(())
}

/// Records what the engine does in a run; when it is part of verifying a release, those who follow that
/// hear of it.
///
/// # Errors
/// When the database does not answer.
pub async fn step(app: &App, run: Uuid, verified: Option<&Release>, step: Step) -> Result<()> {
    let mut tx = app.begin().await?;
    smoke_runs::set_step(&mut tx, run, step).await?;
    if let Some(release) = verified {
        let data = json!({ "id": release.id, "stage": Stage::SmokeRun, "step": step, "smoke_run": run });
        events::release(&mut tx, None, "release.verifying", release, data).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Publishes or rejects a verified release, with everything that follows: its facts and pairs, its
/// lineage, the audit entry, and the runs of the pairs that are not proven yet.
///
/// # Errors
/// When the database does not answer; then nothing has happened.
pub async fn verification(app: &App, release: &Release, mut outcome: Outcome) -> Result<State> {
    let mut tx = app.begin().await?;
    // What was looked at before the run may have changed during it.
    states::lock_standings(&mut tx, false).await?;
    lock_modules(&mut tx, release).await?;
    outcome.findings.extend(changed_since(&mut tx, release, &outcome).await?);
    let state = outcome.state();
    let verified = Verified {
        state,
        interface: &outcome.inspection.interface,
        anatomy: &outcome.inspection.anatomy,
        findings: &outcome.findings,
    };
    if !states::finish(&mut tx, release.id, &verified).await? {
        return Ok(release.state);
    }
    if let Some((run, report)) = &outcome.run {
        smoke_runs::finish(&mut tx, *run, report).await?;
    }
    let action = if state == State::Published { "release.publish" } else { "release.reject" };
    let rules: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule.as_str()).collect();
    let detail = json!({ "release": release.id, "digest": release.digest, "rules": &rules });
    service().audit(&mut tx, action, &release.reference(), Some(release.namespace_id), detail).await?;
    let kind = if state == State::Published { "release.published" } else { "release.rejected" };
    events::release(&mut tx, None, kind, release, json!({ "id": release.id, "rules": rules })).await?;
    if state == State::Published {
        publish(&mut tx, release, &outcome).await?;
    }
    tx.commit().await?;
    tracing::info!(release = release.reference(), state = state.as_str(), "verified");
    Ok(state)
}

/// Bases that were taken from use, and bytes that were quarantined, while the release was verified.
async fn changed_since(tx: &mut Tx, release: &Release, outcome: &Outcome) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for base in &outcome.bases {
        let now = releases::by_id(&mut **tx, base.release.id).await?.map(|base| base.state);
        if !now.is_some_and(State::is_healthy) {
            findings.push(Finding::error(
                "base_withdrawn",
                base.release.reference(),
                "It was taken from use while this release was being verified on it.",
                "Publish again, on a release that may be used.",
            ));
        }
    }
    // Another version may have been published before this one.
    if outcome.state() == State::Published
        && let Some(before) = versions::before(tx, release, &outcome.inspection.interface).await?
    {
        findings.extend(before.judge(&release.version, None));
    }
    findings.extend(quarantined(&releases::quarantined_bytes(&mut **tx, release.id).await?));
    findings
        .retain(|new| !outcome.findings.iter().any(|old| old.rule == new.rule && old.subject == new.subject));
    Ok(findings)
}

/// A finding for each file whose bytes belong to a quarantined release.
pub(crate) fn quarantined(files: &[(String, String)]) -> Vec<Finding> {
    let finding = |(path, bad): &(String, String)| {
        Finding::error(
            "quarantined_bytes",
            path,
            format!("These bytes belong to {bad}, which is quarantined."),
            "Publish other bytes, or have that release restored.",
        )
    };
    files.iter().map(finding).collect()
}

/// The service itself, in the audit log.
fn service() -> Caller {
    Caller::default()
}

/// Modules in a fixed order, so that two publications never wait for each other in a circle.
async fn lock_modules(tx: &mut Tx, release: &Release) -> Result<()> {
    let required = release.manifest.requires.iter().map(|requirement| requirement.module.as_str());
    let mut names: Vec<String> =
        required.chain([release.module.as_str()]).map(str::to_ascii_lowercase).collect();
    names.sort();
    names.dedup();
    for name in names {
        pairs::lock_module(tx, &name).await?;
    }
    Ok(())
}

async fn publish(tx: &mut Tx, release: &Release, outcome: &Outcome) -> Result<()> {
    for base in &outcome.bases {
        releases::set_home(tx, release.id, &base.release.module, &base.release.digest).await?;
    }
    let bases: Vec<&Release> = outcome.bases.iter().map(|base| &base.release).collect();
    lineage::record(tx, release.id, &release.manifest, &bases).await?;
    // Before pairing: it asks which release is the latest.
    modules::summarise(tx, release.module_id).await?;
    let proven = outcome.run.as_ref().map(|(run, report)| Proven::of(*run, report));
    pairing::with_bases(tx, release, proven.as_ref()).await?;
    pairing::with_dependents(tx, release).await
}

/// Pairs a release that may be used again with everything that was published meanwhile.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn pair_anew(tx: &mut Tx, release: &Release) -> Result<()> {
    lock_modules(tx, release).await?;
    pairing::with_bases(tx, release, None).await?;
    pairing::with_dependents(tx, release).await
}
