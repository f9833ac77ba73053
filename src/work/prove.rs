//! Proving pairs of published releases: the queued runs of what attaches to one, many on one load of it.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::parts::{self, Composition, Queued};
use super::{Bench, MOST_ATTEMPTS};
use crate::app::conclude;
use crate::domain::finding::{Finding, Severity};
use crate::domain::module::Kind;
use crate::domain::smoke::{MOST_IN_A_BATCH, Report};
use crate::domain::urgency::Urgency;
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::jobs::{self, ProveDependents};
use crate::store::queued_runs::{self, Begun};
use crate::store::releases::{self, Release};

/// How long a job should keep others, that may be more urgent, from its worker.
const ABOUT: Duration = Duration::from_secs(30);

/// Makes some of the queued runs of a base and records what each proved; what is left then is for another job,
/// behind those that are more urgent.
pub(super) async fn prove(bench: &Bench, job: i64, asked: &ProveDependents) -> anyhow::Result<()> {
    let pool = &bench.app.pool;
    queued_runs::take_over(pool, job).await?;
    let Some(base) = releases::by_id(pool, asked.base).await? else { return Ok(()) };
    let begun = queued_runs::begin(pool, base.id, asked.urgency, job, asked.at_once).await?;
    let count = begun.len();
    let began = Instant::now();
    let runs = worth_making(bench, &base, asked.urgency, begun).await?;
    make(bench, &base, &runs).await?;
    let mut tx = bench.app.begin().await?;
    if queued_runs::are_left(&mut *tx, base.id, asked.urgency).await? {
        let at_once = next_size(asked.at_once, count, began.elapsed());
        jobs::prove_dependents(&mut tx, &ProveDependents { at_once, ..asked.clone() }).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// How many to run next, where so many took so long.
fn next_size(allowed: u16, count: usize, took: Duration) -> u16 {
    let fit = count as f64 * ABOUT.as_secs_f64() / took.as_secs_f64().max(0.01);
    // One quick run says little of the next ones.
    let bounded = fit.min(f64::from(allowed) * 4.0).clamp(1.0, MOST_IN_A_BATCH as f64);
    bounded as u16
}

/// A run that was begun, with what takes part.
struct Run {
    id: Uuid,
    attempts: i32,
    dependent: Release,
    bases: Vec<Companion>,
}

/// A release that a dependent requires: the one that it was made for.
struct Companion {
    home: Release,
}

/// The runs that have something to say. A pair that was proven meanwhile is brought up to date; one of which a
/// side may not be used any more is left alone; two of the same content are run once.
async fn worth_making(
    bench: &Bench,
    base: &Release,
    urgency: Urgency,
    begun: Vec<Begun>,
) -> anyhow::Result<Vec<Run>> {
    let pool = &bench.app.pool;
    let (mut runs, mut proofs) = (Vec::with_capacity(begun.len()), HashSet::new());
    for Begun { id, dependent, attempts } in begun {
        let dependent = releases::by_id(pool, dependent).await?;
        let parts = match &dependent {
            Some(dependent) => conclude::known(&bench.app, dependent, base).await?,
            None => None,
        };
        let (Some(dependent), Some((proof, proven))) = (dependent, parts) else {
            queued_runs::forget(pool, id).await?;
            continue;
        };
        // Who asks for a run gets one.
        if let Some(proven) = proven.filter(|_| urgency != Urgency::Asked) {
            conclude::settle(&bench.app, &dependent, base, id, &proven).await?;
        } else if attempts > MOST_ATTEMPTS {
            let report = given_up(&dependent, base);
            conclude::pair_proof(&bench.app, &dependent, base, id, &report).await?;
        } else if !proofs.insert(proof) {
            queued_runs::put_back(pool, id).await?;
        } else if let Some(bases) = companions(bench, &dependent, base).await? {
            runs.push(Run { id, attempts, dependent, bases });
        } else {
            queued_runs::forget(pool, id).await?;
        }
    }
    Ok(runs)
}

/// Makes runs, those on one backbone and against one home together.
async fn make(bench: &Bench, base: &Release, runs: &[Run]) -> anyhow::Result<()> {
    let mut left: Vec<Queued<'_>> = runs.iter().map(|run| queued(run, base)).collect();
    while !left.is_empty() {
        let first = left.remove(0);
        let (mut alike, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|run| run.composition.goes_with(&first.composition));
        left = others;
        alike.insert(0, first);
        parts::run_queued(bench, base, &alike).await?;
    }
    Ok(())
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
fn queued<'a>(run: &'a Run, base: &'a Release) -> Queued<'a> {
    let of =
        |companion: &'a Companion| if companion.home.module == base.module { base } else { &companion.home };
    let backbone = run.bases.iter().map(of).find(|release| release.kind == Kind::Backbone);
    let others = run.bases.iter().map(of).filter(|release| release.kind != Kind::Backbone);
    let home =
        run.bases.iter().map(|companion| &companion.home).find(|release| release.kind == Kind::Backbone);
    let moved = backbone.zip(home).is_some_and(|(on, from)| on.content_digest != from.content_digest);
    let composition = Composition {
        backbone,
        modules: others.chain([&run.dependent]).collect(),
        home: home.filter(|_| moved),
    };
    Queued { id: run.id, attempts: run.attempts, dependent: &run.dependent, composition }
}

fn given_up(dependent: &Release, base: &Release) -> Report {
    let finding = Finding::error(
        "smoke_run_abandoned",
        format!("{} on {}", dependent.reference(), base.reference()),
        format!("The run was begun {MOST_ATTEMPTS} times, and each time its worker was lost."),
        "Look for the cause in the workers' logs, then ask for the run again.",
    );
    Report::without_run(Verdict::Unknown, finding.with_severity(Severity::Warning))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::next_size;

    #[test]
    fn what_runs_quickly_goes_on_in_larger_batches_and_what_is_slow_in_smaller_ones() {
        assert_eq!(next_size(16, 16, Duration::from_secs(1)), 64);
        assert_eq!(next_size(64, 64, Duration::from_secs(4)), 256);
        assert_eq!(next_size(256, 256, Duration::from_secs(15)), 256);
        assert_eq!(next_size(16, 16, Duration::from_secs(48)), 10);
        assert_eq!(next_size(16, 16, Duration::from_secs(4800)), 1);
        assert_eq!(next_size(16, 0, Duration::ZERO), 1);
    }
}
