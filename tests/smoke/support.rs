//! Jobs from folders, modules made of text, and the engine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cambium::domain::manifest::Manifest;
use cambium::domain::smoke::{CheckStatus, Job, Part, Report, Step};
use cambium::work::sandbox;
use serde_json::Value;
use tempfile::TempDir;

/// The largest difference to a reference that passes.
pub const TOLERANCE: f64 = 1e-4;

pub fn engine() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cambium-smoke"))
}

pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

/// MiniLM's folder in the cache, where `make` puts it.
pub fn minilm() -> PathBuf {
    let cache = std::env::var_os("CAMBIUM_CACHE").map_or_else(default_cache, PathBuf::from);
    let folder = cache.join("minilm-0.1.0");
    assert!(folder.join("model.safetensors").is_file(), "{} is missing: run `make test`", folder.display());
    folder
}

fn default_cache() -> PathBuf {
    if nix::unistd::Uid::effective().is_root() {
        return "/var/cache/cambium".into();
    }
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("cambium")
}

/// A folder as a part of a job.
pub fn part(folder: &Path) -> Part {
    let manifest = fs::read_to_string(folder.join("cambium.toml")).ok();
    let files =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let named = |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), path);
    Part {
        name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
        kind: None,
        manifest: manifest.map(|text| Manifest::from_toml(&text).unwrap()),
        files: files.map(named).filter(|(name, _)| name != "cambium.toml").collect(),
    }
}

pub fn job(backbone: Option<&Path>, modules: &[&Path], probe: Option<&Path>) -> Job {
    Job {
        backbone: backbone.map(part),
        modules: modules.iter().map(|folder| part(folder)).collect(),
        probe: probe.map(Path::to_owned),
        seed: 7,
        ..Job::default()
    }
}

/// Runs a job with the real engine.
pub fn run(job: &Job) -> Report {
    run_telling(job, |_| ())
}

/// The same; the run's steps are told as they begin.
pub fn run_telling(job: &Job, on_step: impl FnMut(Step)) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(sandbox::run(engine(), job, on_step)).unwrap()
}

pub fn rules(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

pub fn status(report: &Report, check: &str) -> CheckStatus {
    report.checks.get(check).unwrap_or_else(|| panic!("no check {check} in {report:#?}")).status
}

pub fn figure(report: &Report, check: &str, name: &str) -> f64 {
    let value = report.checks.get(check).and_then(|check| check.figures.get(name));
    value.and_then(Value::as_f64).unwrap_or_else(|| panic!("no {check}.{name} in {report:#?}"))
}

/// A safetensors file of tensors (name, element type in the file's words, shape, bytes), with metadata.
pub fn safetensors(tensors: &[(&str, &str, &[usize], Vec<u8>)], metadata: &Value) -> Vec<u8> {
    let (mut header, mut end) = (serde_json::json!({ "__metadata__": metadata }), 0);
    for (name, dtype, shape, bytes) in tensors {
        let offsets = [end, end + bytes.len()];
        end = offsets[1];
        header[name] = serde_json::json!({ "dtype": dtype, "shape": shape, "data_offsets": offsets });
    }
    let header = header.to_string();
    let data = tensors.iter().flat_map(|(_, _, _, bytes)| bytes.clone());
    let mut file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    file.extend(data);
    file
}

/// The bytes of int64 numbers.
pub fn int64(numbers: impl IntoIterator<Item = i64>) -> Vec<u8> {
    numbers.into_iter().flat_map(i64::to_le_bytes).collect()
}

/// A folder with the files of others, and one more.
pub fn with_file(folder: &Path, name: &str, bytes: &[u8]) -> TempDir {
    let copy = TempDir::new().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    fs::write(copy.path().join(name), bytes).unwrap();
    copy
}

/// A folder whose tensors in `file` are changed, by the header's entries and the bytes behind it.
pub fn changed(
    folder: &str,
    file: &str,
    change: impl Fn(&mut BTreeMap<String, Value>, &mut Vec<u8>),
) -> TempDir {
    let copy = TempDir::new().unwrap();
    for entry in fs::read_dir(fixture(folder)).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let bytes = fs::read(copy.path().join(file)).unwrap();
    let end = 8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let mut header = serde_json::from_slice(&bytes[8..end]).unwrap();
    let mut data = bytes[end..].to_vec();
    change(&mut header, &mut data);
    let header = serde_json::to_vec(&header).unwrap();
    let bytes = [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat();
    fs::write(copy.path().join(file), bytes).unwrap();
    copy
}

/// A folder with a TorchScript module whose `forward` has this body, from `x` [batch, 8] to
/// [batch, 4]; `weight` is a parameter [8, 4].
pub fn script(body: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
    let code = format!(
        "class InfiniteLoop(Module):\n  __parameters__ = [\"weight\", ]\n  __buffers__ = []\n  weight : Tensor\n  \
         training : bool\n  _is_full_backward_hook : Optional[bool]\n  \
         def forward(self: __torch__.InfiniteLoop,\n    x: Tensor) -> Tensor:\n    weight = self.weight\n{indented}"
    );
    let mut entries = stored_entries(&fs::read(fixture("bad/infinite_loop/module.pt")).unwrap());
    entries.insert("module/code/__torch__.py".to_owned(), code.into_bytes());
    fs::write(folder.path().join("module.pt"), stored_zip(&entries)).unwrap();
    fs::write(folder.path().join("cambium.toml"), SCRIPT_MANIFEST).unwrap();
    folder
}

const SCRIPT_MANIFEST: &str = r#"
[module]
name = "test/script"
kind = "head"
version = "1.0.0"

[interface]
inputs = [{ name = "x", dtype = "float32", dims = ["batch", 8] }]
outputs = [{ name = "y", dtype = "float32", dims = ["batch", 4] }]
"#;

fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// The entries of a zip archive that compresses nothing.
fn stored_entries(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let (mut at, mut entries) = (0, BTreeMap::new());
    while zip[at..].starts_with(b"PK\x03\x04") {
        let (size, name, extra) = (number(zip, at + 18, 4), number(zip, at + 26, 2), number(zip, at + 28, 2));
        let begin = at + 30 + name + extra;
        let name = String::from_utf8(zip[at + 30..at + 30 + name].to_vec()).unwrap();
        entries.insert(name, zip[begin..begin + size].to_vec());
        at = begin + size;
    }
    entries
}

fn stored_zip(entries: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let offset = u32::try_from(zip.len()).unwrap();
        let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        fields.extend([crc32(bytes).to_le_bytes(), size, size].concat());
        fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        fields.extend([0, 0]);
        zip.extend([b"PK\x03\x04", fields.as_slice(), name.as_bytes(), bytes].concat());
        directory.extend([b"PK\x01\x02\x14\0".as_slice(), &fields, &[0; 10], &offset.to_le_bytes()].concat());
        directory.extend(name.as_bytes());
    }
    let (count, begin) = (u16::try_from(entries.len()).unwrap().to_le_bytes(), zip.len());
    let sizes = [directory.len(), begin].map(|size| u32::try_from(size).unwrap().to_le_bytes()).concat();
    zip.extend([&directory, b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &sizes, &[0, 0]].concat());
    zip
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Another path to the engine, by which its processes can be told from those of other tests.
pub fn own_engine(folder: &TempDir) -> PathBuf {
    let link = folder.path().join("engine");
    std::os::unix::fs::symlink(engine(), &link).unwrap();
    link
}

/// How many processes were started by this path.
pub fn processes(engine: &Path) -> usize {
    let path = engine.to_str().unwrap().as_bytes();
    let lines =
        fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    lines.filter(|line| line.split(|byte| *byte == 0).next() == Some(path)).count()
}

/// Waits until `done`, for ten seconds at most.
pub fn eventually(what: &str, done: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while !done() {
        assert!(std::time::Instant::now() < deadline, "{what} did not happen");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
