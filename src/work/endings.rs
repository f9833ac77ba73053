//! What becomes of a run that ended without its report, as findings.

use std::process::ExitStatus;

use nix::sys::signal::Signal;

use super::sandbox::ENGINE;
use crate::domain::finding::{Finding, Severity};
use crate::domain::smoke::{Job, Report};
use crate::domain::verdict::Verdict;

/// What findings name as the place: what is put on the backbone, or else the backbone.
pub(super) fn subject(job: &Job) -> String {
    job.modules.last().or(job.backbone.as_ref()).map_or_else(|| ENGINE.to_owned(), |part| part.name.clone())
}

/// What ends a run from outside of it and so says nothing of what ran.
const FROM_OUTSIDE: [&str; 2] = ["killed", "file_cut_short"];

/// The finding about what ended a run from outside, where something did.
pub(super) fn from_outside(report: &Report) -> Option<&Finding> {
    report.findings.iter().find(|finding| FROM_OUTSIDE.contains(&finding.rule.as_str()))
}

pub(super) fn failed(job: &Job, finding: Finding) -> Report {
    let verdict = if finding.refuses() { Verdict::Incompatible } else { Verdict::Unknown };
    let mut report = Report::without_run(verdict, finding);
    report.run.seed = job.seed;
    report.run.limits = Some(job.limits);
    report
}

pub(super) fn time_limit(job: &Job, of: &str, seconds: u64) -> Finding {
    Finding::error(
        "time_limit",
        subject(job),
        format!("The run was killed when it had taken {seconds} s of {of}, which is its limit."),
        "Look for a loop that does not end; if the module is only slow, raise the limit or make the probe smaller.",
    )
}

pub(super) fn output_limit(job: &Job) -> Finding {
    Finding::error(
        "output_limit",
        subject(job),
        format!("The run was killed when it had written more than {} bytes.", job.limits.output_bytes),
        "Remove what the module prints.",
    )
}

fn memory_limit(job: &Job) -> Finding {
    Finding::error(
        "memory_limit",
        subject(job),
        format!("The run needed more than the {} bytes of memory that it may use.", job.limits.memory_bytes),
        "Raise the run's memory limit, or make the module or the probe smaller.",
    )
}

fn ran_out_of_memory(errors: &str) -> bool {
    // Rust's allocator, C++'s, and OpenMP when it gets no stack for a thread.
    ["memory allocation of", "bad_alloc", "Thread creation failed"].iter().any(|sign| errors.contains(sign))
}

/// What a signal says of the run. Where this program ended it at a limit, that is told instead of the signal,
/// and the engine can send itself no signal but that of `abort`: what else ends processes came from outside.
pub(super) fn signalled(job: &Job, signal: i32, errors: &str) -> Finding {
    let known = Signal::try_from(signal).ok();
    let name = known.map_or_else(|| format!("signal {signal}"), |known| format!("{known} (signal {signal})"));
    let (rule, what, remedy) = match known {
        Some(Signal::SIGXCPU) => return time_limit(job, "processor time", job.limits.cpu_seconds),
        Some(Signal::SIGABRT) if ran_out_of_memory(errors) => return memory_limit(job),
        Some(Signal::SIGKILL) => (
            "killed",
            "somebody else killed it, most likely the system because the machine or its container had no memory \
             left",
            "Give the worker's machine or container more memory than its runs at once may use, then run it again.",
        ),
        Some(Signal::SIGTERM | Signal::SIGINT | Signal::SIGHUP | Signal::SIGQUIT) => (
            "killed",
            "somebody else ended it",
            "Run it again, and stop workers by their own process: they end their runs and give them back.",
        ),
        Some(Signal::SIGBUS) => (
            "file_cut_short",
            "a file was shorter than when it was opened, or its disk could not give a part of it",
            "Check the disk and the store of the worker, and that nothing writes to the files, then run it again.",
        ),
        Some(Signal::SIGSYS) => (
            "sandbox_denied",
            "it made a system call that a filter around the engine answers by killing",
            "If the module runs native code of its own, take it out; else let the filter of the container refuse \
             calls with an error and not kill.",
        ),
        _ => (
            "crashed",
            "the module, or libtorch on what it was given, crashed",
            "Run the module on the probe where it was made; damaged weights and out-of-range indices are common \
             causes.",
        ),
    };
    let finding =
        Finding::error(rule, subject(job), format!("The process was ended by {name}: {what}."), remedy)
            .with_change(serde_json::Value::Null, name);
    if FROM_OUTSIDE.contains(&rule) { finding.with_severity(Severity::Warning) } else { finding }
}

pub(super) fn no_report(job: &Job) -> Finding {
    Finding::error(
        "crashed",
        subject(job),
        "The process ended without a report.",
        "Run the module on the probe where it was made.",
    )
}

pub(super) fn ended_badly(job: &Job, status: ExitStatus, errors: &str) -> Finding {
    if ran_out_of_memory(errors) {
        return memory_limit(job);
    }
    Finding::error(
        "crashed",
        subject(job),
        format!("The process ended without a report, with {status}."),
        "Run the module on the probe where it was made.",
    )
    .with_change(serde_json::Value::Null, status.to_string())
}
