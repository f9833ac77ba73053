//! `cambium smoke`, as people and scripts call it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{TOLERANCE, engine, fixture, script};

fn smoke(arguments: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cambium"));
    command.arg("smoke").args(arguments).env("CAMBIUM_SMOKE", engine()).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn compatible_modules_exit_with_0_and_give_their_figures() {
    let adapter = fixture("tiny/bert/adapters/lora");
    let probe = adapter.join("reference.safetensors");
    let model = fixture("tiny/bert/model");
    let output = smoke(&[&model, "--with".as_ref(), &adapter, "--probe".as_ref(), &probe, "--json".as_ref()]);
    assert_eq!(output.status.code(), Some(0));
    let report = json(&output);
    assert_eq!(report["verdict"], "compatible");
    assert_eq!(report["checks"]["golden"]["status"], "passed");
    assert!(report["checks"]["golden"]["max_abs_error"].as_f64().unwrap() <= TOLERANCE);
}

#[test]
fn incompatible_modules_exit_with_1_and_say_why() {
    for (folder, rule) in [
        ("truncated", "corrupt_file"),
        ("header_bomb", "header_too_large"),
        ("nan_weights", "non_finite_weights"),
        ("wrong_targets", "target_not_found"),
        ("pickle_adapter", "pickle_refused"),
    ] {
        let adapter = fixture(&format!("bad/{folder}"));
        let output = smoke(&[&fixture("tiny/bert/model"), "--with".as_ref(), &adapter, "--json".as_ref()]);
        assert_eq!(output.status.code(), Some(1), "{folder}");
        let finding = &json(&output)["findings"][0];
        assert_eq!(finding["rule"], rule);
        for field in ["severity", "subject", "message", "remedy"] {
            assert!(!finding[field].as_str().unwrap().is_empty(), "{folder}: {field}");
        }
    }
}

#[test]
fn what_cannot_be_run_exits_with_2_and_names_what_can() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("config.json"), r#"{"model_type": "reformer"}"#).unwrap();
    let weights = fixture("tiny/bert/model/model.safetensors");
    std::fs::copy(weights, folder.path().join("model.safetensors")).unwrap();
    let output = smoke(&[folder.path()]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("unsupported_architecture") && text.contains("reformer") && text.contains("`gpt2`"),
        "{text}"
    );
}

#[test]
fn mistakes_in_the_call_exit_with_2() {
    let nowhere: &Path = "/nowhere".as_ref();
    for arguments in [
        vec![],
        vec![nowhere],
        vec![fixture("tiny/bert/model").leak(), "--probe".as_ref(), nowhere],
        vec![fixture("tiny/bert/model").leak(), "--unknown".as_ref()],
        vec![fixture("tiny/bert/model/config.json").leak()],
    ] {
        let output = smoke(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn a_torchscript_module_runs_alone_and_a_loop_is_ended() {
    let module = script("return torch.matmul(x, weight)");
    assert_eq!(smoke(&[module.path()]).status.code(), Some(0));

    fs::copy(fixture("bad/infinite_loop/module.pt"), module.path().join("module.pt")).unwrap();
    let output = smoke(&[module.path(), "--time-limit".as_ref(), "2".as_ref(), "--json".as_ref()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["findings"][0]["rule"], "time_limit");
}

#[test]
fn people_read_the_verdict_the_checks_and_the_remedy() {
    let adapter = fixture("bad/wrong_targets");
    let output = smoke(&[&fixture("tiny/bert/model"), "--with".as_ref(), &adapter]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("incompatible\n"), "{text}");
    for word in ["keys", "FAILED", "error target_not_found", "q_proj", "query"] {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}

#[test]
fn links_out_of_the_folder_are_not_followed() {
    let folder = TempDir::new().unwrap();
    for file in ["config.json", "model.safetensors"] {
        fs::copy(fixture("tiny/bert/model").join(file), folder.path().join(file)).unwrap();
    }
    assert_eq!(smoke(&[folder.path()]).status.code(), Some(0));
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("notes.txt")).unwrap();
    let output = smoke(&[folder.path()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("link out of the folder"));
}

#[test]
fn a_device_that_is_none_or_not_there_is_refused() {
    let model = fixture("tiny/bert/model");
    let none = smoke(&[&model, "--device".as_ref(), "gpu".as_ref()]);
    assert_eq!(none.status.code(), Some(2));
    let said = String::from_utf8(none.stderr).unwrap();
    assert!(said.contains("`gpu` is no device") && said.contains("cuda:N"), "{said}");

    // More devices than any machine of the tests has, whatever libtorch they are run with.
    let absent = smoke(&[&model, "--device".as_ref(), "cuda:63".as_ref(), "--json".as_ref()]);
    assert_eq!(absent.status.code(), Some(2));
    let report = json(&absent);
    let finding = &report["findings"][0];
    assert_eq!(
        (report["verdict"].as_str(), finding["rule"].as_str()),
        (Some("unknown"), Some("device_unavailable"))
    );
    let said = finding["message"].as_str().unwrap();
    assert!(said.contains("`cuda:63`") && said.contains("libtorch is built"), "{said}");
    assert!(finding["remedy"].as_str().unwrap().contains("`cpu`"));
    assert_eq!(report["run"]["device"], "cuda:63");

    let cpu = smoke(&[&model, "--device".as_ref(), "cpu".as_ref(), "--json".as_ref()]);
    assert_eq!((cpu.status.code(), json(&cpu)["run"]["device"].as_str()), (Some(0), Some("cpu")));
}
