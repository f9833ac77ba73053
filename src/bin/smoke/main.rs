//! `cambium-smoke`: one job on stdin, one report on stdout. The only program that links libtorch.
//!
//! It trusts nothing that it reads: see [`sandbox`]. It holds no credentials, has no network, and sees
//! only the job's files.

mod adapter;
mod bench;
mod contract;
mod evaluation;
mod judge;
mod load;
mod nets;
mod outcome;
mod parameters;
mod part;
mod passes;
mod peft;
mod probe;
mod run;
mod sandbox;
mod seccomp;
mod selftest;
mod stage;
mod updates;
mod usage;
mod values;

use std::io::{Read, Write};
use std::os::fd::FromRawFd;

use cambium::domain::finding::{Finding, Severity, excerpt};
use cambium::domain::smoke::{Job, Report, RunFigures};
use cambium::domain::verdict::Verdict;

use outcome::Outcome;
use sandbox::Sandbox;

/// The longest job that is read, in bytes.
const MAX_JOB_BYTES: u64 = 16 << 20;

/// Where the report goes: a descriptor of its own, because TorchScript can print to stdout.
const REPORT_DESCRIPTOR: i32 = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (parent, self_test) = match arguments.as_slice() {
        [] => (None, false),
        ["--parent", pid] => (pid.parse().ok(), false),
        ["--self-test"] => (None, true),
        ["--check"] => return check(),
        ["--version"] => {
            println!("{}", engine());
            return;
        }
        _ => {
            eprintln!("usage: cambium-smoke [--check] < JOB.json; `cambium smoke` starts it for you");
            std::process::exit(2);
        }
    };
    let report_to = keep_stdout_apart();
    let mut sandbox = sandbox::before_the_job(parent);
    let report = match read_job() {
        Ok(job) => {
            sandbox::for_the_job(&mut sandbox, &job);
            if self_test {
                return finish(report_to, &selftest::run());
            }
            answer(&job, sandbox)
        }
        Err(finding) => Report::without_run(Verdict::Unknown, finding),
    };
    finish(report_to, &serde_json::to_string(&report).unwrap_or_default());
}

/// Says whether runs can be confined on this machine, and ends with 1 where they cannot.
fn check() {
    let mut sandbox = sandbox::before_the_job(None);
    sandbox::for_the_job(&mut sandbox, &Job::default());
    if !sandbox.missing.is_empty() {
        eprintln!("{}", sandbox.missing.join("; "));
        // SAFETY: ends the process at once, as after a run.
        unsafe { libc::_exit(1) }
    }
}

/// Keeps stdout for the report alone: what anything else prints goes to stderr.
fn keep_stdout_apart() -> std::fs::File {
    // SAFETY: takes numbers only; nothing of this program uses descriptor 3 before.
    unsafe {
        libc::dup3(1, REPORT_DESCRIPTOR, libc::O_CLOEXEC);
        libc::dup2(2, 1);
    }
    // SAFETY: the descriptor was just made and has no other owner.
    unsafe { std::fs::File::from_raw_fd(REPORT_DESCRIPTOR) }
}

fn read_job() -> Result<Job, Finding> {
    let malformed = |why: String| {
        Finding::error("bad_job", "stdin", format!("The job cannot be read: {why}."), "Send one job as JSON.")
            .with_severity(Severity::Warning)
    };
    let mut text = Vec::new();
    std::io::stdin()
        .take(MAX_JOB_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|error| malformed(error.to_string()))?;
    if text.len() as u64 > MAX_JOB_BYTES {
        return Err(malformed(format!("it is longer than {MAX_JOB_BYTES} bytes")));
    }
    serde_json::from_slice(&text).map_err(|error| malformed(excerpt(&error.to_string())))
}

fn answer(job: &Job, sandbox: Sandbox) -> Report {
    let mut figures = RunFigures {
        engine: engine(),
        seed: job.seed,
        device: "cpu".to_owned(),
        threads: job.limits.threads.max(1),
        limits: Some(job.limits),
        ..RunFigures::default()
    };
    let refusal = sandbox.refusal().filter(|_| !job.allow_partial_sandbox);
    figures.sandbox = sandbox.mechanisms;
    if let Some(finding) = refusal {
        let finding = finding.with_severity(Severity::Warning);
        return Report { run: figures, ..Report::without_run(Verdict::Unknown, finding) };
    }
    let mut outcome = Outcome::default();
    execute(job, &mut outcome, &mut figures);
    for (check, reason) in CHECKS {
        outcome.skip(check, reason);
    }
    if figures.peak_memory_bytes == 0 {
        figures.peak_memory_bytes = usage::peak_memory();
    }
    Report {
        verdict: outcome.verdict(),
        findings: outcome.findings,
        checks: outcome.checks,
        updates: outcome.updates,
        evaluation: outcome.evaluation,
        run: figures,
    }
}

/// Every check, and why it was not made where it was not.
const CHECKS: [(&str, &str); 10] = [
    ("loads", "the run ended before it"),
    ("keys", "the run ended before it"),
    ("finite", "the run ended before it"),
    ("deterministic", "the run ended before it"),
    ("output_contract", "the run ended before it"),
    ("adapter_effect", "there is no adapter, or the run ended before it"),
    ("restored", "there is no adapter, or the run ended before it"),
    ("golden", "there are no golden outputs, or the run ended before it"),
    ("evaluation", "no evaluation set came with it, or the run ended before it"),
    ("drift", "no home was given, or the run ended before it"),
];

fn execute(job: &Job, outcome: &mut Outcome, figures: &mut RunFigures) {
    tch::set_num_threads(i32::try_from(figures.threads).unwrap_or(1));
    let _without_gradients = tch::no_grad_guard();
    // A panic is our bug, and a result: the outcome so far is kept.
    std::panic::set_hook(Box::new(|_| {}));
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run::run(job, outcome, figures)));
    if let Err(panic) = ran {
        let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        outcome.cannot_tell(Finding::warning(
            "engine_failed",
            "cambium-smoke",
            format!("The engine failed: {}.", excerpt(&why)),
            "Report this with the job that caused it.",
        ));
    }
}

fn finish(mut to: std::fs::File, text: &str) {
    let written = to.write_all(text.as_bytes());
    // SAFETY: ends the process at once; libtorch's destructors would only take time.
    unsafe { libc::_exit(i32::from(written.is_err())) }
}

fn engine() -> String {
    format!("cambium-smoke {} libtorch 2.13.0", env!("CARGO_PKG_VERSION"))
}
