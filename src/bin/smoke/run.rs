//! The runs of a job: its compositions on one load of the backbone, some at a time.

use std::fs;
use std::future::Future;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use cambium::domain::evaluation;
use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::smoke::{AT_A_TIME, Job, Part, Report, RunFigures, Step};

use crate::ground::Ground;
use crate::outcome::Outcome;
use crate::pool::Pool;
use crate::usage::{Clock, peak_memory};

/// Multiplications of a pass beyond which more rows make nothing faster: some tenths of a second's.
const MOST_WORK: u64 = 30_000_000_000;
/// The shares of the run's memory that the files, and the outputs of one pass, of compositions which run at a
/// time may take.
const FILES_SHARE: u64 = 8;
const OUTPUTS_SHARE: u64 = 64;

/// Runs the job and tells each composition's report as it ends. `figures` are those that all share.
pub fn run(mut job: Job, figures: &RunFigures, mut tell: impl FnMut(Report)) {
    let mut batch = std::mem::take(&mut job.batch);
    if batch.is_empty() {
        batch.push(std::mem::take(&mut job.modules));
    }
    let mut clock = Clock::start(job.limits);
    let ground = match catch_unwind(AssertUnwindSafe(|| Ground::load(&job, batch.len() > 1))) {
        Ok(ground) => ground,
        Err(_) => {
            return batch.iter().for_each(|_| {
                let mut outcome = Outcome::default();
                outcome.cannot_tell(engine_failed("it panicked while it loaded the backbone"));
                tell(outcome.report(figures.clone()));
            });
        }
    };
    // Loading counts for the first one.
    let mut figures_of = RunFigures { load_seconds: clock.seconds(), ..figures.clone() };
    let mut rest = batch.as_slice();
    let mut slowest = 0.0_f64;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(at_a_time(&job, &ground, slowest, rest));
        together(&ground, &job, now, clock, &figures_of, &mut tell);
        if !now.iter().any(|modules| evaluates(&job, modules)) {
            slowest = slowest.max(clock.seconds() / now.len() as f64);
        }
        (rest, clock, figures_of) = (later, Clock::start(job.limits), figures.clone());
    }
}

/// Runs these compositions at a time.
fn together(
    ground: &Ground,
    job: &Job,
    compositions: &[Vec<Part>],
    clock: Clock,
    figures: &RunFigures,
    tell: &mut impl FnMut(Report),
) {
    let jobs: Vec<Job> =
        compositions.iter().map(|modules| Job { modules: modules.clone(), ..job.clone() }).collect();
    let mut results: Vec<_> = jobs.iter().map(|_| (Outcome::default(), figures.clone())).collect();
    let pool = Pool::new(&ground.nets);
    let runs = jobs.iter().zip(&mut results).map(|(job, (outcome, figures))| {
        // What ended it early is in the outcome.
        let run = async { _ = ground.compose(&pool, job, clock, outcome, figures).await };
        Box::pin(run) as Pin<Box<dyn Future<Output = ()>>>
    });
    // A panic is our bug, and a result: the outcome so far is kept.
    let panics = pool.run(runs.collect());
    for (place, why) in panics {
        results[place].0.cannot_tell(engine_failed(&why));
    }
    for (outcome, mut figures) in results {
        if figures.peak_memory_bytes == 0 {
            figures.peak_memory_bytes = peak_memory();
        }
        tell(outcome.report(figures));
    }
}

/// How many of the compositions that are left run at a time: one until it is known what a pass takes, and one
/// that answers an evaluation set, which takes the time that there is. All have the wall time of one, since their
/// reports come together; the `slowest` so far took that many seconds.
fn at_a_time(job: &Job, ground: &Ground, slowest: f64, rest: &[Vec<Part>]) -> usize {
    let Some((work, numbers)) = ground.largest() else { return 1 };
    let by_work = MOST_WORK / work.max(1);
    let by_outputs = job.limits.memory_bytes / OUTPUTS_SHARE / (4 * numbers as u64).max(1);
    let by_time = (job.limits.wall_seconds as f64 / 2.0 / slowest.max(1e-3)) as u64;
    let most = by_work.min(by_outputs).min(by_time).clamp(1, AT_A_TIME as u64);
    let mut bytes = job.limits.memory_bytes / FILES_SHARE;
    let fits = |modules: &&Vec<Part>| {
        let files = || modules.iter().flat_map(|part| part.files.values());
        let size: u64 = files().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum();
        let left = bytes.checked_sub(size);
        bytes = left.unwrap_or(0);
        left.is_some() && !evaluates(job, modules)
    };
    rest.iter().take(usize::try_from(most).unwrap_or(1)).take_while(fits).count().max(1)
}

fn evaluates(job: &Job, modules: &[Part]) -> bool {
    job.evaluation.is_some() || modules.last().is_some_and(|part| part.files.contains_key(evaluation::FILE))
}

fn engine_failed(why: &str) -> Finding {
    Finding::warning(
        "engine_failed",
        "cambium-smoke",
        format!("The engine failed: {}.", excerpt(why)),
        "Report this with the job that caused it.",
    )
}

/// Says on stderr what comes next, for whoever waits.
pub fn begin(step: Step) {
    // Where nobody listens, the run goes on.
    let _ = std::io::stderr().write_all(step.line().as_bytes());
}
