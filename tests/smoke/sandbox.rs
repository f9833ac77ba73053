//! The sandbox is in force, and without it nothing runs.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use cambium::domain::smoke::{Job, Report};
use cambium::domain::verdict::Verdict::{Compatible, Unknown};
use serde_json::{Map, Value};

use crate::support::{engine, fixture, job, rules, run};

fn tiny() -> Job {
    job(Some(&fixture("tiny/bert/model")), &[], None)
}

fn answer(mut command: Command, job: &Job) -> Vec<u8> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(job).unwrap()).unwrap();
    child.wait_with_output().unwrap().stdout
}

#[test]
fn everything_an_attacker_would_try_is_denied() {
    let mut command = Command::new(engine());
    command.arg("--self-test").env("SECRET", "token");
    let attempts: Map<String, Value> = serde_json::from_slice(&answer(command, &tiny())).unwrap();
    for (attempt, result) in &attempts {
        assert!(result.as_str().unwrap().starts_with("denied"), "{attempt}: {result}");
    }
    for named in [
        "open_passwords",
        "internet_socket",
        "execute",
        "fork",
        "trace_parent",
        "signal_parent",
        "environment",
    ] {
        assert!(attempts.contains_key(named), "{named} was not tried");
    }
    assert!(attempts.len() >= 30);
}

#[test]
fn the_report_names_what_confines_the_run() {
    let report = run(&tiny());
    for mechanism in
        ["landlock", "seccomp", "no_new_privileges", "no_capabilities", "resource_limits", "sealed"]
    {
        assert!(report.run.sandbox.iter().any(|name| name == mechanism), "{mechanism}");
    }
}

/// The engine on a kernel that does not know Landlock.
fn without_landlock(job: &Job) -> Report {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let rules = [(libc::SYS_landlock_create_ruleset, vec![])].into_iter().collect();
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter: BpfProgram =
        SeccompFilter::new(rules, SeccompAction::Allow, unknown, arch).unwrap().try_into().unwrap();
    let mut command = Command::new(engine());
    // SAFETY: installing a filter that was made before allocates nothing.
    unsafe { command.pre_exec(move || seccompiler::apply_filter(&filter).map_err(std::io::Error::other)) };
    serde_json::from_slice(&answer(command, job)).unwrap()
}

#[test]
fn without_landlock_nothing_runs_unless_the_job_allows_it() {
    let report = without_landlock(&tiny());
    assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["sandbox_unavailable"]));
    assert!(report.findings[0].message.contains("landlock"));
    let report = without_landlock(&Job { allow_partial_sandbox: true, ..tiny() });
    assert_eq!(report.verdict, Compatible);
    assert!(!report.run.sandbox.iter().any(|name| name == "landlock"));
}

#[test]
fn a_job_that_is_no_job_is_told() {
    let mut command = Command::new(engine());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{\"modules\": 3}").unwrap();
    let report: Report = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["bad_job"]));
}
