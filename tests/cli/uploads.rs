//! Uploads that are interrupted.

use std::fs;

use super::folders::{backbone, folder};
use super::proxy::Proxy;
use super::world::{World, ended};

const SIZE: u64 = 40 << 20;
/// What the line lets through: two whole parts and something of the third.
const PASSED: u64 = 20 << 20;

/// A backbone with a large file beside its weights; `seed` makes its bytes.
fn large(world: &World, name: &str, version: &str, seed: u64) -> String {
    let folder = folder(world, name, "tiny/bert/model", &backbone(version));
    let bytes: Vec<u8> = (0..SIZE / 8).flat_map(|n| (n ^ seed).to_le_bytes()).collect();
    fs::write(format!("{folder}/vectors.bin"), bytes).unwrap();
    folder
}

#[test]
fn a_killed_publish_goes_on_where_it_stopped() {
    let world = World::start(&[]);
    world.cambium(&["namespace", "create", "t"]).with(0);
    let folder = large(&world, "large", "1.0.0", 1);
    let line = Proxy::start(world.port, PASSED);
    let mut first = world.command(line.port, &["publish", &folder, "--json"]).spawn().unwrap();
    line.wait_until_full();
    first.kill().unwrap();
    first.wait().unwrap();

    let second = world.cambium(&["publish", &folder, "--json"]).with(0).json();
    assert_eq!(second["state"], "published", "{second}");
    let sent = second["uploaded_bytes"].as_u64().unwrap();
    assert!(sent < SIZE - (8 << 20) && sent > SIZE - PASSED - (1 << 20), "{sent} bytes were sent again");
}

#[test]
fn a_publish_survives_a_killed_server() {
    let mut world = World::start(&[]);
    world.cambium(&["namespace", "create", "t"]).with(0);
    let folder = large(&world, "large", "1.0.0", 2);
    let line = Proxy::start(world.port, PASSED);
    let publish = world.command(line.port, &["publish", &folder, "--json"]).spawn().unwrap();
    line.wait_until_full();
    world.kill_server();
    line.release();
    world.serve();

    let outcome = ended(publish).with(0).json();
    assert_eq!(outcome["state"], "published", "{outcome}");
    let target = world.path("back").display().to_string();
    world.cambium(&["download", "t/bert@1.0.0", &target]).with(0);
    let name = |folder: &str| fs::read(format!("{folder}/vectors.bin")).unwrap();
    assert!(name(&folder) == name(&target), "the bytes are others");
}
