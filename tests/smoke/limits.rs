//! Runs end on time, and leave nothing behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cambium::domain::smoke::{Job, Limits, Step};
use cambium::domain::verdict::Verdict::{Incompatible, Unknown};
use cambium::work::sandbox::{self, EngineError};
use tempfile::TempDir;

use crate::support::{
    engine, eventually, fixture, job, own_engine, processes, rules, run, script, with_file,
};

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
pub fn impostor(script: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("engine");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

#[tokio::test]
async fn whatever_becomes_of_the_engine_is_a_report_that_names_it() {
    let job = job(Some(&fixture("tiny/bert/model")), &[], None);
    for (script, rule, named) in [
        ("kill -SEGV $$", "crashed", "SIGSEGV (signal 11)"),
        ("kill -ILL $$", "crashed", "SIGILL (signal 4)"),
        ("kill -ABRT $$", "crashed", "SIGABRT (signal 6)"),
        ("kill -40 $$", "crashed", "signal 40"),
        ("kill -KILL $$", "killed", "SIGKILL (signal 9): somebody else killed it"),
        ("kill -TERM $$", "killed", "SIGTERM (signal 15): somebody else ended it"),
        ("kill -INT $$", "killed", "SIGINT (signal 2): somebody else ended it"),
        ("kill -BUS $$", "file_cut_short", "SIGBUS (signal 7): a file was shorter"),
        ("kill -SYS $$", "sandbox_denied", "SIGSYS (signal 31): it made a system call"),
        ("exit 3", "crashed", "without a report, with exit status: 3"),
        ("echo no report", "crashed", "without a report, with exit status: 0"),
        (
            "echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$",
            "memory_limit",
            "4294967296 bytes of memory",
        ),
        ("kill -XCPU $$", "time_limit", "240 s of processor time"),
        (
            "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done",
            "output_limit",
            "more than 4194304 bytes",
        ),
        (
            "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa >&2; done",
            "output_limit",
            "more than 4194304 bytes",
        ),
    ] {
        let (_folder, engine) = impostor(script);
        let report = sandbox::run(&engine, &job, |_| ()).await.unwrap();
        // What came from outside says nothing of what ran.
        let outside = ["killed", "file_cut_short"].contains(&rule);
        let verdict = if outside { Unknown } else { Incompatible };
        assert_eq!((report.verdict, rules(&report)), (verdict, vec![rule]), "{script}");
        assert_eq!(report.findings[0].refuses(), !outside, "{script}");
        let finding = &report.findings[0];
        assert!(finding.message.contains(named), "{script}: {}", finding.message);
        assert!(!finding.remedy.is_empty() && finding.subject == "model");
    }
}

/// Files of the machine that a process with this id, or libtorch in it, could have left: OpenMP and
/// libtorch put the id into the names of theirs.
fn left_behind(process: &str) -> Vec<PathBuf> {
    let folders =
        ["/", "/tmp", "/var/tmp", "/dev/shm"].into_iter().filter_map(|folder| fs::read_dir(folder).ok());
    let names = folders.flatten().map(|entry| entry.unwrap().path());
    let of_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.split(|c: char| !c.is_ascii_digit()).any(|number| number == process) || name.starts_with("core")
    };
    names.filter(of_it).collect()
}

#[tokio::test]
async fn after_every_kind_of_end_the_next_job_runs_and_nothing_is_left() {
    let place = TempDir::new().unwrap();
    let engine = own_engine(&place);
    // The parser of TorchScript goes as deep as its text.
    let deep = format!("return {}x{}", "(".repeat(200_000), ")".repeat(200_000));
    let passwords = "return torch.from_file(\"/etc/passwd\", False, 4, dtype=6, layout=0, device=torch.device(\"cpu\"), pin_memory=False)";
    let quick =
        Limits { wall_seconds: 2, memory_bytes: 512 << 20, output_bytes: 1 << 20, ..Limits::default() };
    let enough = Limits { wall_seconds: 60, ..quick };
    for (body, limits, rule) in [
        (deep.as_str(), enough, "crashed"),
        ("while True:\n  x = torch.add(x, 1)\nreturn x", quick, "time_limit"),
        ("while True:\n  x = torch.add(x, 1)\nreturn x", Limits { cpu_seconds: 1, ..enough }, "time_limit"),
        ("while True:\n  x = torch.cat([x, x])\nreturn x", enough, "memory_limit"),
        (
            "while True:\n  print(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\")\nreturn x",
            enough,
            "output_limit",
        ),
        (passwords, enough, "sandbox_denied"),
    ] {
        let module = script(body);
        let running = Job { limits, ..job(None, &[module.path()], None) };
        let mut process = String::new();
        let report = sandbox::run(&engine, &running, |_| process = process_of(&engine)).await.unwrap();
        assert_eq!(rules(&report), [rule], "{report:#?}");
        assert!(!process.is_empty(), "{rule}: the process was not seen");
        assert_eq!(processes(&engine), 0, "{rule}");
        assert_eq!(left_behind(&process), Vec::<PathBuf>::new(), "{rule}");
        let sound = script("return torch.matmul(x, weight)");
        let next = sandbox::run(&engine, &job(None, &[sound.path()], None), |_| ()).await.unwrap();
        assert_eq!(rules(&next), Vec::<&str>::new(), "after {rule}");
    }
}

/// The id of the one process that was started by this path.
fn process_of(engine: &Path) -> String {
    let path = engine.to_str().unwrap().as_bytes();
    let mut running = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path()).filter(|process| {
        fs::read(process.join("cmdline")).is_ok_and(|line| line.split(|byte| *byte == 0).next() == Some(path))
    });
    running.next().and_then(|process| Some(process.file_name()?.to_str()?.to_owned())).unwrap_or_default()
}

#[tokio::test]
async fn weights_that_are_cut_short_under_a_run_are_told_from_a_crash() {
    let model = with_file(&fixture("tiny/bert/model"), "notes.txt", b"");
    // Slow enough for the file to be cut before the backbone computes with it again.
    let slow = script("i = 0\nwhile torch.lt(i, 3000000):\n  i = torch.add(i, 1)\nreturn x");
    let manifest = fs::read_to_string(slow.path().join("cambium.toml")).unwrap();
    let manifest = manifest
        .replace("name = \"x\"", "name = \"last_hidden_state\"")
        .replace("[\"batch\", 8]", "[\"batch\", \"sequence\", 32]")
        .replace("[\"batch\", 4]", "[\"batch\", \"sequence\", 32]");
    fs::write(slow.path().join("cambium.toml"), manifest).unwrap();
    let weights = model.path().join("model.safetensors");
    let job = job(Some(model.path()), &[slow.path()], None);
    let report = sandbox::run(engine(), &job, |step| {
        if step == Step::Composition {
            fs::OpenOptions::new().write(true).open(&weights).unwrap().set_len(0).unwrap();
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["file_cut_short"]), "{report:#?}");
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
        sandbox::run(engine(), &job, |_| ()).await.unwrap()
    });
    for report in futures_util::future::join_all(runs).await {
        assert_eq!(rules(&report), Vec::<&str>::new());
    }
}
