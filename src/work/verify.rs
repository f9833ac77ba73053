//! Verifying a submitted release: files, interface, requirements, structure, smoke run; then it is
//! published or rejected. Nothing stops at the first finding.

use uuid::Uuid;

use super::parts::{self, Composition};
use super::{Bench, MOST_ATTEMPTS, endings};
use crate::app::conclude::{self, Base, Outcome};
use crate::app::versions;
use crate::domain::compat;
use crate::domain::finding::{Finding, Severity};
use crate::domain::inspect::{self, Inspection};
use crate::domain::manifest::{FileEntry, Requirement};
use crate::domain::module::Kind;
use crate::domain::permission::{Action, Rights};
use crate::domain::release::Stage;
use crate::domain::smoke::Report;
use crate::domain::structure;
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::releases::{self, Release};
use crate::store::smoke_runs;
use crate::store::states;
use crate::store::{actors, namespaces};

/// Verifies a release and publishes or rejects it.
pub(super) async fn verify(bench: &Bench, id: Uuid) -> anyhow::Result<()> {
    let pool = &bench.app.pool;
    let Some(attempt) = states::begin_attempt(pool, id).await? else { return Ok(()) };
    let Some(release) = releases::by_id(pool, id).await? else { return Ok(()) };
    abandon_lost_runs(bench, id).await?;
    if attempt > MOST_ATTEMPTS {
        let outcome = Outcome { findings: vec![given_up(&release)], ..Outcome::default() };
        conclude::verification(&bench.app, &release, outcome).await?;
        return Ok(());
    }
    let mut outcome = examine(bench, &release).await?;
    if let Some(finding) = outcome.run.as_ref().and_then(|(_, report)| endings::from_outside(report)) {
        if attempt < MOST_ATTEMPTS {
            let disturbed = Disturbed(finding.message.clone());
            abandon_lost_runs(bench, id).await?;
            return Err(disturbed.into());
        }
        outcome.findings.push(given_up(&release));
    }
    conclude::advance(&bench.app, &release, Stage::Concluding).await?;
    conclude::verification(&bench.app, &release, outcome).await?;
    Ok(())
}

/// The run was ended from outside. The attempt counts, as that of a worker that is lost does: what the run takes
/// of the machine may be what brings its end.
#[derive(Debug, thiserror::Error)]
#[error("the run of a verification was ended from outside: {0}")]
pub(super) struct Disturbed(String);

/// Gives an attempt back whose worker was told to stop.
pub(super) async fn give_back(bench: &Bench, id: Uuid) -> Result<()> {
    abandon_lost_runs(bench, id).await?;
    states::give_back_attempt(&bench.app.pool, id).await
}

/// Runs of this release that are recorded as running are those of workers that are gone.
async fn abandon_lost_runs(bench: &Bench, id: Uuid) -> Result<()> {
    smoke_runs::abandon_of(&bench.app.pool, id).await
}

fn given_up(release: &Release) -> Finding {
    Finding::error(
        "verification_abandoned",
        release.reference(),
        format!(
            "Its verification was begun {MOST_ATTEMPTS} times, and each time the worker was lost or failed, or \
             its run was ended from outside."
        ),
        "Look for the cause in the workers' logs, then publish again.",
    )
}

async fn examine(bench: &Bench, release: &Release) -> anyhow::Result<Outcome> {
    conclude::advance(&bench.app, release, Stage::Files).await?;
    let files = releases::files(&bench.app.pool, release.id).await?;
    let (mut inspection, readable) = inspect_files(bench, release, &files).await?;
    let mut findings = std::mem::take(&mut inspection.findings);
    conclude::advance(&bench.app, release, Stage::Structure).await?;
    let (mut bases, lacking) = find_bases(bench, release).await?;
    findings.extend(lacking);
    // Of files that cannot be read every tensor would seem to be missing.
    for base in bases.iter_mut().filter(|_| readable) {
        let theirs = base.release.interface.clone().unwrap_or_default();
        base.fit = structure::check(&inspection.interface, &inspection.anatomy, &theirs);
        findings.extend(base.fit.findings.iter().cloned());
    }
    let mut before = None;
    if readable {
        let mut tx = bench.app.begin().await?;
        before = versions::before(&mut tx, release, &inspection.interface).await?;
        tx.commit().await?;
    }
    if let Some(before) = &before {
        findings.extend(before.judge(&release.version, None));
    }
    let run = match may_run(release, &findings, &bases) {
        true => {
            conclude::advance(&bench.app, release, Stage::SmokeRun).await?;
            let measured = before.as_ref().filter(|before| before.has_to_be_measured(release));
            let composition = composition(release, &bases, measured.map(|before| &before.release));
            Some(parts::run(bench, &composition, release).await?)
        }
        false => None,
    };
    if let Some((_, report)) = &run {
        findings.extend(weighed(report));
        findings.extend(before.iter().flat_map(|before| before.judge(&release.version, Some(report))));
    }
    Ok(Outcome { findings: distinct(findings), inspection, bases, run })
}

/// What the files are, and whether all that should be there could be read.
async fn inspect_files(
    bench: &Bench,
    release: &Release,
    files: &[FileEntry],
) -> anyhow::Result<(Inspection, bool)> {
    let facts = parts::read(bench, files).await?;
    let mut inspection = inspect::inspect(&release.manifest, &facts);
    let refused = facts.iter().any(|file| file.findings.iter().any(Finding::refuses));
    let absent = inspection.findings.iter().any(|finding| finding.rule == "missing_file");
    let readable = !refused && !absent;
    let vocabulary = inspection.vocabulary.clone();
    if let Some(file) = files.iter().find(|file| Some(&file.path) == vocabulary.as_ref()) {
        inspection.set_vocabulary(&file.digest);
    }
    let quarantined = releases::quarantined_bytes(&bench.app.pool, release.id).await?;
    inspection.findings.extend(conclude::quarantined(&quarantined));
    Ok((inspection, readable))
}

/// For each requirement the release to prove it on: the one that it was made for where that is
/// named, else the newest that the range admits.
async fn find_bases(bench: &Bench, release: &Release) -> Result<(Vec<Base>, Vec<Finding>)> {
    let (mut bases, mut findings) = (Vec::new(), Vec::new());
    for requirement in &release.manifest.requires {
        // What the author may not see is, here too, like what is not there.
        let healthy = match may_read(bench, release, requirement).await? {
            true => releases::healthy(&bench.app.pool, &requirement.module).await?,
            false => Vec::new(),
        };
        let home = requirement.home.and_then(|home| healthy.iter().find(|base| base.digest == home));
        if let (Some(digest), None) = (requirement.home, home) {
            findings.push(home_unknown(requirement, &digest.to_string()));
        }
        let admitted = healthy
            .iter()
            .find(|base| compat::declared(&requirement.module, &requirement.version, &base.version).is_ok());
        match home.or(admitted) {
            Some(base) => bases.push(Base::new(base.clone(), requirement.clone())),
            None => findings.push(unsatisfied(requirement, &healthy)),
        }
    }
    Ok((bases, findings))
}

async fn may_read(bench: &Bench, release: &Release, requirement: &Requirement) -> Result<bool> {
    let grants = actors::grants(&bench.app.pool, release.created_by_id).await?;
    let rights = Rights { grants, ..Rights::default() };
    let name = requirement.module.namespace();
    let namespace = namespaces::by_name(&bench.app.pool, name.as_str()).await?;
    Ok(namespace
        .is_some_and(|namespace| namespace.is_public() || rights.allow(Some(name.as_str()), Action::Read)))
}

fn home_unknown(requirement: &Requirement, digest: &str) -> Finding {
    Finding::error(
        "home_unknown",
        requirement.module.as_str(),
        format!("No release of {} that may be used has the digest {digest}.", requirement.module),
        "Publish the release that this one was made for, or leave `home` out.",
    )
    .with_severity(Severity::Warning)
}

fn unsatisfied(requirement: &Requirement, healthy: &[Release]) -> Finding {
    let there: Vec<String> = healthy.iter().take(10).map(|release| release.version.to_string()).collect();
    let there = if there.is_empty() { "none that may be used".to_owned() } else { there.join(", ") };
    Finding::error(
        "requirement_unsatisfied",
        requirement.module.as_str(),
        format!(
            "No release of {} that may be used is in `{}`; there is {there}.",
            requirement.module, requirement.version
        ),
        "Publish what it attaches to first, or widen the range.",
    )
    .with_change(requirement.version.to_string(), there)
}

/// Whether running can say anything: the files are sound, what it attaches to is there and fits, and
/// there is something to run.
fn may_run(release: &Release, findings: &[Finding], bases: &[Base]) -> bool {
    let complete = bases.len() == release.manifest.requires.len();
    complete && !findings.iter().any(Finding::refuses)
}

/// The release on what it attaches to: the backbone below, other modules that it requires before it. A backbone
/// beside the release before it, where that is given.
fn composition<'a>(release: &'a Release, bases: &'a [Base], before: Option<&'a Release>) -> Composition<'a> {
    if release.kind == Kind::Backbone {
        return Composition { backbone: Some(release), home: before, ..Composition::default() };
    }
    let backbone = bases.iter().map(|base| &base.release).find(|base| base.kind == Kind::Backbone);
    let others = bases.iter().map(|base| &base.release).filter(|base| base.kind != Kind::Backbone);
    Composition { backbone, modules: others.chain([release]).collect(), home: None }
}

/// The findings of a run. A run that could not be made proves nothing and refuses nothing.
pub(super) fn weighed(report: &Report) -> impl Iterator<Item = Finding> + '_ {
    report.findings.iter().cloned().map(|finding| match report.verdict {
        Verdict::Incompatible => finding,
        _ if finding.refuses() => finding.with_severity(Severity::Warning),
        _ => finding,
    })
}

/// The same reason found by two checks is said once.
fn distinct(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !kept.iter().any(|other| other.rule == finding.rule && other.subject == finding.subject) {
            kept.push(finding);
        }
    }
    kept
}
