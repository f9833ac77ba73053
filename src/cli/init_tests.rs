use std::path::Path;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    init: InitArgs,
}

/// Runs `init` on a copy of a fixture's folder, and gives back the copy and the exit code as text.
fn init(fixture: &str, arguments: &[&str]) -> (tempfile::TempDir, anyhow::Result<ExitCode>) {
    let dir = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture);
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let code = init_in(dir.path(), arguments);
    (dir, code)
}

fn init_in(dir: &Path, arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let all = ["init", dir.to_str().unwrap()].into_iter().chain(arguments.iter().copied());
    let args = Cli::try_parse_from(all)?.init;
    tokio::runtime::Builder::new_current_thread().build()?.block_on(run(args))
}

fn is(code: &anyhow::Result<ExitCode>, wanted: u8) -> bool {
    code.as_ref().is_ok_and(|code| format!("{code:?}") == format!("{:?}", ExitCode::from(wanted)))
}

fn manifest(dir: &tempfile::TempDir) -> Manifest {
    Manifest::from_toml(&fs::read_to_string(dir.path().join(FILE_NAME)).unwrap()).unwrap()
}

#[test]
fn a_model_gets_a_manifest_from_its_files_and_card() {
    let (dir, code) = init("tiny/bert/model", &["--name", "demo/tiny-bert"]);
    assert!(is(&code, 0));
    assert_eq!((manifest(&dir).module.kind, manifest(&dir).requires), (Kind::Backbone, vec![]));
    let card = "---\nlicense: apache-2.0\ndatasets: [imdb]\npipeline_tag: feature-extraction\nbase_model: a/b\n---\n";
    fs::write(dir.path().join("README.md"), card).unwrap();
    assert!(is(&init_in(dir.path(), &["--name", "demo/tiny-bert", "--version", "2.1.0", "--force"]), 0));
    let manifest = manifest(&dir);
    assert_eq!(manifest.module.version.to_string(), "2.1.0");
    assert_eq!(manifest.module.license.as_deref(), Some("Apache-2.0"));
    assert_eq!(manifest.module.tasks, ["feature-extraction"]);
    assert_eq!(
        (manifest.provenance.base_model.as_deref(), manifest.provenance.datasets),
        (Some("a/b"), vec!["imdb".to_owned()])
    );
    assert_eq!(manifest.interface, None, "what is derived is not written down");
}

#[test]
fn an_adapter_gets_a_guess_of_what_it_requires() {
    let (dir, code) = init("minilm/adapters/lora_r8", &["--name", "demo/sections"]);
    assert!(is(&code, 0));
    let manifest = manifest(&dir);
    assert_eq!(manifest.module.kind, Kind::Adapter);
    assert_eq!(manifest.module.tasks, ["text-classification"]);
    assert_eq!(manifest.requires[0].module.as_str(), "demo/all-MiniLM-L6-v2");
    assert_eq!(manifest.provenance.base_model.as_deref(), Some("sentence-transformers/all-MiniLM-L6-v2"));
    let text = fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    assert!(text.contains("# A guess"), "{text}");
}

#[test]
fn what_is_given_is_no_guess() {
    let (dir, code) = init("minilm/adapters/linear_head", &["--requires", "demo/minilm@>=1, <3"]);
    assert!(is(&code, 0));
    let text = fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    assert!(!text.contains("# A guess") && manifest(&dir).module.kind == Kind::Head);
    assert_eq!(manifest(&dir).requires[0].version.to_string(), ">=1, <3");
}

#[test]
fn torchscript_needs_its_kind_and_gets_a_template_for_ports() {
    let dir = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/torchscript/bridge.pt");
    fs::copy(script, dir.path().join("bridge.pt")).unwrap();
    assert!(init_in(dir.path(), &[]).unwrap_err().to_string().contains("--kind"));
    assert!(is(&init_in(dir.path(), &["--kind", "bridge", "--requires", "demo/minilm@^1"]), 0));
    let text = fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    assert_eq!(manifest(&dir).interface, None);
    let filled: String = text
        .lines()
        .map(|line| format!("{}\n", line.trim_start_matches("# ").trim_start_matches('#')))
        .filter(|line| !line.starts_with("What the module"))
        .collect();
    let interface = Manifest::from_toml(&filled).unwrap().interface.unwrap();
    assert_eq!((interface.inputs.len(), interface.outputs.len()), (1, 1));
}

#[test]
fn a_manifest_is_not_replaced_unless_asked_to() {
    let (dir, _) = init("tiny/bert/model", &[]);
    fs::write(dir.path().join(FILE_NAME), "mine").unwrap();
    assert!(init_in(dir.path(), &[]).unwrap_err().to_string().contains("--force"));
    assert_eq!(fs::read_to_string(dir.path().join(FILE_NAME)).unwrap(), "mine");
    assert!(is(&init_in(dir.path(), &["--force"]), 0));
}

#[test]
fn folders_that_can_never_be_published_get_no_manifest() {
    for folder in ["bad/pickle_adapter", "bad/truncated", "bad/header_bomb"] {
        let (dir, code) = init(folder, &[]);
        assert!(is(&code, 1), "{folder}");
        assert!(!dir.path().join(FILE_NAME).exists(), "{folder}");
    }
}

#[test]
fn any_folder_name_becomes_a_name() {
    for (text, name) in [
        ("My model (v2)", "My-model-v2"),
        ("..", "module"),
        ("a--b..c", "a-b.c"),
        ("été", "t"),
        ("repo.git", "repo"),
        ("_x_", "_x_"),
        (&"y".repeat(300), &"y".repeat(60)),
    ] {
        assert_eq!(cleaned(text), name);
        assert!(module_name("my-team", text).is_ok(), "{text}");
    }
}
