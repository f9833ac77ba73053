//! From publishing to a rollback, as a team lives it.

use std::fs;

use super::folders::{adapter, backbone, fixture, folder};
use super::world::World;

#[test]
fn a_module_is_published_proven_deployed_found_bad_and_rolled_back() {
    let world = World::start(&["t/bert@1.1.0", "t/sections@1.0.0"]);
    somebody_logs_in(&world);
    the_first_releases_are_published(&world);
    bad_releases_are_refused(&world);
    deploying_is_answered(&world);
    a_bad_release_is_rolled_back(&world);
    bytes_come_back_as_they_were(&world);
    everything_is_looked_at(&world);
}

fn somebody_logs_in(world: &World) {
    let nobody = world.cambium_without_token(&["whoami"], "").with(0);
    assert!(nobody.out.starts_with("nobody"), "{nobody:?}");
    let refused = world.cambium_without_token(&["login"], "not-a-token\n").with(2);
    assert!(refused.err.contains("token_invalid"), "{refused:?}");
    world.cambium_without_token(&["login"], &format!("{}\n", world.token())).with(0);
    let known = world.cambium_without_token(&["whoami"], "").with(0);
    assert!(known.out.starts_with("admin at"), "{known:?}");
}

fn the_first_releases_are_published(world: &World) {
    let bert = folder(world, "bert", "tiny/bert/model", &backbone("1.0.0"));
    let unknown = world.cambium(&["publish", &bert]).with(2);
    assert!(unknown.err.contains("--create-namespace"), "{unknown:?}");
    let made = world.cambium(&["publish", &bert, "--create-namespace", "--json"]).with(0).json();
    assert_eq!(
        (&made["reference"], &made["state"], &made["published_before"]),
        (&"t/bert@1.0.0".into(), &"published".into(), &false.into()),
        "{made}"
    );

    let again = world.cambium(&["publish", &bert]).with(0);
    assert!(again.out.contains("same bytes") && again.out.contains("nothing to do"), "{again:?}");
    fs::write(format!("{bert}/README.md"), "other bytes").unwrap();
    let conflict = world.cambium(&["publish", &bert]).with(1);
    assert!(
        conflict.err.contains("version_conflict") && conflict.err.contains("new version"),
        "{conflict:?}"
    );

    let lora = folder(world, "lora", "tiny/bert/adapters/lora", &adapter("sections", "1.0.0"));
    world.cambium(&["publish", &lora]).with(0);
    let better = folder(world, "rslora", "tiny/bert/adapters/rslora", &adapter("sections", "1.1.0"));
    world.cambium(&["publish", &better]).with(0);
}

fn bad_releases_are_refused(world: &World) {
    for (from, rule) in [("bad/wrong_targets", "target_not_found"), ("bad/pickle_adapter", "pickle_refused")]
    {
        let folder = folder(world, "bad", from, &adapter("bad", "1.0.0"));
        let refused = world.cambium(&["publish", &folder]).with(1);
        assert!(refused.out.contains("rejected") && refused.out.contains(rule), "{refused:?}");
        let told = world.cambium(&["publish", &folder, "--json"]).with(1).json();
        let finding = told["findings"].as_array().unwrap().iter().find(|one| one["rule"] == rule).unwrap();
        assert!(["message", "remedy", "subject"].iter().all(|member| finding[*member].is_string()), "{told}");
        fs::remove_dir_all(folder).unwrap();
    }
    let empty = world.path("empty");
    fs::create_dir(&empty).unwrap();
    let told = world.cambium(&["publish", &empty.display().to_string()]).with(2);
    assert!(told.err.contains("cambium init"), "{told:?}");
}

fn deploying_is_answered(world: &World) {
    world.cambium(&["can-i-deploy", "t/bert@1.0.0", "t/sections@1.0.0"]).with(0);
    let lonely = world.cambium(&["can-i-deploy", "t/sections@1.0.0"]).with(1);
    assert!(lonely.out.contains("requirement_absent"), "{lonely:?}");
    world.cambium(&["can-i-deploy", "t/bert@9.9.9"]).with(3);
    world.cambium(&["can-i-deploy"]).with(3);

    // A new backbone release: until the engine has run what hangs on it, nothing is known.
    fs::write(world.path("hold"), "").unwrap();
    let bert = folder(world, "bert", "tiny/bert/model", &backbone("1.1.0"));
    // Releases that compute from the same bytes share what is proven; these are other bytes.
    let config = format!("{bert}/config.json");
    fs::write(&config, fs::read_to_string(&config).unwrap() + "\n").unwrap();
    world.cambium(&["publish", &bert]).with(0);
    let open = world.cambium(&["can-i-deploy", "t/bert@1.1.0", "t/sections@1.0.0"]).with(2);
    assert!(open.out.starts_with("Not known yet"), "{open:?}");
    fs::remove_file(world.path("hold")).unwrap();
    let began = std::time::Instant::now();
    while world.cambium(&["can-i-deploy", "t/bert@1.1.0", "t/sections@1.0.0"]).code != 0 {
        assert!(began.elapsed().as_secs() < 60, "the pair was never proven");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let matrix = world.cambium(&["matrix", "t/bert", "--json"]).with(0).json();
    assert_eq!(matrix.as_array().map(Vec::len), Some(4), "{matrix}");
}

fn a_bad_release_is_rolled_back(world: &World) {
    let point = |version: &str| {
        let release = format!("t/sections@{version}");
        world.cambium(&["channel", "point", &release, "stable", "--reason", "evaluated"]).with(0);
    };
    let stable = || world.cambium(&["show", "t/sections@stable", "--json"]).with(0).json()["version"].clone();
    point("1.0.0");
    point("1.1.0");
    let channel = "t/sections@stable";
    let plan =
        world.cambium(&["channel", "rollback", channel, "--reason", "looks wrong", "--dry-run"]).with(0);
    assert!(plan.out.contains("1.1.0 → 1.0.0") && plan.out.contains("nothing was changed"), "{plan:?}");
    assert_eq!(stable(), "1.1.0");
    world.cambium(&["channel", "rollback", channel, "--reason", "looks wrong"]).with(0);
    assert_eq!(stable(), "1.0.0");

    point("1.1.0");
    world.cambium(&["quarantine", "t/sections@1.1.0", "--reason", "answers only games"]).with(0);
    assert_eq!(stable(), "1.0.0", "a quarantined release leaves its channels");
    let target = world.path("bytes").display().to_string();
    let refused = world.cambium(&["download", "t/sections@1.1.0", &target]).with(1);
    assert!(refused.err.contains("release_quarantined"), "{refused:?}");
    let no = world.cambium(&["can-i-deploy", "t/bert@1.0.0", "t/sections@1.1.0"]).with(1);
    assert!(no.out.contains("answers only games"), "{no:?}");

    let moves = world.cambium(&["channel", "history", channel, "--json"]).with(0).json();
    let moves: Vec<_> = moves.as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
    assert_eq!(moves, ["quarantine", "point", "roll_back", "point", "point"]);
}

fn bytes_come_back_as_they_were(world: &World) {
    let weights = "adapter_model.safetensors";
    let original = fs::read(fixture("tiny/bert/adapters/lora").join(weights)).unwrap();
    let digest = cambium::domain::digest::Digest::of(&original).to_string().replace(':', "-");
    let target = world.path("downloaded");
    let parts = target.join(".cambium-download");
    fs::create_dir_all(&parts).unwrap();
    let folder = target.display().to_string();
    let download = || world.cambium(&["download", "t/sections@stable", &folder]);

    fs::write(parts.join(&digest), "damaged").unwrap();
    let damaged = download().with(2);
    assert!(damaged.err.contains("have the digest"), "{damaged:?}");
    fs::write(parts.join(&digest), &original[..1000]).unwrap();
    download().with(0);
    assert!(fs::read(target.join(weights)).unwrap() == original, "the bytes are others");
    assert!(!parts.exists());

    fs::write(target.join(weights), "mine").unwrap();
    let mine = download().with(2);
    assert!(mine.err.contains("--force") && fs::read(target.join(weights)).unwrap() == b"mine", "{mine:?}");
    let away = world.path("away");
    std::os::unix::fs::symlink("/tmp", &away).unwrap();
    fs::remove_file(target.join(weights)).unwrap();
    std::os::unix::fs::symlink(away.join("stolen"), target.join(weights)).unwrap();
    download().with(2);
}

fn everything_is_looked_at(world: &World) {
    let tree = world.cambium(&["lineage", "t/bert@1.0.0"]).with(0);
    assert!(tree.out.contains("attaches to t/sections@1.1.0 adapter quarantined"), "{tree:?}");
    for (arguments, word) in [
        (&["modules", "sec"][..], "t/sections"),
        (&["releases", "t/bert"], "1.1.0"),
        (&["show", "t/sections@1.0.0"], "adapter_model.safetensors"),
        (&["pair", "t/sections@1.0.0", "t/bert@1.0.0"], "behavioural: compatible"),
        (&["audit", "--namespace", "t"], "release.quarantine"),
        (&["namespace", "list"], "public"),
        (&["role", "list", "t"], "admin"),
        (&["token", "list"], "never ends"),
        (&["actor", "list"], "person"),
        (&["channel", "list", "t/sections"], "stable"),
    ] {
        let told = world.cambium(arguments).with(0);
        assert!(told.out.contains(word), "{arguments:?}: {told:?}");
    }
    let colours = world.cambium(&["matrix", "t/bert"]).with(0);
    assert!(!colours.out.contains('\u{1b}'), "colours go to terminals alone: {colours:?}");
}
