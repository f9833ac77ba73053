//! Many compositions on one load of the backbone: each has its own report, and none spoils another's.

use std::fs;
use std::path::{Path, PathBuf};

use cambium::domain::smoke::{Job, Limits, Part, Report};
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};
use cambium::work::sandbox;
use serde_json::Value;
use tempfile::TempDir;

use crate::limits::impostor;
use crate::partial::filled;
use crate::support::{
    TOLERANCE, eventually, figure, fixture, int64, job, own_engine, part, processes, rules, run, safetensors,
    script, with_file,
};

fn batch(backbone: &Path, compositions: Vec<Vec<Part>>, limits: Limits) -> Vec<Report> {
    let job = Job { batch: compositions, limits, ..job(Some(backbone), &[], None) };
    batch_on(crate::support::engine(), job)
}

fn batch_on(engine: &Path, job: Job) -> Vec<Report> {
    let mut reports: Vec<Option<Report>> = job.batch.iter().map(|_| None).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let each = |place: usize, report| assert!(reports[place].replace(report).is_none(), "{place} came twice");
    runtime.block_on(sandbox::run_batch(engine, job, each)).unwrap();
    reports.into_iter().map(|report| report.expect("every composition has a report")).collect()
}

fn adapter(name: &str) -> Vec<Part> {
    vec![part(&fixture(&format!("tiny/bert/adapters/{name}")))]
}

/// What a report says, without what differs from run to run.
fn said(report: &Report) -> Value {
    let mut report = serde_json::to_value(report).unwrap();
    for timed in [
        "load_seconds",
        "forward_seconds",
        "bare_forward_seconds",
        "peak_memory_bytes",
        "bare_peak_memory_bytes",
        "pass_shared_by",
    ] {
        report["run"].as_object_mut().unwrap().remove(timed);
    }
    report["checks"]["loads"].as_object_mut().unwrap().remove("seconds");
    report
}

/// Both say the same: numbers may differ as sums in another order do.
fn assert_same(found: &Value, expected: &Value, place: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            assert!(found.keys().eq(expected.keys()), "{place}: {found:?}, {expected:?}");
            found
                .iter()
                .for_each(|(key, value)| assert_same(value, &expected[key], &format!("{place}.{key}")));
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{place}");
            let pairs = found.iter().zip(expected).enumerate();
            pairs.for_each(|(at, (found, expected))| assert_same(found, expected, &format!("{place}[{at}]")));
        }
        (Value::Number(found), Value::Number(expected)) => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            assert!(
                (found - expected).abs() <= 1e-5 * expected.abs().max(1.0),
                "{place}: {found}, {expected}"
            );
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}

#[test]
fn each_composition_has_the_report_that_it_has_alone() {
    let backbone = fixture("tiny/bert/model");
    let names = ["lora", "ia3", "rslora", "modules_to_save", "lora"];
    let reports = batch(&backbone, names.map(adapter).to_vec(), Limits::default());
    for (name, report) in names.iter().zip(&reports) {
        let alone = run(&job(Some(&backbone), &[&fixture(&format!("tiny/bert/adapters/{name}"))], None));
        assert_same(&said(report), &said(&alone), name);
        assert_eq!(report.verdict, Compatible);
    }
}

#[test]
fn those_that_were_made_for_another_backbone_are_judged_against_it_together_too() {
    // Home has other signs in a stretch of its weights.
    let backbone = fixture("tiny/bert/model");
    let mut weights = fs::read(backbone.join("model.safetensors")).unwrap();
    let middle = weights.len() / 8 * 4;
    weights[middle..middle + 4096].iter_mut().skip(3).step_by(4).for_each(|byte| *byte ^= 0x80);
    let home = with_file(&backbone, "model.safetensors", &weights);
    let home = Some(part(home.path()));
    let adapters = ["lora", "rslora", "lora", "rslora", "ia3"].map(adapter);
    let from_home = Job { home, ..job(Some(&backbone), &[], None) };
    let together = Job { batch: adapters.to_vec(), ..from_home.clone() };
    let reports = batch_on(crate::support::engine(), together);
    for (modules, report) in adapters.iter().zip(&reports) {
        let alone = run(&Job { modules: modules.clone(), ..from_home.clone() });
        assert_same(&said(report), &said(&alone), &modules[0].name);
        assert!(figure(report, "drift", "cosine_mean") < 0.9999, "{report:#?}");
    }
}

#[test]
fn a_bad_one_does_not_spoil_its_neighbours() {
    let backbone = fixture("tiny/bert/model");
    let good = batch(&backbone, vec![adapter("lora")], Limits::default());
    let bad = ["nan_weights", "truncated", "wrong_targets", "pickle_adapter", "header_bomb"];
    let mut all = vec![];
    for name in bad {
        all.push(vec![part(&fixture(&format!("bad/{name}")))]);
        all.push(adapter("lora"));
    }
    let reports = batch(&backbone, all, Limits::default());
    for (place, report) in reports.iter().enumerate() {
        if place % 2 == 0 {
            assert_eq!(report.verdict, Incompatible, "{}", bad[place / 2]);
        } else {
            assert_same(&said(report), &said(&good[0]), bad[place / 2]);
        }
    }
}

#[test]
fn code_runs_apart_and_a_loop_ends_alone() {
    let hang = script("while True:\n  y = torch.add(x, 1)\nreturn y");
    let compositions = vec![adapter("lora"), vec![part(hang.path())], adapter("ia3")];
    let limits = Limits { wall_seconds: 3, ..Limits::default() };
    let folder = TempDir::new().unwrap();
    let engine = own_engine(&folder);
    let job = Job { batch: compositions, limits, ..job(Some(&fixture("tiny/bert/model")), &[], None) };
    let reports = batch_on(&engine, job);
    assert_eq!((reports[0].verdict, reports[2].verdict), (Compatible, Compatible));
    assert_eq!(reports[1].verdict, Incompatible);
    eventually("the end of all engines", || processes(&engine) == 0);
}

#[test]
fn one_that_ends_the_process_has_that_in_its_report_and_the_rest_go_on() {
    // A probe that needs more memory than the run may use, in the middle of others.
    let ids = ("input.input_ids", "I64", &[40_000, 16][..], int64((0..640_000).map(|id| id % 64)));
    let probe = safetensors(&[ids], &serde_json::json!({}));
    let folder = with_file(&fixture("tiny/bert/adapters/lora"), "probe.safetensors", &probe);
    let greedy = vec![part(folder.path())];
    let limits = Limits { memory_bytes: 192 << 20, ..Limits::default() };
    let reports = batch(&fixture("tiny/bert/model"), vec![adapter("lora"), greedy, adapter("ia3")], limits);
    assert_eq!((reports[0].verdict, reports[2].verdict), (Compatible, Compatible), "{:#?}", reports[1]);
    assert_eq!((reports[1].verdict, rules(&reports[1])), (Incompatible, vec!["memory_limit"]));
    assert!(figure(&reports[2], "adapter_effect", "max_abs") > 0.0);
}

#[test]
fn whatever_shares_a_pass_gives_what_peft_gives() {
    // Three times with its golden outputs: the first runs alone, and the others have company.
    let mut shared = 0;
    for network in fs::read_dir(fixture("nets")).unwrap() {
        let backbone = network.unwrap().path();
        let Ok(adapters) = fs::read_dir(backbone.join("adapters")) else { continue };
        let mut adapters: Vec<PathBuf> = adapters.map(|adapter| adapter.unwrap().path()).collect();
        adapters.sort();
        adapters = [adapters.clone(), adapters.clone(), adapters].concat();
        let composition = |folder: &PathBuf| {
            let mut part = part(folder);
            part.files.insert("probe.safetensors".to_owned(), folder.join("reference.safetensors"));
            vec![part]
        };
        let reports = batch(&backbone, adapters.iter().map(composition).collect(), Limits::default());
        for (folder, report) in adapters.iter().zip(&reports) {
            let called = folder.display();
            assert_eq!(report.verdict, Compatible, "{called}: {:#?}", report.findings);
            assert_eq!(report.run.inputs, "release", "{called}");
            assert!(figure(report, "golden", "max_abs_error") <= TOLERANCE, "{called}");
            assert!(figure(report, "adapter_effect", "max_abs") > TOLERANCE, "{called}");
            shared += usize::from(report.run.pass_shared_by.is_some_and(|by| by > 1));
        }
    }
    // All but virtual tokens, embeddings and what is first.
    assert!(shared > 60, "{shared}");
}

#[test]
fn those_that_ran_when_the_process_died_run_again_alone_and_the_rest_together() {
    // The first process dies with its first report told; the later ones are the engine itself.
    let real = crate::support::engine().display();
    let (_folder, engine) = impostor(&format!(
        "PATH=/usr/bin:/bin\necho start >> $0.starts\n\
         if [ $(wc -l < $0.starts) = 1 ]; then {real} | head -n 1; kill -KILL $$; fi\nexec {real} \"$@\""
    ));
    let all = [vec![adapter("lora"); 19], vec![adapter("ia3")]].concat();
    let job = Job { batch: all, ..job(Some(&fixture("tiny/bert/model")), &[], None) };
    let reports = batch_on(&engine, job);
    assert!(reports.iter().all(|report| report.verdict == Compatible), "{reports:#?}");
    // Nobody has another's report.
    let effect = |report: &Report| figure(report, "adapter_effect", "max_abs");
    assert!(reports[..19].iter().all(|report| (effect(report) - effect(&reports[0])).abs() < 1e-5));
    assert!((effect(&reports[19]) - effect(&reports[0])).abs() > 0.1);
    // One that died, sixteen by themselves, and one for the last three.
    let starts = fs::read_to_string(format!("{}.starts", engine.display())).unwrap();
    assert_eq!(starts.lines().count(), 18);
}

#[test]
fn an_adapter_that_does_nothing_is_refused_beside_others_too() {
    let (backbone, network) = (fixture("tiny/gpt2/model"), "tiny/gpt2/adapters/lora");
    let file = (network, "adapter_model.safetensors");
    let inert = filled(file, 0.0, |name| name.contains("lora_B"));
    let faint = filled(file, 1e-7, |name| name.contains("lora_B"));
    let sound = || vec![part(&fixture(network))];
    let all = vec![sound(), sound(), vec![part(inert.path())], vec![part(faint.path())], sound()];
    let reports = batch(&backbone, all.clone(), Limits::default());
    assert_eq!((reports[2].verdict, rules(&reports[2])), (Incompatible, vec!["adapter_no_effect"]));
    for (modules, report) in all.iter().zip(&reports) {
        let alone = run(&Job { modules: modules.clone(), ..job(Some(&backbone), &[], None) });
        assert_eq!((report.verdict, rules(report)), (alone.verdict, rules(&alone)));
        // Small as it is, it is measured as it would be alone.
        let effect = |report: &Report| figure(report, "adapter_effect", "max_abs");
        assert!((effect(report) - effect(&alone)).abs() <= 1e-3 * effect(&alone));
    }
}

/// A LoRA with a probe of its own: these ids, so many of them real in each row, and these positions.
fn probed(ids: i64, real: [i64; 2], positions: Option<i64>) -> (TempDir, Vec<Part>) {
    let row = |with: &dyn Fn(i64, i64) -> i64| {
        int64((0..2).flat_map(|row| (0..8).map(move |at| (row, at))).map(|(row, at)| with(row, at)))
    };
    let shape = &[2, 8][..];
    let real = |row: i64| real[usize::try_from(row).unwrap()];
    let mut tensors = vec![
        ("input.attention_mask", "I64", shape, row(&|row, at| i64::from(at < real(row)))),
        ("input.input_ids", "I64", shape, row(&|row, at| (ids * (at + 1) + row) % 60 + 1)),
    ];
    if let Some(first) = positions {
        tensors.push(("input.position_ids", "I64", shape, row(&|_, at| first + at)));
    }
    let probe = safetensors(&tensors, &serde_json::json!({}));
    let folder = with_file(&fixture("tiny/llama/adapters/lora"), "probe.safetensors", &probe);
    let part = part(folder.path());
    (folder, vec![part])
}

#[test]
fn compositions_with_probes_of_their_own_share_passes_and_no_inputs() {
    let own = [
        probed(3, [8, 5], None),
        probed(5, [4, 8], None),
        probed(7, [8, 8], None),
        probed(11, [6, 7], Some(0)),
        probed(13, [8, 6], Some(9)),
        probed(17, [8, 6], Some(9)),
    ];
    let all: Vec<Vec<Part>> = own.iter().map(|(_, modules)| modules.clone()).collect();
    let backbone = fixture("tiny/llama/model");
    let reports = batch(&backbone, all.clone(), Limits::default());
    for (modules, report) in all.iter().zip(&reports) {
        let alone = run(&Job { modules: modules.clone(), ..job(Some(&backbone), &[], None) });
        assert_same(&said(report), &said(&alone), &modules[0].name);
    }
    // The first runs before anything is known of its cost; positions are shared where they are the same.
    let shared: Vec<_> = reports.iter().map(|report| report.run.pass_shared_by).collect();
    assert_eq!(shared, [None, Some(2), Some(2), None, Some(2), Some(2)]);
}
