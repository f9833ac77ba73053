//! Backbone versions: what changed how much for whom.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cambium::domain::digest::Digest;
use cambium::domain::finding::Severity;
use cambium::domain::smoke::{Job, Report};
use cambium::domain::verdict::Verdict::{Compatible, Incompatible};
use cambium::domain::weights::Header;
use tempfile::TempDir;

use crate::support::{TOLERANCE, figure, fixture, job, minilm, part, rules, run};

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

/// Runs an adapter on a version, with MiniLM as its home; the mean and least cosine of its logits are
/// those that PyTorch measured.
fn drifted(backbone: &Path, adapter: &str, mean: f64, least: f64) -> Report {
    let folder = fixture(&format!("minilm/adapters/{adapter}"));
    let probe = folder.join("reference.safetensors");
    let on = job(Some(backbone), &[&folder], Some(&probe));
    let report = run(&Job { home: Some(part(&minilm())), ..on });
    assert!((figure(&report, "drift", "cosine_mean") - mean).abs() < 1e-3, "{report:#?}");
    assert!((figure(&report, "drift", "cosine_min") - least).abs() < 1e-3, "{report:#?}");
    // The golden outputs are about home, and still hold there.
    assert!(figure(&report, "golden", "max_abs_error") <= TOLERANCE);
    report
}

#[test]
fn a_light_fine_tuning_passes_or_warns() {
    let light = backbone("1.1.0", "b8c32de1c67a56b742a94648508d1ea49d98b3fba9a25121d75a2f6b46883c3b");
    let report = drifted(light.path(), "lora_r8", 0.997, 0.9671);
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec![]));

    let report = drifted(light.path(), "linear_head", 0.9895, 0.9591);
    assert_eq!((report.verdict, rules(&report)), (Compatible, vec!["behaviour_drift"]));
    assert_eq!(report.findings[0].severity, Severity::Warning);
}

#[test]
fn a_heavy_fine_tuning_is_refused() {
    let heavy = backbone("2.0.0", "36ac673726f215014dcdae2f288d4186020e1e1f4a819e354bc71b0d9989ff35");
    for (adapter, mean, least) in [("lora_r8", 0.7695, -0.9113), ("linear_head", 0.5005, -0.5781)] {
        let report = drifted(heavy.path(), adapter, mean, least);
        assert_eq!((report.verdict, rules(&report)), (Incompatible, vec!["behaviour_drift"]));
        assert!(report.findings[0].refuses());
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
