//! What follows from verifying a release or proving a pair: one transaction each.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, events, lineage};
use crate::domain::compat::{self, Facts};
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::inspect::Inspection;
use crate::domain::manifest::Requirement;
use crate::domain::release::{Stage, State};
use crate::domain::smoke::{Report, Step};
use crate::domain::structure::{self, Anatomy, Fit};
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::pairs::{self, Proof, Proven};
use crate::store::releases::{self, Release};
use crate::store::states::{self, Verified};
use crate::store::{Tx, jobs, modules, namespaces, smoke_runs};

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
    let proven = outcome.run.as_ref().map(|(run, report)| Proven {
        verdict: report.verdict,
        findings: report.findings.clone(),
        smoke_run_id: *run,
    });
    if let Some(proven) = &proven {
        for base in &outcome.bases {
            let proof = proof(tx, release, &base.release, &base.release).await?;
            record(tx, &proof, proven).await?;
        }
    }
    let mut published = release.clone();
    published.interface = Some(outcome.inspection.interface.clone());
    pair_with_bases(tx, &published, &outcome.inspection.anatomy, proven.as_ref()).await?;
    pair_with_dependents(tx, &published).await?;
    modules::summarise(tx, release.module_id).await
}

/// Pairs a release that may be used again with everything that was published meanwhile.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn pair_anew(tx: &mut Tx, release: &Release) -> Result<()> {
    lock_modules(tx, release).await?;
    let anatomy =
        releases::anatomies(&mut **tx, &[release.id]).await?.remove(&release.id).unwrap_or_default();
    pair_with_bases(tx, release, &anatomy, None).await?;
    pair_with_dependents(tx, release).await
}

/// Pairs a release with every release of the modules that it requires. What was just `proven` is the
/// pair with its home.
async fn pair_with_bases(
    tx: &mut Tx,
    release: &Release,
    anatomy: &Anatomy,
    proven: Option<&Proven>,
) -> Result<()> {
    let interface = release.interface.clone().unwrap_or_default();
    for requirement in &release.manifest.requires {
        let home = releases::home(&mut **tx, release.id, &requirement.module).await?;
        for candidate in releases::healthy(&mut **tx, &requirement.module).await? {
            let theirs = candidate.interface.clone().unwrap_or_default();
            let fit = structure::check(&interface, anatomy, &theirs);
            let side = Side { dependent: release, base: &candidate, requirement };
            let is_home = home.as_ref().is_some_and(|home| home.id == candidate.id);
            pair(tx, &side, fit, home.as_ref(), proven.filter(|_| is_home)).await?;
        }
    }
    Ok(())
}

/// Pairs a release with every release that requires its module: the structural fact at once, from what
/// is stored, and a queued run where behaviour is not proven.
async fn pair_with_dependents(tx: &mut Tx, release: &Release) -> Result<()> {
    let dependents = releases::dependents(&mut **tx, &release.module).await?;
    let ids: Vec<Uuid> = dependents.iter().map(|dependent| dependent.id).collect();
    let anatomies = releases::anatomies(&mut **tx, &ids).await?;
    let theirs = release.interface.clone().unwrap_or_default();
    for dependent in &dependents {
        let Some(requirement) = requirement_of(dependent, release) else { continue };
        let interface = dependent.interface.clone().unwrap_or_default();
        let anatomy = anatomies.get(&dependent.id).cloned().unwrap_or_default();
        let fit = structure::check(&interface, &anatomy, &theirs);
        let side = Side { dependent, base: release, requirement };
        let home = releases::home(&mut **tx, dependent.id, &release.module).await?;
        pair(tx, &side, fit, home.as_ref(), None).await?;
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

/// Stores the facts of a pair, and queues a run when its behaviour is neither known nor beside the
/// point.
async fn pair(
    tx: &mut Tx,
    side: &Side<'_>,
    fit: Fit,
    home: Option<&Release>,
    proven: Option<&Proven>,
) -> Result<()> {
    let known = match proven {
        Some(proven) => Some(proven.clone()),
        None => {
            let proof = proof(tx, side.dependent, side.base, home.unwrap_or(side.base)).await?;
            pairs::proven(&mut **tx, &proof).await?
        }
    };
    let is_open = known.is_none() && fit.verdict != Verdict::Incompatible;
    store(tx, side, &fit, known.as_ref()).await?;
    if is_open {
        jobs::prove_pair(tx, side.dependent.id, side.base.id).await?;
    }
    Ok(())
}

/// What a proof of a pair is filed under. What else the dependent requires takes part in the run, so
/// it takes part in the key.
async fn proof(tx: &mut Tx, dependent: &Release, base: &Release, home: &Release) -> Result<Proof> {
    let mut companions = Vec::new();
    for requirement in &dependent.manifest.requires {
        if !requirement.module.as_str().eq_ignore_ascii_case(base.module.as_str()) {
            let companion = releases::home(&mut **tx, dependent.id, &requirement.module).await?;
            companions.extend(companion.map(|companion| companion.content_digest));
        }
    }
    companions.sort();
    let content = match companions.is_empty() {
        true => dependent.content_digest,
        false => Digest::of_canonical(&(dependent.content_digest, companions))?,
    };
    Ok(Proof { dependent: content, base: base.content_digest, home: home.content_digest })
}

/// Records what a run settled. A run that could not be made has settled nothing for others.
async fn record(tx: &mut Tx, proof: &Proof, proven: &Proven) -> Result<()> {
    match proven.verdict {
        Verdict::Unknown => Ok(()),
        _ => pairs::record_proof(tx, proof, proven).await,
    }
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
    pairs::upsert(tx, side.dependent.id, side.base.id, facts, &findings, run).await?;
    events::pair(tx, side.dependent, side.base, facts.verdict()).await
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

/// Brings a pair up to date with what was proven of the same contents meanwhile; says whether
/// anything was.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(app: &App, (dependent, base, home): (&Release, &Release, &Release)) -> Result<bool> {
    let mut tx = app.begin().await?;
    let proof = proof(&mut tx, dependent, base, home).await?;
    let Some(proven) = pairs::proven(&mut *tx, &proof).await? else { return Ok(false) };
    refresh(&mut tx, dependent, base, Some(&proven)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Records what the run of a pair proved.
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
    let proof = proof(&mut tx, dependent, base, home).await?;
    record(&mut tx, &proof, &proven).await?;
    refresh(&mut tx, dependent, base, Some(&proven)).await?;
    // The log is read by those of the dependent's namespace; its manifest tells them the base's name only.
    let namespace = namespaces::by_name(&mut *tx, base.module.namespace().as_str()).await?;
    let open = base.namespace_id == dependent.namespace_id || namespace.is_some_and(|n| n.is_public());
    let on = if open { base.reference() } else { base.module.to_string() };
    let subject = format!("{} on {on}", dependent.reference());
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
