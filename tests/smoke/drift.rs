//! Backbone versions: what changed how much for whom.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cambium::domain::digest::Digest;
use cambium::domain::smoke::{Job, Report};
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};
use cambium::domain::weights::Header;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{
    TOLERANCE, figure, fixture, int64, job, minilm, part, rules, run, safetensors, with_file,
};

/// MiniLM of another version, with the digest that its weights have on every machine.
pub fn backbone(version: &str, digest: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::copy(minilm().join("config.json"), folder.path().join("config.json")).unwrap();
    let base = tensors(&minilm().join("model.safetensors"));
    let delta = tensors(&fixture(&format!("minilm/drift/delta-{version}.safetensors")));
    let bytes = written(&with_delta(base, &delta));
    assert_eq!(Digest::of(&bytes).hex(), digest, "MiniLM {version} is not the one that was measured");
    fs::write(folder.path().join("model.safetensors"), bytes).unwrap();
    folder
}

struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    bytes: Vec<u8>,
}

type Tensors = BTreeMap<String, Tensor>;

fn tensors(path: &Path) -> Tensors {
    let file = fs::read(path).unwrap();
    let header = Header::of(&file).unwrap();
    let one = |tensor: &cambium::domain::weights::Tensor| {
        let range = usize::try_from(tensor.begin).unwrap()..usize::try_from(tensor.end).unwrap();
        let dtype = match tensor.dtype.as_str() {
            "float32" => "F32",
            "float16" => "F16",
            "int64" => "I64",
            other => panic!("{other}"),
        };
        Tensor { dtype: dtype.to_owned(), shape: tensor.shape.clone(), bytes: file[range].to_vec() }
    };
    header.tensors.iter().map(|tensor| (tensor.name.clone(), one(tensor))).collect()
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    match tensor.dtype.as_str() {
        "F32" => {
            tensor.bytes.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
        }
        "F16" => tensor.bytes.as_chunks().0.iter().map(|bytes| half(u16::from_le_bytes(*bytes))).collect(),
        other => panic!("{other}"),
    }
}

fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let size = if exponent == 0 {
        fraction * 2f64.powi(-24)
    } else {
        (1024.0 + fraction) * 2f64.powi(exponent - 25)
    };
    if bits >> 15 == 1 { -size } else { size }
}

/// NAME plus the product of NAME.u and NAME.v, one rank at a time, or plus NAME.d; summed in double
/// precision and rounded once.
fn with_delta(mut base: Tensors, delta: &Tensors) -> Tensors {
    for (key, value) in delta {
        let (name, kind) = key.rsplit_once('.').unwrap();
        if kind == "v" {
            continue;
        }
        let target = base.get_mut(name).unwrap();
        let mut total = numbers(target);
        let value = numbers(value);
        if kind == "d" {
            total.iter_mut().zip(&value).for_each(|(sum, added)| *sum += added);
        } else {
            let right = &delta[&format!("{name}.v")];
            let (rank, columns) =
                (usize::try_from(right.shape[0]).unwrap(), usize::try_from(right.shape[1]).unwrap());
            let right = numbers(right);
            for (row, left) in total.chunks_exact_mut(columns).zip(value.chunks_exact(rank)) {
                for (factor, direction) in left.iter().zip(right.chunks_exact(columns)) {
                    row.iter_mut().zip(direction).for_each(|(sum, part)| *sum += factor * part);
                }
            }
        }
        target.bytes.clear();
        total.iter().for_each(|number| target.bytes.extend_from_slice(&(*number as f32).to_le_bytes()));
    }
    base
}

fn written(tensors: &Tensors) -> Vec<u8> {
    let (mut header, mut end) = (r#"{"__metadata__":{"format":"pt"}"#.to_owned(), 0);
    for (name, tensor) in tensors {
        let begin = end;
        end += tensor.bytes.len();
        let (dtype, shape) = (&tensor.dtype, serde_json::to_string(&tensor.shape).unwrap());
        header +=
            &format!(r#","{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}"#);
    }
    header.push('}');
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    let mut bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    tensors.values().for_each(|tensor| bytes.extend(&tensor.bytes));
    bytes
}

/// A copy of a backbone's folder with other tensors.
fn variant(model: &Path, change: impl FnOnce(&mut Tensors)) -> TempDir {
    let mut all = tensors(&model.join("model.safetensors"));
    change(&mut all);
    let folder = TempDir::new().unwrap();
    fs::copy(model.join("config.json"), folder.path().join("config.json")).unwrap();
    fs::write(folder.path().join("model.safetensors"), written(&all)).unwrap();
    folder
}

impl Tensor {
    /// The same rows in another order.
    fn take_rows(&mut self, order: &[usize]) {
        let width = self.bytes.len() / order.len();
        self.bytes = order.iter().flat_map(|row| self.bytes[row * width..][..width].to_vec()).collect();
    }

    /// The same columns of float32 in another order.
    fn take_columns(&mut self, order: &[usize]) {
        let rows = self.bytes.chunks_exact(4 * order.len());
        self.bytes = rows
            .flat_map(|row| order.iter().flat_map(|at| row[4 * at..][..4].to_vec()).collect::<Vec<u8>>())
            .collect();
    }

    fn change(&mut self, change: impl Fn(f32) -> f32) {
        let numbers = numbers(self);
        self.bytes = numbers.iter().flat_map(|number| change(*number as f32).to_le_bytes()).collect();
    }
}

/// The places of `heads` of `size` when they stand in the opposite order.
fn reversed(heads: usize, size: usize) -> Vec<usize> {
    (0..heads).rev().flat_map(|head| head * size..(head + 1) * size).collect()
}

/// MiniLM whose attention has its heads in the opposite order: nothing that it gives changes.
pub fn with_heads_reversed(layers: impl IntoIterator<Item = usize>) -> TempDir {
    let order = reversed(12, 32);
    variant(&minilm(), |all| {
        for layer in layers {
            let called = |name: &str| format!("encoder.layer.{layer}.attention.{name}");
            for part in ["query.weight", "query.bias", "key.weight", "key.bias", "value.weight", "value.bias"]
            {
                all.get_mut(&called(&format!("self.{part}"))).unwrap().take_rows(&order);
            }
            all.get_mut(&called("output.dense.weight")).unwrap().take_columns(&order);
        }
    })
}

/// Runs an adapter on another MiniLM than its home, on the probe that its references have.
fn moved(backbone: &Path, adapter: &str) -> Report {
    let folder = fixture(&format!("minilm/adapters/{adapter}"));
    let probe = folder.join("reference.safetensors");
    let on = job(Some(backbone), &[&folder], Some(&probe));
    let report = run(&Job { home: Some(part(&minilm())), ..on });
    // The golden outputs are about home, and still hold there.
    assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE);
    report
}

/// The check's figures are what PyTorch and PEFT measured.
fn measured(report: &Report, expected: &[(&str, f64)]) {
    for (name, expected) in expected {
        let found = figure(report, "drift", name);
        assert!((found - expected).abs() < 1e-3, "{name} is {found} and not {expected}: {report:#?}");
    }
}

#[test]
fn a_light_fine_tuning_passes() {
    let light = backbone("1.1.0", "b8c32de1c67a56b742a94648508d1ea49d98b3fba9a25121d75a2f6b46883c3b");
    let report = moved(light.path(), "lora_r8");
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]));
    measured(
        &report,
        &[("cosine_mean", 0.997), ("cosine_min", 0.9671), ("correlation", 0.9988), ("effect_cosine", 0.9934)],
    );

    let report = moved(light.path(), "linear_head");
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]));
    measured(&report, &[("cosine_mean", 0.9895), ("cosine_min", 0.9591), ("correlation", 0.9946)]);
    // A head changes nothing in the backbone.
    assert!(!report.checks["drift"].figures.contains_key("effect_cosine"));
}

#[test]
fn a_heavy_fine_tuning_is_refused() {
    let heavy = backbone("2.0.0", "36ac673726f215014dcdae2f288d4186020e1e1f4a819e354bc71b0d9989ff35");
    let report = moved(heavy.path(), "lora_r8");
    assert_eq!(
        (report.verdict, rules(&report)),
        (Incompatible, vec!["behaviour_drift", "adapter_effect_drift"])
    );
    // The bare backbone became another one as well: its answers refuse the adapter, and its effect warns.
    assert!(report.findings[0].refuses() && !report.findings[1].refuses(), "{report:#?}");
    measured(
        &report,
        &[
            ("cosine_mean", 0.7695),
            ("cosine_min", -0.9113),
            ("correlation", 0.8779),
            ("effect_cosine", 0.5348),
        ],
    );

    let report = moved(heavy.path(), "linear_head");
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["behaviour_drift"]));
    measured(&report, &[("cosine_mean", 0.5005), ("cosine_min", -0.5781), ("correlation", 0.5443)]);
    assert!(report.findings[0].refuses());
}

#[test]
fn other_heads_break_an_adapter_inside_and_no_head_outside() {
    let backbone = with_heads_reversed(0..6);
    let report = moved(backbone.path(), "lora_r8");
    assert_eq!(
        (report.verdict, rules(&report)),
        (Incompatible, vec!["behaviour_drift", "adapter_effect_drift"])
    );
    let figures = [("cosine_mean", 0.3970), ("correlation", 0.6178), ("bare_correlation", 1.0)];
    measured(&report, &figures);
    measured(&report, &[("effect_cosine", 0.0421), ("effect_ratio", 0.3243)]);
    assert!(report.findings[1].message.contains("reordered or rescaled"), "{report:#?}");

    let report = moved(backbone.path(), "linear_head");
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]));
}

#[test]
fn a_broken_adapter_is_told_without_a_probe_too() {
    let backbone = with_heads_reversed([5]);
    let on = job(Some(backbone.path()), &[&fixture("minilm/adapters/lora_r8")], None);
    let report = run(&Job { home: Some(part(&minilm())), ..on });
    // By PyTorch its accuracy falls from 0.832 to 0.707.
    assert_eq!(report.verdict, Incompatible, "{report:#?}");
    assert!(rules(&report).contains(&"adapter_effect_drift"));
}

#[test]
fn changes_that_adapters_bear_pass_however_far_they_move_numbers() {
    // To bfloat16, which is the upper half of a float32.
    let rounded = variant(&minilm(), |all| {
        for tensor in all.values_mut().filter(|tensor| tensor.dtype == "F32") {
            tensor.bytes.chunks_exact_mut(4).for_each(|number| number[..2].fill(0));
        }
    });
    let larger = variant(&minilm(), |all| {
        for end in ["weight", "bias"] {
            all.get_mut(&format!("encoder.layer.5.output.LayerNorm.{end}"))
                .unwrap()
                .change(|number| 2.0 * number);
        }
    });
    let order: Vec<usize> = (0..1536).rev().collect();
    let reordered = variant(&minilm(), |all| {
        for layer in 0..6 {
            let called = |name: &str| format!("encoder.layer.{layer}.{name}");
            for part in ["intermediate.dense.weight", "intermediate.dense.bias"] {
                all.get_mut(&called(part)).unwrap().take_rows(&order);
            }
            all.get_mut(&called("output.dense.weight")).unwrap().take_columns(&order);
        }
    });
    for (backbone, least) in [(rounded, 1e-3), (larger, 1.0), (reordered, 0.0)] {
        for adapter in ["lora_r8", "linear_head"] {
            let report = moved(backbone.path(), adapter);
            assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]), "{adapter}: {report:#?}");
            assert!(figure(&report, "drift", "max_abs") >= least, "{adapter}: {report:#?}");
        }
    }
}

#[test]
fn a_small_adapter_that_breaks_is_told_by_its_effect_though_answers_are_alike() {
    let model = fixture("tiny/gpt2/model");
    let order = reversed(4, 8);
    let columns: Vec<usize> = (0..3).flat_map(|part| order.iter().map(move |at| 32 * part + at)).collect();
    let backbone = variant(&model, |all| {
        for layer in 0..2 {
            let called = |name: &str| format!("transformer.h.{layer}.attn.{name}");
            all.get_mut(&called("c_attn.weight")).unwrap().take_columns(&columns);
            all.get_mut(&called("c_attn.bias")).unwrap().take_rows(&columns);
            all.get_mut(&called("c_proj.weight")).unwrap().take_rows(&order);
        }
    });
    // An eighth as strong as the fixture.
    let lora = fixture("tiny/gpt2/adapters/lora");
    let config = fs::read_to_string(lora.join("adapter_config.json")).unwrap();
    let weaker = config.replace("\"lora_alpha\": 8", "\"lora_alpha\": 1");
    assert_ne!(weaker, config);
    let adapter = with_file(&lora, "adapter_config.json", weaker.as_bytes());
    let ids = int64((0..64).map(|at| (at * 37 + 11) % 223));
    let probe = safetensors(&[("input.input_ids", "I64", &[4, 16], ids)], &json!({}));
    let probes = TempDir::new().unwrap();
    let probe_file = probes.path().join("probe.safetensors");
    fs::write(&probe_file, probe).unwrap();

    let on = job(Some(backbone.path()), &[adapter.path()], Some(&probe_file));
    let report = run(&Job { home: Some(part(&model)), ..on });
    assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["adapter_effect_drift"]), "{report:#?}");
    measured(&report, &[("cosine_mean", 0.9764), ("correlation", 0.9759)]);
    measured(&report, &[("effect_cosine", 0.2306), ("effect_ratio", 1.0819)]);
}

#[test]
fn a_backbone_alone_is_judged_by_what_it_gives() {
    for (version, digest, expected) in [
        ("1.1.0", "b8c32de1c67a56b742a94648508d1ea49d98b3fba9a25121d75a2f6b46883c3b", (Compatible, vec![])),
        (
            "2.0.0",
            "36ac673726f215014dcdae2f288d4186020e1e1f4a819e354bc71b0d9989ff35",
            (Incompatible, vec!["behaviour_drift"]),
        ),
    ] {
        let backbone = backbone(version, digest);
        let report = run(&Job { home: Some(part(&minilm())), ..job(Some(backbone.path()), &[], None) });
        assert_eq!((report.verdict, rules(&report)), expected, "{report:#?}");
    }
}

#[test]
fn home_itself_does_not_drift() {
    let model = fixture("tiny/bert/model");
    let on = job(Some(&model), &[&fixture("tiny/bert/adapters/lora")], None);
    let report = run(&Job { home: Some(part(&model)), ..on });
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]));
    assert_eq!(figure(&report, "drift", "max_abs"), 0.0);
}
