//! The tutorial, line by line, after the demo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::world::{World, ended};

#[test]
fn the_demo_and_the_tutorial_work_as_they_are_written() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cache = cache();
    let minilm = cache.join("minilm-0.1.0");
    assert!(minilm.is_dir(), "{} is missing: scripts/fetch.py fetches it", minilm.display());
    let world = World::start(&[]);
    let run = |script: &str| {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-euc", script])
            .current_dir(project)
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", world.path("").display()))
            .env("CAMBIUM", world.path("cambium"))
            .env("CAMBIUM_CACHE", &cache)
            .env("CAMBIUM_URL", format!("http://127.0.0.1:{}", world.port))
            .env("CAMBIUM_TOKEN", world.token())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        ended(command.spawn().unwrap())
    };
    let demo = run("scripts/demo.sh").with(0);
    assert!(
        demo.out.contains("target_not_found") && demo.out.contains("incompatible (behavioural)"),
        "{demo:?}"
    );
    let again = run("scripts/demo.sh").with(0);
    assert!(again.out.contains("everything is there"), "{again:?}");

    let text = std::fs::read_to_string(project.join("README.md")).unwrap();
    let folder = format!("{}/", world.path("tutorial").display());
    std::fs::create_dir(world.path("tutorial")).unwrap();
    let told = run(&commands(&text).replace("/tmp/", &folder)).with(0);
    for sentence in
        ["Yes: they are proven", "no, with exit code 1", "refused, with exit code 1", "2.0.0 → 1.0.0"]
    {
        assert!(told.out.contains(sentence), "{sentence}: {told:?}");
    }
}

/// The lines of all `sh` blocks of the tutorial, without the one that finds the program.
fn commands(readme: &str) -> String {
    let (_, text) = readme.split_once("## A tutorial of five minutes").expect("the README has a tutorial");
    let blocks = text.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    let lines = blocks.flat_map(str::lines).filter(|line| !line.starts_with("export PATH="));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Where fetched things lie, as the Makefile says.
fn cache() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    match set("CAMBIUM_CACHE") {
        Some(folder) => folder,
        None if nix::unistd::Uid::effective().is_root() => "/var/cache/cambium".into(),
        None => home().unwrap_or_default().join("cambium"),
    }
}
