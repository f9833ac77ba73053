//! `cambium-smoke`: one job on stdin, its reports on stdout, a line each. The only program that links libtorch.
//!
//! It trusts nothing that it reads: see [`sandbox`]. It holds no credentials, has no network, and sees
//! only the job's files.

mod adapter;
mod bench;
mod bottleneck;
mod conflicts;
mod contract;
mod cuda;
mod device;
mod drift;
mod evaluation;
mod ground;
mod inert;
mod judge;
mod load;
mod memory;
mod nets;
mod origin;
mod outcome;
mod parameters;
mod part;
mod passes;
mod peft;
mod pool;
mod probe;
mod prompted;
mod routes;
mod run;
mod sample;
mod sandbox;
mod scores;
mod seccomp;
mod selftest;
mod stability;
mod stage;
mod updates;
mod usage;
mod values;
mod weights;

use std::io::{Read, Write};
use std::os::fd::FromRawFd;

use cambium::domain::device::Device as Asked;
use cambium::domain::finding::{Finding, Severity, excerpt};
use cambium::domain::smoke::{Job, Report, RunFigures};
use cambium::domain::verdict::Verdict;

use sandbox::Sandbox;

/// The longest job that is read, in bytes.
const MAX_JOB_BYTES: u64 = 16 << 20;

/// Where the report goes: a descriptor of its own, because TorchScript can print to stdout.
const REPORT_DESCRIPTOR: i32 = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (arguments, asked) = match arguments.as_slice() {
        ["--device", device, rest @ ..] => (rest, device.parse().ok()),
        all => (all, Some(Asked::Cpu)),
    };
    let (parent, self_test) = match (arguments, asked) {
        ([], Some(_)) => (None, false),
        (["--parent", pid], Some(_)) => (pid.parse().ok(), false),
        (["--self-test"], Some(_)) => (None, true),
        (["--check"], Some(asked)) => return check(asked),
        (["--version"], _) => {
            println!("{}", engine());
            return;
        }
        _ => {
            eprintln!(
                "usage: cambium-smoke [--device cuda:N] [--check] < JOB.json; `cambium smoke` starts it for you"
            );
            std::process::exit(2);
        }
    };
    let mut report_to = keep_stdout_apart();
    // What cannot be used widens nothing: the run is refused then.
    let asked = asked.unwrap_or_default();
    let opens = if device::is_built(asked) { asked } else { Asked::Cpu };
    let mut sandbox = sandbox::before_the_job(parent, opens);
    match read_job() {
        Ok(job) => {
            sandbox::for_the_job(&mut sandbox, &job, opens);
            if self_test {
                end(report_to.write_all(selftest::run().as_bytes()).is_ok());
            }
            answer(job, asked, sandbox, |report| tell(&mut report_to, report));
        }
        Err(finding) => tell(&mut report_to, &Report::without_run(Verdict::Unknown, finding)),
    }
    end(true);
}

/// One line for each report, as it is made: what comes after it cannot take it back.
fn tell(to: &mut std::fs::File, report: &Report) {
    let mut line = serde_json::to_vec(report).unwrap_or_default();
    line.push(b'\n');
    if to.write_all(&line).is_err() {
        end(false);
    }
}

/// Says whether runs on this device can be confined on this machine, and ends with 1 where they cannot, with 2
/// where the device cannot be used.
fn check(asked: Asked) {
    let opens = if device::is_built(asked) { asked } else { Asked::Cpu };
    let mut sandbox = sandbox::before_the_job(None, opens);
    sandbox::for_the_job(&mut sandbox, &Job::default(), opens);
    if !sandbox.missing.is_empty() {
        eprintln!("{}", sandbox.missing.join("; "));
        end(false);
    }
    if let Err(finding) = device::choose(asked) {
        eprintln!("{} {}", finding.message, finding.remedy);
        end_with(2);
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

/// Runs the job and tells its reports.
fn answer(job: Job, asked: Asked, sandbox: Sandbox, mut tell: impl FnMut(&Report)) {
    let mut figures = RunFigures {
        engine: engine(),
        seed: job.seed,
        device: job.device.to_string(),
        threads: job.limits.threads.max(1),
        limits: Some(job.limits),
        ..RunFigures::default()
    };
    let refusal = sandbox.refusal().filter(|_| !job.allow_partial_sandbox);
    figures.sandbox = sandbox.mechanisms;
    if let Some(finding) = refusal.or_else(|| usable(job.device, asked).err()) {
        let finding = finding.with_severity(Severity::Warning);
        let report = Report { run: figures, ..Report::without_run(Verdict::Unknown, finding) };
        return (0..job.reports()).for_each(|_| tell(&report));
    }
    memory::limit(job.limits.memory_bytes);
    tch::set_num_threads(i32::try_from(figures.threads).unwrap_or(1));
    let _without_gradients = tch::no_grad_guard();
    std::panic::set_hook(Box::new(|_| {}));
    run::run(job, &figures, |report| tell(&report));
}

/// Makes the job's device the one that is computed on; the sandbox was made for the one that was `asked` for.
fn usable(device: Asked, asked: Asked) -> Result<(), Finding> {
    if device != asked {
        let message = format!("The job asks for `{device}`, and the engine was started for `{asked}`.");
        let remedy = "Start the engine with `--device` and the job's device.";
        return Err(Finding::warning("bad_job", "stdin", message, remedy));
    }
    device::choose(device)
}

/// Ends the process at once; libtorch's destructors would only take time.
fn end(well: bool) -> ! {
    end_with(i32::from(!well))
}

fn end_with(code: i32) -> ! {
    // SAFETY: nothing of this program has to be done at its end.
    unsafe { libc::_exit(code) }
}

fn engine() -> String {
    format!("cambium-smoke {} libtorch 2.13.0", env!("CARGO_PKG_VERSION"))
}
