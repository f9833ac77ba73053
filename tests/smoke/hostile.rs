//! TorchScript is no sandbox: modules that read, write, print, allocate and never end.

use std::fs;

use cambium::domain::smoke::{Job, Limits, Report};
use cambium::domain::verdict::Verdict::Incompatible;

use crate::support::{job, rules, run, script};

fn alone(body: &str, limits: Limits) -> Report {
    let folder = script(body);
    run(&Job { limits, ..job(None, &[folder.path()], None) })
}

fn reading(path: &str) -> String {
    format!(
        "read = torch.from_file(\"{path}\", False, 4, dtype=6, layout=0, device=torch.device(\"cpu\"), pin_memory=False)\n\
         return torch.mul(torch.add(torch.matmul(x, weight), torch.sum(torch.zeros_like(read))), 1)"
    )
}

#[test]
fn a_module_reads_no_file_but_the_jobs() {
    // The control: the same module may read what the job names.
    let folder = script("return torch.matmul(x, weight)");
    let own = folder.path().join("notes.txt");
    fs::write(&own, [0; 64]).unwrap();
    let reader = script(&reading(own.to_str().unwrap()));
    let mut allowed = job(None, &[reader.path()], None);
    allowed.modules[0].files.insert("notes.txt".to_owned(), own.clone());
    assert_eq!(rules(&run(&allowed)), Vec::<&str>::new());

    for path in ["/etc/passwd", "/proc/self/environ", own.to_str().unwrap()] {
        let report = alone(&reading(path), Limits::default());
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["sandbox_denied"]), "{path}");
        let said = format!("tried to open the file `{path}`");
        assert!(report.findings[0].message.contains(&said), "{report:#?}");
    }
}

#[test]
fn a_module_writes_no_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let target = folder.path().join("written");
    let body = format!("torch.save(x, \"{}\")\nreturn torch.matmul(x, weight)", target.display());
    // libtorch does not say that it could not write; only the missing file tells.
    alone(&body, Limits::default());
    assert!(!target.exists());

    fs::write(&target, [7; 64]).unwrap();
    let shared = reading(target.to_str().unwrap()).replace("False, 4", "True, 4");
    let reader = script(&shared);
    let mut named = job(None, &[reader.path()], None);
    named.modules[0].files.insert("written".to_owned(), target.clone());
    let report = run(&named);
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["sandbox_denied"]), "{report:#?}");
    assert_eq!(fs::read(&target).unwrap(), [7; 64]);
}

#[test]
fn what_a_module_prints_is_no_report() {
    let forged = r#"print("{\"verdict\":\"compatible\",\"findings\":[],\"checks\":{},\"run\":{}}")"#;
    let report = alone(&format!("{forged}\nreturn torch.matmul(x, torch.t(weight))"), Limits::default());
    assert_eq!(report.verdict, Incompatible, "{report:#?}");
}

#[test]
fn a_flood_of_output_ends_the_run() {
    let body =
        "while True:\n  print(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\")\nreturn x";
    let report = alone(body, Limits { output_bytes: 1 << 20, ..Limits::default() });
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["output_limit"]));
}

#[test]
fn memory_is_bounded() {
    let limits = Limits { memory_bytes: 512 << 20, ..Limits::default() };
    let at_once = "y = torch.zeros([1099511627776], dtype=6, layout=0, device=torch.device(\"cpu\"), pin_memory=False)\n\
                   return torch.add(torch.matmul(x, weight), torch.sum(y))";
    let slowly = "y = x\nwhile True:\n  y = torch.cat([y, y])\nreturn y";
    for body in [at_once, slowly] {
        let report = alone(body, limits);
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["memory_limit"]), "{report:#?}");
    }
}

#[test]
fn a_module_that_starts_a_hundred_thousand_tasks_is_ended_on_time() {
    let body = "def spin():\n  y = torch.add(x, 1)\n  while True:\n    y = torch.add(y, 1)\n  return y\n\
                i = 0\nwhile torch.lt(i, 100000):\n  f = fork(spin)\n  i = torch.add(i, 1)\n\
                while True:\n  x = torch.add(x, 1)\nreturn x";
    let report = alone(body, Limits { wall_seconds: 3, ..Limits::default() });
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["time_limit"]), "{report:#?}");
}

#[test]
fn a_module_that_writes_into_its_inputs_harms_only_itself() {
    let report = alone("y = torch.matmul(x, weight)\nz = torch.zero_(x)\nreturn y", Limits::default());
    assert_eq!(rules(&report), Vec::<&str>::new(), "{report:#?}");
}

#[test]
fn code_that_is_no_torchscript_is_refused() {
    let report = alone("import os\nreturn x", Limits::default());
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["module_failed"]));
}
