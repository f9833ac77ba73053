//! Proving a pair of published releases.

use uuid::Uuid;

use super::parts::{self, Composition};
use super::{Bench, MOST_ATTEMPTS};
use crate::app::conclude;
use crate::domain::finding::{Finding, Severity};
use crate::domain::module::Kind;
use crate::domain::smoke::Report;
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::pairs;
use crate::store::releases::{self, Release};
use crate::store::smoke_runs;

/// A dependent and a base.
type Pair = (Uuid, Uuid);

/// Runs a pair and records what that proved. A pair that was proven meanwhile, or one side of which
/// may not be used any more, is left alone.
pub(super) async fn prove(bench: &Bench, (dependent, base): Pair) -> anyhow::Result<()> {
    let pool = &bench.app.pool;
    let (Some(dependent), Some(base)) =
        (releases::by_id(pool, dependent).await?, releases::by_id(pool, base).await?)
    else {
        return Ok(());
    };
    let lost = smoke_runs::abandon_pair(pool, dependent.id, base.id).await?;
    let settled =
        pairs::get(pool, dependent.id, base.id).await?.is_some_and(|pair| pair.smoke_run_id.is_some());
    if settled || !dependent.state.is_healthy() || !base.state.is_healthy() {
        return Ok(());
    }
    let Some(bases) = companions(bench, &dependent, &base).await? else { return Ok(()) };
    let home = bases.iter().find(|other| other.home.module == base.module).map_or(&base, |other| &other.home);
    let sides = (&dependent, &base, home);
    if conclude::settle(&bench.app, sides).await? {
        return Ok(());
    }
    let (run, report) = if lost >= i64::from(MOST_ATTEMPTS) {
        give_up(bench, &dependent, &base).await?
    } else {
        parts::run(bench, &composition(&dependent, &base, &bases), None).await?
    };
    conclude::pair_proof(&bench.app, sides, run, &report).await?;
    Ok(())
}

/// Forgets the unfinished run of a pair whose worker was told to stop.
pub(super) async fn give_back(bench: &Bench, (dependent, base): Pair) -> Result<()> {
    smoke_runs::forget_unfinished(&bench.app.pool, dependent, base).await
}

/// A release that a dependent requires: the one that it was made for.
struct Companion {
    home: Release,
}

/// What the dependent was made for, of each module that it requires; `None` when one of them is gone.
async fn companions(bench: &Bench, dependent: &Release, base: &Release) -> Result<Option<Vec<Companion>>> {
    let mut found = Vec::new();
    for requirement in &dependent.manifest.requires {
        let is_base = requirement.module.as_str().eq_ignore_ascii_case(base.module.as_str());
        match releases::home(&bench.app.pool, dependent.id, &requirement.module).await? {
            Some(home) => found.push(Companion { home }),
            // What it was made for is gone: the base itself is all there is to judge by.
            None if is_base => found.push(Companion { home: base.clone() }),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// The dependent on the base, with what else it requires, judged against its home.
fn composition<'a>(dependent: &'a Release, base: &'a Release, bases: &'a [Companion]) -> Composition<'a> {
    let of =
        |companion: &'a Companion| if companion.home.module == base.module { base } else { &companion.home };
    let backbone = bases.iter().map(of).find(|release| release.kind == Kind::Backbone);
    let others = bases.iter().map(of).filter(|release| release.kind != Kind::Backbone);
    let home = bases.iter().map(|companion| &companion.home).find(|release| release.kind == Kind::Backbone);
    let moved = backbone.zip(home).is_some_and(|(on, from)| on.content_digest != from.content_digest);
    Composition { backbone, modules: others.chain([dependent]).collect(), home: home.filter(|_| moved) }
}

async fn give_up(bench: &Bench, dependent: &Release, base: &Release) -> Result<(Uuid, Report)> {
    let finding = Finding::error(
        "smoke_run_abandoned",
        format!("{} on {}", dependent.reference(), base.reference()),
        format!("The run was begun {MOST_ATTEMPTS} times, and each time its worker was lost."),
        "Look for the cause in the workers' logs, then ask for the run again.",
    );
    let id = Uuid::now_v7();
    let participants =
        smoke_runs::Participants { dependent: Some(dependent.id), base: Some(base.id), home: None };
    smoke_runs::begin(&bench.app.pool, id, participants).await?;
    Ok((id, Report::without_run(Verdict::Unknown, finding.with_severity(Severity::Warning))))
}
