//! Evaluation sets that releases ship: what the engine measures is what PyTorch measured, and decides.

use std::fs;
use std::path::Path;

use cambium::domain::finding::Severity;
use cambium::domain::smoke::CheckStatus::{Failed, Passed, Skipped};
use cambium::domain::smoke::{Evaluation, Job, Limits, Report};
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::drift;
use crate::support::{
    figure, fixture, int64, job, minilm, part, rules, run, safetensors, script, status, with_file,
};

/// An adapter on MiniLM with the whole eval set: 600 texts, short and long ones.
fn evaluated(adapter: &str) -> TempDir {
    let set = fs::read(fixture("minilm/evaluation.safetensors")).unwrap();
    with_file(&fixture(&format!("minilm/adapters/{adapter}")), "evaluation.safetensors", &set)
}

/// All, short, long.
fn scores(evaluation: &Evaluation) -> [f64; 3] {
    assert_eq!((evaluation.metric.as_str(), evaluation.rows), ("accuracy", 600));
    let groups: Vec<(&str, u64)> =
        evaluation.groups.iter().map(|group| (group.group.as_str(), group.rows)).collect();
    assert_eq!(groups, [("short", 298), ("long", 302)]);
    [evaluation.score, evaluation.groups[0].score, evaluation.groups[1].score]
}

fn close(found: [f64; 3], expected: [f64; 3]) {
    let same = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-4);
    assert!(same, "{found:?} is not {expected:?}");
}

#[test]
fn an_adapter_is_scored_by_group_with_and_without_it() {
    let folder = evaluated("lora_r8");
    let report = run(&job(Some(&minilm()), &[folder.path()], None));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{report:#?}");
    assert_eq!((status(&report, "evaluation"), status(&report, "restored")), (Passed, Passed));
    let evaluation = report.evaluation.unwrap();
    close(scores(&evaluation), [0.8317, 0.8121, 0.8510]);
    // The bare backbone under the adapter's classifier, as PyTorch has it.
    let without = evaluation.groups.iter().map(|group| group.score_without.unwrap());
    let without: Vec<f64> = evaluation.score_without.into_iter().chain(without).collect();
    close(without.try_into().unwrap(), [0.6250, 0.6107, 0.6391]);
}

fn heavy() -> TempDir {
    drift::backbone("2.0.0", "36ac673726f215014dcdae2f288d4186020e1e1f4a819e354bc71b0d9989ff35")
}

/// On another backbone than MiniLM, for which it was made.
fn moved(backbone: &TempDir, module: &Path) -> Report {
    // Time for all rows on a machine that has other things to do too.
    let limits = Limits { wall_seconds: 600, cpu_seconds: 1200, ..Limits::default() };
    run(&Job { home: Some(part(&minilm())), limits, ..job(Some(backbone.path()), &[module], None) })
}

fn severity(report: &Report, rule: &str) -> Severity {
    report.findings.iter().find(|finding| finding.rule == rule).unwrap().severity
}

#[test]
fn an_adapter_that_breaks_inside_of_an_equal_backbone_loses_its_metric() {
    let backbone = drift::with_heads_reversed(0..6);
    let report = moved(&backbone, evaluated("lora_r8").path());
    assert_eq!(report.verdict, Incompatible, "{report:#?}");
    assert!((figure(&report, "evaluation", "home_score") - 0.8317).abs() < 1e-4);
    // As PyTorch and PEFT have it on that backbone.
    assert!((figure(&report, "evaluation", "score") - 0.4883).abs() < 1e-4);
    // The metric decides, and drift says where to look.
    let refusing = report.findings.iter().filter(|finding| finding.refuses());
    assert_eq!(refusing.map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["metric_loss"]);
    assert!(rules(&report).contains(&"adapter_effect_drift"));
}

#[test]
fn the_metric_decides_on_another_backbone_and_drift_informs() {
    let heavy = heavy();
    for (adapter, here, home) in
        [("lora_r8", 0.7683, [0.8317, 0.8121, 0.8510]), ("linear_head", 0.6033, [0.8550, 0.8289, 0.8808])]
    {
        let report = moved(&heavy, evaluated(adapter).path());
        assert_eq!(
            (report.verdict, &rules(&report)[..2]),
            (Incompatible, &["metric_loss", "behaviour_drift"][..])
        );
        let evaluation = report.evaluation.as_ref().unwrap();
        assert!((evaluation.score - here).abs() < 1e-4, "{evaluation:?}");
        let groups = &report.checks["evaluation"].figures["home_groups"];
        let of = |group: &str| groups[group].as_f64().unwrap();
        close([figure(&report, "evaluation", "home_score"), of("short"), of("long")], home);
        let rows = |which: &str| figure(&report, "evaluation", which);
        assert!((rows("loss") - (rows("rows_lost") - rows("rows_gained")) / 600.0).abs() < 1e-12);
        assert_eq!(severity(&report, "metric_loss"), Severity::Error);
        assert_eq!(severity(&report, "behaviour_drift"), Severity::Warning);
        assert_eq!((status(&report, "evaluation"), status(&report, "drift")), (Failed, Passed));
    }
}

/// The demo's modules, whose sets are the first 150 texts.
#[test]
fn what_the_demo_says_of_the_drifted_backbone_is_so() {
    let heavy = heavy();
    let demo = |module: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/demo").join(module);
        let report = moved(&heavy, &folder);
        let evaluation = report.evaluation.as_ref().unwrap();
        let scores = [evaluation.score, figure(&report, "evaluation", "home_score")];
        (report, scores.map(|score| (score * 150.0).round()))
    };
    // So few texts do not tell what 600 do, so drift decides.
    let (lora, scores) = demo("debian-sections-lora");
    assert_eq!(
        (lora.verdict, rules(&lora)),
        (Incompatible, vec!["metric_inconclusive", "behaviour_drift", "adapter_effect_drift"])
    );
    assert_eq!((severity(&lora, "behaviour_drift"), scores), (Severity::Error, [120.0, 123.0]));
    let (head, scores) = demo("debian-sections-head");
    assert_eq!((head.verdict, rules(&head)), (Incompatible, vec!["metric_loss", "behaviour_drift"]));
    assert_eq!((severity(&head, "behaviour_drift"), scores), (Severity::Warning, [100.0, 127.0]));
    let (games, scores) = demo("debian-games-lora");
    assert_eq!((games.verdict, scores), (Compatible, [141.0, 141.0]));
    // It does as well in another way.
    assert_eq!(rules(&games), ["behaviour_drift", "adapter_effect_drift"]);
}

/// Three rows of 16 tokens, and what the tiny BERT under an adapter answers to them.
fn tiny(adapter: &str) -> (Vec<u8>, Vec<u8>, Vec<i64>) {
    let file = fs::read(fixture(&format!("tiny/bert/adapters/{adapter}/reference.safetensors"))).unwrap();
    let header = cambium::domain::weights::Header::of(&file).unwrap();
    let bytes = |name: &str| {
        let tensor = header.get(name).unwrap();
        file[usize::try_from(tensor.begin).unwrap()..usize::try_from(tensor.end).unwrap()].to_vec()
    };
    let logits = bytes("output.logits");
    let logits: Vec<f32> = logits.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let best = |row: &[f32]| (0..5).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
    let classes = logits.chunks_exact(5).map(|row| i64::try_from(best(row)).unwrap()).collect();
    (bytes("input.input_ids"), bytes("input.attention_mask"), classes)
}

/// The tiny BERT under LoRA, with an evaluation set of these rows.
fn with_set(tensors: &[(&str, &str, &[usize], Vec<u8>)], metadata: &Value) -> Report {
    let adapter = fixture("tiny/bert/adapters/lora");
    let folder = with_file(&adapter, "evaluation.safetensors", &safetensors(tensors, metadata));
    run(&job(Some(&fixture("tiny/bert/model")), &[folder.path()], None))
}

#[test]
fn every_row_counts_once_in_its_place_and_its_group() {
    let (ids, mask, classes) = tiny("lora");
    let repeated = |bytes: &[u8]| bytes.repeat(70);
    // The second of each three is labelled wrong; groups are 0, 3, 0, 3, …
    let labels =
        int64((0..210).map(|row| if row % 3 == 1 { (classes[1] + 1) % 5 } else { classes[row % 3] }));
    let groups = int64((0..210).map(|row| i64::from(row % 2 == 1) * 3));
    let set = [
        ("input.input_ids", "I64", &[210, 16][..], repeated(&ids)),
        ("input.attention_mask", "I64", &[210, 16], repeated(&mask)),
        ("labels", "I64", &[210], labels),
        ("group", "I64", &[210], groups),
    ];
    let report = with_set(&set, &json!({}));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{report:#?}");
    let evaluation = report.evaluation.unwrap();
    let groups: Vec<(&str, u64, f64)> =
        evaluation.groups.iter().map(|group| (group.group.as_str(), group.rows, group.score)).collect();
    assert_eq!((evaluation.score, groups), (2.0 / 3.0, vec![("0", 105, 2.0 / 3.0), ("3", 105, 2.0 / 3.0)]));
    assert!(evaluation.score_without.is_some());
}

/// The tiny BERT with a pooler of the opposite sign.
fn opposite() -> TempDir {
    let model = fixture("tiny/bert/model");
    let mut file = fs::read(model.join("model.safetensors")).unwrap();
    let header = cambium::domain::weights::Header::of(&file).unwrap();
    let pooler = header.get("bert.pooler.dense.weight").unwrap();
    let range = usize::try_from(pooler.begin).unwrap()..usize::try_from(pooler.end).unwrap();
    file[range].as_chunks_mut::<4>().0.iter_mut().for_each(|number| number[3] ^= 0x80);
    with_file(&model, "model.safetensors", &file)
}

#[test]
fn a_metric_that_holds_acquits_of_drift() {
    let (ids, mask, classes) = tiny("lora");
    // All wrong at home: whatever it answers here, nothing was lost.
    let labels = int64(classes.iter().map(|class| (class + 1) % 5).cycle().take(210));
    let set = safetensors(
        &[
            ("input.input_ids", "I64", &[210, 16], ids.repeat(70)),
            ("input.attention_mask", "I64", &[210, 16], mask.repeat(70)),
            ("labels", "I64", &[210], labels),
        ],
        &json!({}),
    );
    let adapter = fixture("tiny/bert/adapters/lora");
    let home = part(&fixture("tiny/bert/model"));
    let opposite = opposite();
    let on = |folder: &Path| {
        let job = job(Some(opposite.path()), &[folder], None);
        run(&Job { home: Some(home.clone()), ..job })
    };
    // What the adapter does to the hidden states stays the same; the answers behind the pooler do not.
    let drifts = vec!["behaviour_drift"];
    let unmeasured = on(&adapter);
    assert_eq!((unmeasured.verdict, rules(&unmeasured)), (Incompatible, drifts.clone()));
    let measured = on(with_file(&adapter, "evaluation.safetensors", &set).path());
    assert_eq!((measured.verdict, rules(&measured)), (Compatible, drifts), "{measured:#?}");
    assert!(measured.findings.iter().all(|finding| finding.severity == Severity::Warning));
    assert_eq!((status(&measured, "evaluation"), status(&measured, "drift")), (Passed, Passed));
}

#[test]
fn a_backbone_with_a_classifier_is_scored_by_itself() {
    let (ids, mask, _) = tiny("lora");
    let set = [
        ("input.input_ids", "I64", &[3, 16][..], ids),
        ("input.attention_mask", "I64", &[3, 16], mask),
        ("labels", "I64", &[3], int64([0, 1, 2])),
    ];
    let folder =
        with_file(&fixture("tiny/bert/model"), "evaluation.safetensors", &safetensors(&set, &json!({})));
    let evaluation = run(&job(Some(folder.path()), &[], None)).evaluation.unwrap();
    assert_eq!((evaluation.rows, evaluation.score_without, evaluation.groups.len()), (3, None, 0));
    // What is put on it ships none of its own.
    let adapter = fixture("tiny/bert/adapters/lora");
    assert_eq!(run(&job(Some(folder.path()), &[&adapter], None)).evaluation, None);
}

#[test]
fn malformed_sets_are_refused_with_their_reason() {
    let (ids, mask, classes) = tiny("lora");
    let labels = || int64(classes.clone());
    let ids = ("input.input_ids", "I64", &[3, 16][..], ids);
    let mask = ("input.attention_mask", "I64", &[3, 16][..], mask);
    let labelled = |labels: [i64; 3]| ("labels", "I64", &[3][..], int64(labels));
    let right = ("labels", "I64", &[3][..], labels());
    let grouped = |groups: [i64; 3]| ("group", "I64", &[3][..], int64(groups));
    let strange = |ids: Vec<i64>, shape: &'static [usize]| ("input.input_ids", "I64", shape, int64(ids));
    let names = json!({ "groups": "[\"a\", \"b\"]" });
    for (tensors, metadata, reason) in [
        (vec![ids.clone(), mask.clone()], json!({}), "no tensor `labels`"),
        (vec![right.clone()], json!({}), "no inputs"),
        (vec![ids.clone(), labelled([0, 1, 5])], json!({}), "the label 5, and 5 classes"),
        (vec![ids.clone(), labelled([0, -100, 1])], json!({}), "the label -100"),
        (vec![ids.clone(), right.clone(), grouped([0, 1, 2])], names.clone(), "the group 2"),
        (vec![ids.clone(), right.clone(), grouped([0, -1, 0])], json!({}), "the group -1"),
        (vec![ids.clone(), right.clone(), grouped([0, 64, 0])], json!({}), "the group 64"),
        (vec![ids.clone(), right.clone()], names, "no tensor `group`"),
        (vec![ids.clone(), right.clone(), grouped([0; 3])], json!({ "groups": "a, b" }), "no JSON list"),
        (vec![strange(vec![211; 48], &[3, 16]), right.clone()], json!({}), "the vocabulary has 211"),
        (vec![strange(vec![1; 123], &[3, 41]), right.clone()], json!({}), "knows 40 positions"),
        (vec![strange(vec![1; 3], &[3]), right.clone()], json!({}), "not a filled int64 matrix"),
        (vec![mask.clone(), right.clone()], json!({}), "no `input.input_ids`"),
        (
            vec![ids.clone(), ("input.attention_mask", "I64", &[3, 1], int64([1; 3])), right.clone()],
            json!({}),
            "shape [3, 1]",
        ),
        (vec![strange(vec![1; 32], &[2, 16]), right.clone()], json!({}), "there are 3 labels"),
    ] {
        let report = with_set(&tensors, &metadata);
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["bad_evaluation"]), "{reason}");
        assert!(report.findings[0].message.contains(reason), "{reason}: {}", report.findings[0].message);
        assert!(
            report.findings[0].subject.ends_with("evaluation.safetensors") && report.evaluation.is_none()
        );
        // Everything else was checked nevertheless.
        assert_eq!(
            (status(&report, "evaluation"), status(&report, "restored")),
            (Failed, Passed),
            "{reason}"
        );
    }
}

#[test]
fn files_that_are_no_safetensors_are_refused_like_any_other() {
    let adapter = fixture("tiny/bert/adapters/lora");
    let model = fixture("tiny/bert/model");
    for (bytes, rule) in [(&b"labels: 1"[..], "header_too_large"), (&b""[..], "corrupt_file")] {
        let folder = with_file(&adapter, "evaluation.safetensors", bytes);
        let report = run(&job(Some(&model), &[folder.path()], None));
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec![rule]));
    }
}

#[test]
fn what_cannot_be_measured_is_said_and_refuses_nothing() {
    let (ids, mask, classes) = tiny("lora");
    let set = [
        ("input.input_ids", "I64", &[3, 16][..], ids),
        ("input.attention_mask", "I64", &[3, 16], mask),
        ("labels", "I64", &[3], int64(classes)),
    ];
    let report = with_set(&set, &json!({ "metric": "rouge" }));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec!["unsupported_metric"]));
    assert_eq!((status(&report, "evaluation"), report.evaluation), (Skipped, None));

    // Four numbers that nobody called scores are no scores.
    let numbers = [
        ("input.x", "F32", &[6, 8][..], 1.0_f32.to_le_bytes().repeat(48)),
        ("labels", "I64", &[6], int64([0, 1, 2, 3, 0, 1])),
    ];
    let module = script("return torch.matmul(x, weight)");
    fs::write(module.path().join("evaluation.safetensors"), safetensors(&numbers, &json!({}))).unwrap();
    let report = run(&job(None, &[module.path()], None));
    assert_eq!(
        (report.verdict, rules(&report)),
        (Compatible, vec!["evaluation_without_scores"]),
        "{report:#?}"
    );
    assert!(report.findings[0].message.contains("`y`"));

    let manifest = module.path().join("cambium.toml");
    let declared = fs::read_to_string(&manifest)
        .unwrap()
        .replace(r#"dims = ["batch", 4]"#, r#"dims = ["batch", 4], semantics = "class scores""#);
    fs::write(&manifest, declared).unwrap();
    let report = run(&job(None, &[module.path()], None));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{report:#?}");
    // All rows are alike, and so is the answer: one class is right in two rows, or in one.
    let evaluation = report.evaluation.unwrap();
    assert!(evaluation.rows == 6 && [1.0 / 6.0, 1.0 / 3.0].contains(&evaluation.score), "{evaluation:?}");
}

#[test]
fn scores_that_are_no_numbers_are_refused() {
    let numbers = [
        (
            "input.x",
            "F32",
            &[2, 8][..],
            [1.0_f32.to_le_bytes().repeat(8), f32::NAN.to_le_bytes().repeat(8)].concat(),
        ),
        ("labels", "I64", &[2], int64([0, 1])),
    ];
    let module = script("return torch.matmul(x, weight)");
    let manifest = module.path().join("cambium.toml");
    let called = fs::read_to_string(&manifest).unwrap().replace(r#"name = "y""#, r#"name = "logits""#);
    fs::write(&manifest, called).unwrap();
    fs::write(module.path().join("evaluation.safetensors"), safetensors(&numbers, &json!({}))).unwrap();
    let report = run(&job(None, &[module.path()], None));
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["non_finite_output"]), "{report:#?}");
    assert_eq!(status(&report, "evaluation"), Failed);
}

#[test]
fn of_a_long_set_the_first_rows_are_run() {
    let (ids, _, classes) = tiny("lora");
    let set = [
        ("input.input_ids", "I64", &[2001, 16][..], ids.repeat(667)),
        ("labels", "I64", &[2001], int64(classes.into_iter().cycle().take(2001))),
    ];
    let report = with_set(&set, &json!({}));
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec!["evaluation_cut"]), "{report:#?}");
    assert_eq!(report.findings[0].severity, Severity::Info);
    assert_eq!(report.evaluation.as_ref().unwrap().rows, 2000);
    assert_eq!(figure(&report, "evaluation", "rows_in_file"), 2001.0);
}

#[test]
fn a_set_that_would_take_too_long_does_not_use_up_the_run() {
    let folder = evaluated("linear_head");
    let limits = Limits { cpu_seconds: 4, ..Limits::default() };
    let report = run(&Job { limits, ..job(Some(&minilm()), &[folder.path()], None) });
    assert_eq!(report.verdict, Compatible, "{report:#?}");
    assert!(["evaluation_cut", "evaluation_too_slow"].contains(&rules(&report)[0]), "{report:#?}");
    assert!(report.evaluation.is_none_or(|evaluation| evaluation.rows % 128 == 0));
}

#[test]
fn memory_and_time_of_the_bare_backbone_are_told_apart() {
    let model: &Path = &minilm();
    let report = run(&job(Some(model), &[&fixture("minilm/adapters/lora_r8")], None));
    let bare = report.run.bare_peak_memory_bytes.unwrap();
    assert!(bare > 100 << 20 && bare <= report.run.peak_memory_bytes, "{:?}", report.run);
    // An adapter of 300 kB takes little more.
    assert!(report.run.peak_memory_bytes - bare < 40 << 20, "{:?}", report.run);
    assert!(report.run.bare_forward_seconds.unwrap() > 0.0);
    let alone = run(&job(Some(model), &[], None));
    assert_eq!((alone.run.bare_peak_memory_bytes, alone.run.bare_forward_seconds), (None, None));
}
