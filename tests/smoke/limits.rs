//! Runs end on time, and leave nothing behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cambium::domain::smoke::{Job, Limits};
use cambium::domain::verdict::Verdict::Incompatible;
use cambium::work::sandbox::{self, EngineError};
use tempfile::TempDir;

use crate::support::{eventually, fixture, job, own_engine, processes, rules, run, script};

/// The module that never returns, with an interface.
fn endless() -> TempDir {
    let folder = script("return x");
    fs::copy(fixture("bad/infinite_loop/module.pt"), folder.path().join("module.pt")).unwrap();
    folder
}

#[tokio::test]
async fn a_loop_is_killed_on_time_and_leaves_no_process() {
    let (module, place) = (endless(), TempDir::new().unwrap());
    let engine = own_engine(&place);
    let limits = Limits { wall_seconds: 2, ..Limits::default() };
    let started = Instant::now();
    let report =
        sandbox::run(&engine, &Job { limits, ..job(None, &[module.path()], None) }, |_| ()).await.unwrap();
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["time_limit"]));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(processes(&engine), 0);
}

#[test]
fn processor_time_is_bounded_too() {
    let module = endless();
    let limits = Limits { cpu_seconds: 2, wall_seconds: 60, ..Limits::default() };
    let report = run(&Job { limits, ..job(None, &[module.path()], None) });
    assert_eq!(rules(&report), ["time_limit"]);
    assert!(report.findings[0].message.contains("processor time"));
}

#[tokio::test]
async fn a_dropped_run_leaves_no_process() {
    let (module, place) = (endless(), TempDir::new().unwrap());
    let engine = own_engine(&place);
    let job = job(None, &[module.path()], None);
    let running = tokio::spawn({
        let engine = engine.clone();
        async move { sandbox::run(&engine, &job, |_| ()).await }
    });
    while processes(&engine) == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    eventually("the end of the engine", || processes(&engine) == 0);
}

#[test]
fn the_engine_dies_with_the_program_that_started_it() {
    let (module, place) = (endless(), TempDir::new().unwrap());
    let engine = own_engine(&place);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cambium"))
        .arg("smoke")
        .arg(module.path())
        .env("CAMBIUM_SMOKE", &engine)
        .spawn()
        .unwrap();
    eventually("the start of the engine", || processes(&engine) == 1);
    // Killed for good: it can do nothing more for its child.
    std::thread::sleep(Duration::from_millis(500));
    command.kill().unwrap();
    command.wait().unwrap();
    eventually("the end of the engine", || processes(&engine) == 0);
}

/// A program in the engine's place.
fn impostor(script: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("engine");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

#[tokio::test]
async fn whatever_becomes_of_the_engine_is_a_report() {
    let job = job(Some(&fixture("tiny/bert/model")), &[], None);
    for (script, rule) in [
        ("kill -SEGV $$", "crashed"),
        ("kill -KILL $$", "crashed"),
        ("exit 3", "crashed"),
        ("echo no report", "crashed"),
        ("echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$", "memory_limit"),
        ("kill -XCPU $$", "time_limit"),
        ("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done", "output_limit"),
        ("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa >&2; done", "output_limit"),
    ] {
        let (_folder, engine) = impostor(script);
        let report = sandbox::run(&engine, &job, |_| ()).await.unwrap();
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec![rule]), "{script}");
    }
}

#[tokio::test]
async fn an_engine_that_cannot_start_is_an_error() {
    let job = job(Some(&fixture("tiny/bert/model")), &[], None);
    let missing = sandbox::run("/nowhere/engine".as_ref(), &job, |_| ()).await;
    assert!(matches!(missing, Err(EngineError::Start { .. })));
    let (_folder, engine) =
        impostor("echo 'error while loading shared libraries: libtorch_cpu.so: cannot open' >&2; exit 127");
    assert!(matches!(sandbox::run(&engine, &job, |_| ()).await, Err(EngineError::Libraries(_))));
}

#[tokio::test]
async fn several_runs_at_once_do_not_disturb_each_other() {
    let runs = (0..4).map(|_| async {
        let job = job(Some(&fixture("tiny/bert/model")), &[&fixture("tiny/bert/adapters/lora")], None);
        sandbox::run(crate::support::engine(), &job, |_| ()).await.unwrap()
    });
    for report in futures_util::future::join_all(runs).await {
        assert_eq!(rules(&report), Vec::<&str>::new());
    }
}
