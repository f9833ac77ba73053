//! What is published: manifests and files, most of them from the fixtures.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cambium::domain::digest::Digest;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Content {
    pub manifest: Value,
    pub files: BTreeMap<String, Vec<u8>>,
}

pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

pub fn digest_of(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

/// Bytes that look like nothing, the same for the same seed.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = std::iter::repeat_with(&mut next).take(length.div_ceil(8)).flatten().collect();
    bytes.truncate(length);
    bytes
}

impl Content {
    pub fn new(name: &str, kind: &str, version: &str) -> Self {
        let manifest = json!({"module": {"name": name, "kind": kind, "version": version}});
        Self { manifest, files: BTreeMap::new() }
    }

    /// The tiny BERT.
    pub fn backbone(name: &str, version: &str) -> Self {
        Self::new(name, "backbone", version)
            .with_file("config.json", read("tiny/bert/model/config.json"))
            .with_file("model.safetensors", read("tiny/bert/model/model.safetensors"))
    }

    /// A LoRA adapter of the tiny BERT.
    pub fn adapter(name: &str, version: &str, base: &str, range: &str) -> Self {
        Self::new(name, "adapter", version).requiring(base, range).with_folder("tiny/bert/adapters/lora")
    }

    pub fn requiring(mut self, base: &str, range: &str) -> Self {
        self.manifest["requires"] = json!([{"module": base, "version": range}]);
        self
    }

    pub fn with(mut self, section: &str, value: Value) -> Self {
        self.manifest[section] = value;
        self
    }

    pub fn with_file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self
    }

    pub fn without_file(mut self, path: &str) -> Self {
        self.files.remove(path).expect("it was there");
        self
    }

    /// Every file of a fixture but the references of other libraries.
    pub fn with_folder(mut self, path: &str) -> Self {
        for entry in fs::read_dir(fixture(path)).unwrap().map(|entry| entry.unwrap()) {
            let name = entry.file_name().into_string().unwrap();
            if name != "reference.safetensors" {
                self.files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
        self
    }

    /// The body of `POST /drafts`.
    pub fn draft(&self) -> Value {
        let file = |(path, bytes): (&String, &Vec<u8>)| json!({"path": path, "size": bytes.len(), "digest": digest_of(bytes)});
        json!({"manifest": self.manifest, "files": self.files.iter().map(file).collect::<Vec<_>>()})
    }
}

pub fn read(path: &str) -> Vec<u8> {
    fs::read(fixture(path)).unwrap()
}

/// The same safetensors file with every float32 `x` turned into `change(x)`.
pub fn with_floats(file: &[u8], change: impl Fn(f32) -> f32) -> Vec<u8> {
    let header = 8 + usize::try_from(u64::from_le_bytes(file[..8].try_into().unwrap())).unwrap();
    let tensors: BTreeMap<String, Value> = serde_json::from_slice(&file[8..header]).unwrap();
    let mut changed = file.to_vec();
    for tensor in tensors.values().filter(|tensor| tensor["dtype"] == "F32") {
        let bound =
            |at: usize| header + usize::try_from(tensor["data_offsets"][at].as_u64().unwrap()).unwrap();
        for bytes in changed[bound(0)..bound(1)].chunks_exact_mut(4) {
            let number = f32::from_le_bytes(bytes.try_into().unwrap());
            bytes.copy_from_slice(&change(number).to_le_bytes());
        }
    }
    changed
}

/// The tiny BERT with hidden states of another width, from noise.
pub fn backbone_of_width(width: u64, name: &str, version: &str) -> Content {
    let tiny = read("tiny/bert/model/model.safetensors");
    let header = 8 + usize::try_from(u64::from_le_bytes(tiny[..8].try_into().unwrap())).unwrap();
    let tensors: BTreeMap<String, Value> = serde_json::from_slice(&tiny[8..header]).unwrap();
    let (mut wide, mut data) = (serde_json::Map::new(), Vec::new());
    for (at, (name, tensor)) in tensors.iter().filter(|(name, _)| *name != "__metadata__").enumerate() {
        let shape: Vec<u64> = serde_json::from_value(tensor["shape"].clone()).unwrap();
        let shape: Vec<u64> = shape.iter().map(|size| if *size == 32 { width } else { *size }).collect();
        let begin = data.len();
        let count = usize::try_from(shape.iter().product::<u64>()).unwrap();
        let is_scale = name.ends_with("LayerNorm.weight");
        for byte in noise(count, at as u64) {
            let number = if is_scale { 1.0 } else { (f32::from(byte) - 127.5) / 2000.0 };
            data.extend(number.to_le_bytes());
        }
        let offsets = [begin, data.len()];
        wide.insert(name.clone(), json!({"dtype": "F32", "shape": shape, "data_offsets": offsets}));
    }
    let header = serde_json::to_vec(&wide).unwrap();
    let file = [(header.len() as u64).to_le_bytes().to_vec(), header, data].concat();
    let mut config: Value = serde_json::from_slice(&read("tiny/bert/model/config.json")).unwrap();
    config["hidden_size"] = json!(width);
    Content::new(name, "backbone", version)
        .with_file("config.json", config.to_string())
        .with_file("model.safetensors", file)
}
