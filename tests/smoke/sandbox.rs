//! The sandbox is in force, and without it nothing runs.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
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

/// The self-test as a user without privileges, as workers run it: root may start as many threads as it likes.
fn self_test() -> Map<String, Value> {
    let folder = tempfile::TempDir::new().unwrap();
    let mut command = if nix::unistd::Uid::effective().is_root() {
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let copy = folder.path().join("engine");
        fs::copy(engine(), &copy).unwrap();
        let mut command = Command::new(copy);
        command.uid(65_534).gid(65_534);
        command
    } else {
        Command::new(engine())
    };
    command.arg("--self-test").env("SECRET", "token");
    serde_json::from_slice(&answer(command, &tiny())).unwrap()
}

#[test]
fn everything_an_attacker_would_try_is_denied() {
    let attempts = self_test();
    for (attempt, result) in &attempts {
        assert!(result.as_str().unwrap().starts_with("denied"), "{attempt}: {result}");
    }
    for named in [
        "open_passwords",
        "open_own_environment",
        "internet_socket",
        "unix_socket",
        "execute",
        "fork",
        "thread_bomb",
        "trace_parent",
        "signal_parent",
        "signal_everybody",
        "signal_oneself",
        "environment",
        "environment_on_stack",
    ] {
        assert!(attempts.contains_key(named), "{named} was not tried");
    }
    assert!(attempts.len() >= 59, "{}", attempts.len());
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

#[test]
fn a_job_for_another_device_than_the_engine_was_started_for_is_refused() {
    let job = Job { device: "cuda:0".parse().unwrap(), ..tiny() };
    let report: Report = serde_json::from_slice(&answer(Command::new(engine()), &job)).unwrap();
    assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["bad_job"]));
    assert!(report.findings[0].message.contains("`cuda:0`"), "{}", report.findings[0].message);
}

#[test]
fn a_check_of_a_device_that_cannot_be_used_says_so() {
    let output = Command::new(engine()).args(["--device", "cuda:63", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("`cuda:63`, which cannot be used"));
}
