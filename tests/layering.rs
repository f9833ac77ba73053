//! The layers of the house: what may name what, and that the server never loads libtorch.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
}

/// Whether `word` begins a word of `line`: `tch::` is no part of `watch::`.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

/// Source files outside of `allowed` whose code, comments aside, has one of `words`.
fn naming(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    sources(&root, &mut files);
    assert!(!files.is_empty());
    let names = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        code.any(|line| words.iter().any(|word| has_word(line, word)))
    };
    let inside = |path: &PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    let files = files.iter().filter(|path| !allowed.iter().any(|place| inside(path).starts_with(place)));
    files.filter(|path| names(path)).map(inside).collect()
}

#[test]
fn only_the_engine_names_libtorch() {
    assert_eq!(naming(&["tch::", "use tch;"], &["bin/smoke/"]), Vec::<String>::new());
}

#[test]
fn sql_is_only_in_the_store() {
    let words = ["sqlx::query", "query!(", "query_as!(", "query_scalar!("];
    assert_eq!(naming(&words, &["store"]), Vec::<String>::new());
}

#[test]
fn every_rule_of_the_engine_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/checks.md")).unwrap();
    let mut files = vec![root.join("src/work/endings.rs")];
    sources(&root.join("src/bin/smoke"), &mut files);
    let texts: Vec<String> = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let made = regex::Regex::new(r#"Finding::(?:error|warning)\(\s*"([a-z_]+)""#).unwrap();
    let mut rules: Vec<&str> = texts
        .iter()
        .flat_map(|text| made.captures_iter(text))
        .filter_map(|found| found.get(1).map(|rule| rule.as_str()))
        .collect();
    rules.sort_unstable();
    rules.dedup();
    assert!(rules.len() > 30, "{rules:?}");
    let silent: Vec<&&str> = rules.iter().filter(|rule| !page.contains(&format!("`{rule}`"))).collect();
    assert!(silent.is_empty(), "docs/checks.md does not explain {silent:?}");
}

#[test]
fn the_domain_is_pure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain");
    let mut files = vec![];
    sources(&root, &mut files);
    for path in files.iter().filter(|path| !path.to_str().unwrap().ends_with("tests.rs")) {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in [
            "async fn",
            "tokio::",
            "sqlx::",
            "actix_web::",
            "std::fs",
            "SystemTime::now",
            "Utc::now",
            "rand::",
        ] {
            assert!(!code.contains(word), "{} names {word}", path.display());
        }
    }
}

fn number(bytes: &[u8], at: u64, length: usize) -> u64 {
    let at = usize::try_from(at).unwrap();
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The libraries that an ELF program of 64 bits asks the loader for.
fn needed(program: &Path) -> Vec<String> {
    let [load, dynamic, needs, string_table] = [1, 2, 1, 5];
    let file = fs::read(program).unwrap();
    assert!(file.starts_with(b"\x7fELF\x02\x01"));
    let (table, size, count) = (number(&file, 32, 8), number(&file, 54, 2), number(&file, 56, 2));
    // Each: type, offset in the file, address, size in the file.
    let segments: Vec<[u64; 4]> = (0..count)
        .map(|index| table + index * size)
        .map(|at| {
            [
                number(&file, at, 4),
                number(&file, at + 8, 8),
                number(&file, at + 16, 8),
                number(&file, at + 32, 8),
            ]
        })
        .collect();
    let in_file = |address: u64| {
        let holds =
            |[kind, _, begin, size]: &&[u64; 4]| *kind == load && (*begin..begin + size).contains(&address);
        let [_, offset, begin, _] = segments.iter().find(holds).unwrap();
        offset + address - begin
    };
    let [_, offset, _, size] = segments.iter().find(|[kind, ..]| *kind == dynamic).unwrap();
    let entries: Vec<(u64, u64)> = (*offset..offset + size)
        .step_by(16)
        .map(|at| (number(&file, at, 8), number(&file, at + 8, 8)))
        .collect();
    let strings = in_file(entries.iter().find(|(tag, _)| *tag == string_table).unwrap().1);
    let text = |at: u64| {
        let bytes = &file[usize::try_from(strings + at).unwrap()..];
        String::from_utf8(bytes.iter().copied().take_while(|byte| *byte != 0).collect()).unwrap()
    };
    entries.iter().filter(|(tag, _)| *tag == needs).map(|(_, name)| text(*name)).collect()
}

#[test]
fn the_server_and_command_line_never_link_libtorch() {
    let libraries = needed(Path::new(env!("CARGO_BIN_EXE_cambium")));
    assert!(libraries.iter().any(|name| name.starts_with("libc.so")), "{libraries:?}");
    for name in &libraries {
        assert!(!["torch", "c10", "gomp", "cudart"].iter().any(|word| name.contains(word)), "{libraries:?}");
    }
}

#[cfg(feature = "torch")]
#[test]
fn the_engine_links_libtorch() {
    let libraries = needed(Path::new(env!("CARGO_BIN_EXE_cambium-smoke")));
    assert!(libraries.iter().any(|name| name == "libtorch_cpu.so"), "{libraries:?}");
}
