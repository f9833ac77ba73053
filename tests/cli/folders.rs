//! Folders to publish, made of the fixtures.

use std::fs;
use std::path::{Path, PathBuf};

use super::world::World;

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A copy of a fixture without its reference outputs, and with a manifest.
pub fn folder(world: &World, name: &str, from: &str, manifest: &str) -> String {
    let folder = world.path(name);
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(fixture(from)).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "reference.safetensors" {
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    fs::write(folder.join("cambium.toml"), manifest).unwrap();
    folder.display().to_string()
}

pub fn backbone(version: &str) -> String {
    format!("[module]\nname = \"t/bert\"\nkind = \"backbone\"\nversion = \"{version}\"\n")
}

pub fn adapter(name: &str, version: &str) -> String {
    format!(
        "[module]\nname = \"t/{name}\"\nkind = \"adapter\"\nversion = \"{version}\"\n\n\
         [[requires]]\nmodule = \"t/bert\"\nversion = \"^1\"\n"
    )
}
