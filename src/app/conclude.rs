//! What follows from verifying a release or proving a pair: one transaction each.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, lineage};
use crate::domain::compat::{self, Facts};
use crate::domain::finding::Finding;
use crate::domain::inspect::Inspection;
use crate::domain::manifest::Requirement;
use crate::domain::release::State;
use crate::domain::smoke::Report;
use crate::domain::structure::{self, Fit};
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::pairs::{self, Proof, Proven};
use crate::store::releases::{self, Release, Verified};
use crate::store::{Tx, jobs, smoke_runs};

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
        let fit = Fit { verdict: Verdict::Unknown, findings: Vec::new() };
        Self { release, requirement, fit }
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

/// Publishes or rejects a verified release, with everything that follows: its facts and pairs, its
/// lineage, the audit entry, and the runs of the pairs that are not proven yet.
///
/// # Errors
/// When the database does not answer; then nothing has happened.
pub async fn verification(app: &App, release: &Release, outcome: Outcome) -> Result<State> {
    let state = outcome.state();
    let mut tx = app.begin().await?;
    if state == State::Published {
        lock_modules(&mut tx, release).await?;
    }
    let verified = Verified {
        state,
        interface: &outcome.inspection.interface,
        anatomy: &outcome.inspection.anatomy,
        findings: &outcome.findings,
    };
    if !releases::finish(&mut tx, release.id, &verified).await? {
        return Ok(release.state);
    }
    if let Some((run, report)) = &outcome.run {
        smoke_runs::finish(&mut tx, *run, report).await?;
    }
    let action = if state == State::Published { "release.publish" } else { "release.reject" };
    let rules: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule.as_str()).collect();
    let detail = json!({ "digest": release.digest, "rules": rules });
    service().audit(&mut tx, action, &release.reference(), Some(release.namespace_id), detail).await?;
    if state == State::Published {
        publish(&mut tx, release, &outcome).await?;
    }
    tx.commit().await?;
    tracing::info!(release = release.reference(), state = state.as_str(), "verified");
    Ok(state)
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
    if let Some((run, report)) = &outcome.run {
        for base in &outcome.bases {
            let content = base.release.content_digest;
            let proof = Proof { dependent: release.content_digest, base: content, home: content };
            let proven =
                Proven { verdict: report.verdict, findings: report.findings.clone(), smoke_run_id: *run };
            pairs::record_proof(tx, &proof, &proven).await?;
        }
    }
    pair_with_bases(tx, release, outcome).await?;
    pair_with_dependents(tx, release, outcome).await
}

/// Pairs a new release with every release of the modules that it requires.
async fn pair_with_bases(tx: &mut Tx, release: &Release, outcome: &Outcome) -> Result<()> {
    for base in &outcome.bases {
        for candidate in releases::healthy(&mut **tx, &base.requirement.module).await? {
            let theirs = candidate.interface.clone().unwrap_or_default();
            let fit = structure::check(&outcome.inspection.interface, &outcome.inspection.anatomy, &theirs);
            let side = Side { dependent: release, base: &candidate, requirement: &base.requirement };
            pair(tx, &side, fit, &base.release).await?;
        }
    }
    Ok(())
}

/// Pairs a new release with every release that requires its module: the structural fact at once, from
/// what is stored, and a queued run where behaviour is not proven.
async fn pair_with_dependents(tx: &mut Tx, release: &Release, outcome: &Outcome) -> Result<()> {
    let dependents = releases::dependents(&mut **tx, &release.module).await?;
    let ids: Vec<Uuid> = dependents.iter().map(|dependent| dependent.id).collect();
    let anatomies = releases::anatomies(&mut **tx, &ids).await?;
    for dependent in &dependents {
        let Some(requirement) = requirement_of(dependent, release) else { continue };
        let interface = dependent.interface.clone().unwrap_or_default();
        let anatomy = anatomies.get(&dependent.id).cloned().unwrap_or_default();
        let fit = structure::check(&interface, &anatomy, &outcome.inspection.interface);
        let side = Side { dependent, base: release, requirement };
        let home = releases::home(&mut **tx, dependent.id, &release.module).await?;
        pair(tx, &side, fit, home.as_ref().unwrap_or(release)).await?;
    }
    Ok(())
}

fn requirement_of<'a>(dependent: &'a Release, base: &Release) -> Option<&'a Requirement> {
    let wanted = base.module.as_str();
    dependent
        .manifest
        .requires
        .iter()
        .find(|requirement| requirement.module.as_str().eq_ignore_ascii_case(wanted))
}

/// The two sides of a pair and what ties them.
struct Side<'a> {
    dependent: &'a Release,
    base: &'a Release,
    requirement: &'a Requirement,
}

/// Stores the facts of a pair, and queues a run when its behaviour is neither proven nor beside the
/// point.
async fn pair(tx: &mut Tx, side: &Side<'_>, fit: Fit, home: &Release) -> Result<()> {
    let proof = proof(side.dependent, side.base, home);
    let proven = pairs::proven(&mut **tx, &proof).await?;
    let is_open = proven.is_none() && fit.verdict != Verdict::Incompatible;
    store(tx, side, &fit, proven.as_ref()).await?;
    if is_open {
        jobs::prove_pair(tx, side.dependent.id, side.base.id).await?;
    }
    Ok(())
}

const fn proof(dependent: &Release, base: &Release, home: &Release) -> Proof {
    Proof { dependent: dependent.content_digest, base: base.content_digest, home: home.content_digest }
}

async fn store(tx: &mut Tx, side: &Side<'_>, fit: &Fit, proven: Option<&Proven>) -> Result<()> {
    let mut findings = fit.findings.clone();
    let declared = match compat::declared(side.requirement, &side.base.version) {
        Ok(()) => Verdict::Compatible,
        Err(finding) => {
            findings.insert(0, finding);
            Verdict::Incompatible
        }
    };
    let behavioural = proven.map_or(Verdict::Unknown, |proven| proven.verdict);
    findings.extend(proven.iter().flat_map(|proven| proven.findings.clone()));
    // What the headers leave open, a run that went well has settled.
    let structural = match (fit.verdict, behavioural) {
        (Verdict::Unknown, Verdict::Compatible) => Verdict::Compatible,
        (fit, _) => fit,
    };
    if behavioural == Verdict::Unknown && proven.is_none() && structural != Verdict::Incompatible {
        findings.push(not_proven(side));
    }
    let facts = Facts { declared, structural, behavioural };
    let run = proven.map(|proven| proven.smoke_run_id);
    pairs::upsert(tx, side.dependent.id, side.base.id, facts, &findings, run).await
}

fn not_proven(side: &Side<'_>) -> Finding {
    Finding::error(
        "not_proven",
        format!("{} on {}", side.dependent.reference(), side.base.reference()),
        "The smoke run of this pair has not ended.",
        "Wait for the run; it is queued.",
    )
    .with_severity(crate::domain::finding::Severity::Warning)
}

/// Records what the run of a pair proved, for every pair of the same contents.
///
/// # Errors
/// When the database does not answer; then nothing has happened.
pub async fn pair_proof(
    app: &App,
    (dependent, base, home): (&Release, &Release, &Release),
    run: Uuid,
    report: &Report,
) -> Result<()> {
    let mut tx = app.begin().await?;
    pairs::lock_module(&mut tx, base.module.as_str()).await?;
    smoke_runs::finish(&mut tx, run, report).await?;
    let proven = Proven { verdict: report.verdict, findings: report.findings.clone(), smoke_run_id: run };
    pairs::record_proof(&mut tx, &proof(dependent, base, home), &proven).await?;
    refresh(&mut tx, dependent, base, Some(&proven)).await?;
    let subject = format!("{} on {}", dependent.reference(), base.reference());
    let detail = json!({ "verdict": report.verdict, "smoke_run": run });
    service().audit(&mut tx, "pair.prove", &subject, Some(dependent.namespace_id), detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Brings the stored facts of a pair up to date with what is proven.
async fn refresh(tx: &mut Tx, dependent: &Release, base: &Release, proven: Option<&Proven>) -> Result<()> {
    let Some(requirement) = requirement_of(dependent, base) else { return Ok(()) };
    let anatomies: HashMap<_, _> = releases::anatomies(&mut **tx, &[dependent.id]).await?;
    let anatomy = anatomies.get(&dependent.id).cloned().unwrap_or_default();
    let (ours, theirs) =
        (dependent.interface.clone().unwrap_or_default(), base.interface.clone().unwrap_or_default());
    let fit = structure::check(&ours, &anatomy, &theirs);
    store(tx, &Side { dependent, base, requirement }, &fit, proven).await
}
