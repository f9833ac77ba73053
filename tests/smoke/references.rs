//! The engine computes what transformers, peft and PyTorch compute.

use std::path::Path;

use cambium::domain::smoke::CheckStatus::{Failed, Passed, Skipped};
use cambium::domain::smoke::{Job, Limits, Report};
use cambium::domain::verdict::Verdict::{Compatible, Incompatible, Unknown};

use crate::support::{TOLERANCE, figure, fixture, job, minilm, part, rules, run, run_telling, status};

fn matches_reference(backbone: &Path, adapter: Option<&str>, reference: &str) -> Report {
    let adapter = adapter.map(fixture);
    let modules: Vec<&Path> = adapter.iter().map(std::path::PathBuf::as_path).collect();
    let report = run(&job(Some(backbone), &modules, Some(&fixture(reference))));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{report:#?}");
    for check in ["loads", "keys", "finite", "deterministic", "output_contract", "golden"] {
        assert_eq!(status(&report, check), Passed, "{check}");
    }
    assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE);
    assert_eq!(report.run.inputs, "probe");
    report
}

/// `effect` is how far the adapter moves the outputs in the library that made it, padding included.
fn tiny_adapter_matches(host: &str, name: &str, effect: Option<f64>) {
    let folder = format!("tiny/{host}/adapters/{name}");
    let report = matches_reference(
        &fixture(&format!("tiny/{host}/model")),
        Some(&folder),
        &format!("{folder}/reference.safetensors"),
    );
    assert_eq!(status(&report, "adapter_effect"), Passed);
    assert_eq!(status(&report, "restored"), Passed);
    if let Some(effect) = effect {
        assert!((figure(&report, "adapter_effect", "max_abs") - effect).abs() < 1e-3);
    }
}

#[test]
fn tiny_models_match_transformers() {
    for (host, parameters) in [("bert", 26_469), ("gpt2", 33_888), ("llama", 31_584)] {
        let folder = format!("tiny/{host}/model");
        let report = matches_reference(&fixture(&folder), None, &format!("{folder}/reference.safetensors"));
        assert_eq!(status(&report, "adapter_effect"), Skipped);
        assert_eq!(report.run.backbone_parameters, parameters, "{host}");
    }
}

#[test]
fn lora_matches_peft() {
    for (host, effect) in [("bert", Some(2.2786)), ("gpt2", None), ("llama", None)] {
        tiny_adapter_matches(host, "lora", effect);
    }
}

#[test]
fn rank_stabilised_lora_matches_peft() {
    for (host, effect) in [("bert", Some(4.0255)), ("gpt2", None), ("llama", None)] {
        tiny_adapter_matches(host, "rslora", effect);
    }
}

#[test]
fn lora_with_saved_modules_matches_peft() {
    for host in ["bert", "gpt2", "llama"] {
        tiny_adapter_matches(host, "modules_to_save", None);
    }
}

#[test]
fn ia3_matches_peft() {
    for (host, effect) in [("bert", Some(1.6859)), ("gpt2", None), ("llama", None)] {
        tiny_adapter_matches(host, "ia3", effect);
    }
}

#[test]
fn minilm_matches_transformers_in_every_output() {
    let report = matches_reference(&minilm(), None, "minilm/backbone.reference.safetensors");
    let outputs = &report.checks["golden"].figures["outputs"];
    for name in ["last_hidden_state", "pooler_output", "mean_pooled"] {
        assert!(outputs[name].as_f64().unwrap() <= TOLERANCE, "{name}");
    }
    assert_eq!(report.run.backbone_parameters, 22_713_216);
}

#[test]
fn lora_on_minilm_matches_peft() {
    let report = matches_reference(
        &minilm(),
        Some("minilm/adapters/lora_r8"),
        "minilm/adapters/lora_r8/reference.safetensors",
    );
    assert_eq!((status(&report, "restored"), report.run.module_parameters), (Passed, 76_038));
}

#[test]
fn a_linear_head_on_minilm_matches_pytorch() {
    let report = matches_reference(
        &minilm(),
        Some("minilm/adapters/linear_head"),
        "minilm/adapters/linear_head/reference.safetensors",
    );
    assert_eq!(report.run.module_parameters, 2_310);
}

#[test]
fn a_torchscript_head_and_a_bridge_match_pytorch() {
    for (name, inputs, outputs) in [
        (
            "head",
            r#"[{ name = "hidden", dtype = "float32", dims = ["batch", "tokens", 384] },
                { name = "mask", dtype = "int64", dims = ["batch", "tokens"] }]"#,
            r#"[{ name = "logits", dtype = "float32", dims = ["batch", 6] }]"#,
        ),
        (
            "bridge",
            r#"[{ name = "embedding", dtype = "float32", dims = ["batch", 384] }]"#,
            r#"[{ name = "embedding", dtype = "float32", dims = ["batch", 64], normalisation = "l2" }]"#,
        ),
    ] {
        let folder = torchscript(name, inputs, outputs);
        let probe = fixture(&format!("torchscript/{name}.reference.safetensors"));
        let report = run(&job(None, &[folder.path()], Some(&probe)));
        assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{report:#?}");
        assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE);
        assert_eq!(figure(&report, "output_contract", "declared"), 1.0);
    }
}

#[test]
fn a_torchscript_head_runs_on_minilm() {
    let inputs = r#"[{ name = "last_hidden_state", dtype = "float32", dims = ["batch", "tokens", 384] },
                     { name = "attention_mask", dtype = "int64", dims = ["batch", "tokens"] }]"#;
    let outputs = r#"[{ name = "logits", dtype = "float32", dims = ["batch", 6] }]"#;
    let folder = torchscript("head", inputs, outputs);
    let report = run(&job(Some(&minilm()), &[folder.path()], None));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{report:#?}");
    assert_eq!(report.run.inputs, "seed");
}

#[test]
fn a_declared_width_that_is_not_kept_breaks_the_contract() {
    let inputs = r#"[{ name = "embedding", dtype = "float32", dims = ["batch", 384] }]"#;
    for output in [
        r#"{ name = "embedding", dtype = "float32", dims = ["batch", 65] }"#,
        r#"{ name = "embedding", dtype = "float64", dims = ["batch", 64] }"#,
        r#"{ name = "embedding", dtype = "float32", dims = ["other", "batch"] }"#,
        r#"{ name = "embedding", dtype = "float32", dims = ["batch", 64], normalisation = "softmax" }"#,
    ] {
        let folder = torchscript("bridge", inputs, &format!("[{output}]"));
        let report = run(&job(None, &[folder.path()], None));
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["output_contract"]), "{output}");
    }
}

#[test]
fn another_adapters_golden_outputs_are_a_mismatch() {
    let probe = fixture("tiny/bert/adapters/rslora/reference.safetensors");
    let report =
        run(&job(Some(&fixture("tiny/bert/model")), &[&fixture("tiny/bert/adapters/lora")], Some(&probe)));
    assert_eq!(report.verdict, Incompatible);
    assert!(rules(&report).iter().all(|rule| *rule == "golden_mismatch"), "{report:#?}");
    assert_eq!(status(&report, "golden"), Failed);
}

#[test]
fn a_shipped_probe_is_used_and_its_outputs_are_golden() {
    let folder = tempfile::TempDir::new().unwrap();
    let model = fixture("tiny/bert/model");
    for file in ["config.json", "model.safetensors"] {
        std::fs::copy(model.join(file), folder.path().join(file)).unwrap();
    }
    std::fs::copy(model.join("reference.safetensors"), folder.path().join("probe.safetensors")).unwrap();
    // The golden outputs are the backbone's alone, whatever is put on it.
    let report = run(&job(Some(folder.path()), &[&fixture("tiny/bert/adapters/lora")], None));
    assert_eq!((report.verdict, report.run.inputs.as_str()), (Compatible, "release"), "{report:#?}");
    assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE);
}

#[test]
fn other_architectures_are_unknown_and_the_supported_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let copied =
        std::fs::copy(fixture("tiny/bert/model/model.safetensors"), folder.path().join("model.safetensors"));
    copied.unwrap();
    for config in [r#"{"model_type": "reformer"}"#, r#"{"architectures": ["ReformerModel"]}"#] {
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        let report = run(&job(Some(folder.path()), &[&fixture("tiny/bert/adapters/lora")], None));
        assert_eq!((report.verdict, rules(&report)), (Unknown, vec!["unsupported_architecture"]));
        let (message, remedy) = (&report.findings[0].message, &report.findings[0].remedy);
        assert!(message.to_lowercase().contains("reformer"), "{message}");
        assert!(remedy.contains("`bert`") && remedy.contains("`llama`"), "{remedy}");
    }
}

#[test]
fn a_run_tells_its_steps_in_their_order() {
    let model = fixture("tiny/bert/model");
    let told = |job: &Job| {
        let mut steps = vec![];
        run_telling(job, |step| steps.push(step.as_str()));
        steps
    };
    let on = job(Some(&model), &[&fixture("tiny/bert/adapters/lora")], None);
    let steps = told(&Job { home: Some(part(&model)), ..on });
    assert_eq!(steps, ["loading", "bare_pass", "updates", "composition", "repetition", "restoring", "drift"]);
    assert_eq!(told(&job(Some(&model), &[], None)), ["loading", "composition", "repetition"]);
    // A run that ends early has not begun what would have come later.
    assert_eq!(told(&job(Some(&model), &[&fixture("bad/wrong_targets")], None)), ["loading", "bare_pass"]);
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let job = job(Some(&fixture("tiny/bert/model")), &[&fixture("tiny/bert/adapters/lora")], None);
    let (one, two) = (run(&job), run(&job));
    assert_eq!(one.checks["adapter_effect"], two.checks["adapter_effect"]);
    let other = Job { seed: 8, ..job };
    assert_ne!(one.checks["adapter_effect"], run(&other).checks["adapter_effect"]);
}

fn torchscript(name: &str, inputs: &str, outputs: &str) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::copy(fixture(&format!("torchscript/{name}.pt")), folder.path().join("module.pt")).unwrap();
    let manifest = format!(
        "[module]\nname = \"test/{name}\"\nkind = \"head\"\nversion = \"1.0.0\"\n[interface]\ninputs = {inputs}\noutputs = {outputs}\n"
    );
    std::fs::write(folder.path().join("cambium.toml"), manifest).unwrap();
    folder
}

#[test]
fn weights_that_do_not_fit_are_given_back_and_give_the_same() {
    let probe = fixture("minilm/adapters/lora_r8/reference.safetensors");
    let adapter = fixture("minilm/adapters/lora_r8");
    let plain = job(Some(&minilm()), &[&adapter], Some(&probe));
    let limits = Limits { memory_bytes: 96 << 20, ..Limits::default() };
    let (large, small) = (run(&plain), run(&Job { limits, ..plain.clone() }));
    assert_eq!((small.verdict, rules(&small)), (Compatible, vec![]), "{small:#?}");
    let said = |report: &Report, check: &str| report.checks[check].clone();
    for check in ["golden", "adapter_effect", "restored", "batch_independent", "half_precision"] {
        assert_eq!(said(&small, check), said(&large, check), "{check}");
    }
    // Half of 96 MiB may stay of MiniLM's 87, and what one pass takes is the same. A kernel that is short of memory
    // takes mapped weights by itself: the most of a few runs is what one takes that is left alone.
    let least = small.run.peak_memory_bytes;
    let mut most = large.run.peak_memory_bytes;
    for _ in 0..4 {
        if least + (20 << 20) < most {
            return;
        }
        most = most.max(run(&plain).run.peak_memory_bytes);
    }
    panic!("{least} and {most} bytes");
}
