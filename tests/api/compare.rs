//! Two releases of a module side by side.

use serde_json::{Value, json};

use crate::support::content::{backbone_of_width, read, with_floats};
use crate::support::{Client, Content, Engine, World};

async fn compare(client: &Client, module: &str, from: &str, to: &str) -> Value {
    client.get(&format!("/modules/{module}/compare?from={from}&to={to}")).await.ok()
}

/// `name change` of each.
fn changes(list: &Value, name: &str) -> Vec<String> {
    let one = |item: &Value| format!("{} {}", item[name].as_str().unwrap(), item["change"].as_str().unwrap());
    list.as_array().unwrap().iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_releases_are_held_against_each_other_in_all_that_they_are() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    let first = Content::backbone("acme/tiny", "1.0.0")
        .with_file("notes.txt", "old")
        .with("provenance", json!({"datasets": ["set-a", "set-b"], "base_model": "tiny/bert"}));
    world.admin.published(&first).await;
    let weights = with_floats(&read("tiny/bert/model/model.safetensors"), |x| x * 1.001);
    let mut second = Content::backbone("acme/tiny", "1.1.0")
        .with_file("model.safetensors", weights)
        .with_file("more.txt", "new")
        .with("provenance", json!({"datasets": ["set-b", "set-c"], "base_model": "tiny/bert"}));
    second.manifest["module"]["license"] = json!("no license of the list");
    world.admin.published(&second).await;
    let point = json!({"version": "1.1.0", "reason": "newest"});
    world.admin.put("/modules/acme/tiny/channels/stable", point).await.ok();

    let told = compare(&world.anonymous(), "acme/tiny", "1.0.0", "stable").await;
    assert_eq!((&told["from"]["version"], &told["to"]["version"]), (&json!("1.0.0"), &json!("1.1.0")));
    assert_eq!(
        changes(&told["manifest"], "path"),
        ["/module/license added", "/provenance/datasets/0 removed", "/provenance/datasets/1 added"]
    );
    assert_eq!(
        changes(&told["files"], "path"),
        ["config.json same", "model.safetensors changed", "more.txt added", "notes.txt removed"]
    );
    assert_eq!(told["files"][2]["after"]["size"], 3);
    let ports = told["interface"]["ports"].as_array().unwrap();
    assert!(!ports.is_empty() && ports.iter().all(|port| port["change"] == "same"), "{ports:?}");
    assert!(told["interface"]["attach_points_same"].as_u64().unwrap() > 10);
    assert_eq!(told["interface"]["attach_points"], json!([]));
    let introduced = told["findings"]["introduced"].as_array().unwrap();
    assert_eq!((introduced.len(), &introduced[0]["rule"]), (1, &json!("license_unknown")));
    let loads =
        told["runs"]["checks"].as_array().unwrap().iter().find(|check| check["name"] == "loads").unwrap();
    assert_eq!((&loads["before"]["status"], &loads["after"]["status"]), (&json!("passed"), &json!("passed")));
    assert!(told["runs"]["before"]["peak_memory_bytes"].as_u64().unwrap() > 0);

    let back = compare(&world.admin, "acme/tiny", "stable", "1.0.0").await;
    assert_eq!(back["findings"]["resolved"], told["findings"]["introduced"]);
    let same = compare(&world.admin, "acme/tiny", "1.0.0", "1.0.0").await;
    assert_eq!((&same["manifest"], &same["findings"]["introduced"]), (&json!([]), &json!([])));
    assert!(changes(&same["files"], "path").iter().all(|file| file.ends_with(" same")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_that_grew_names_what_attaches_no_more() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.admin.published(&backbone_of_width(32, "acme/tiny", "1.0.0")).await;
    world.admin.published(&backbone_of_width(64, "acme/tiny", "2.0.0")).await;
    let told = compare(&world.admin, "acme/tiny", "1.0.0", "2.0.0").await;
    let points = told["interface"]["attach_points"].as_array().unwrap();
    assert!(!points.is_empty() && points.iter().all(|point| point["change"] == "changed"), "{points:?}");
    assert_ne!(points[0]["before"]["shape"], points[0]["after"]["shape"]);
    assert!(told["interface"]["ports"].as_array().unwrap().iter().any(|port| port["change"] == "changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_shows_nobody_what_they_may_not_read() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.namespace("hidden", "private").await;
    world.admin.published(&Content::backbone("hidden/base", "1.0.0")).await;
    for version in ["1.0.0", "1.1.0"] {
        world.admin.published(&Content::adapter("acme/lora", version, "hidden/base", "^1")).await;
    }
    let anybody = compare(&world.anonymous(), "acme/lora", "1.0.0", "1.1.0").await;
    assert_eq!((anybody["runs"].get("before"), anybody["from"].get("verdict")), (None, None));
    let reader = world.person("reader", Some(("hidden", "reader"))).await;
    let whole = compare(&reader, "acme/lora", "1.0.0", "1.1.0").await;
    assert!(whole["runs"]["before"].is_object() && whole["to"]["verdict"] == "compatible", "{whole:#}");
    // The run alone is not for them either, and names nothing.
    let refused = world.anonymous().get("/modules/acme/lora/releases/1.0.0/smoke-run").await;
    assert!(!refused.refused(403, "forbidden")["detail"].as_str().unwrap().contains("hidden"));
    world.anonymous().get("/modules/hidden/base/compare?from=1.0.0&to=1.0.0").await.refused(404, "not_found");
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_needs_two_releases_of_the_module() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.draft(&Content::backbone("acme/tiny", "2.0.0")).await;
    for (query, status, code) in [
        ("from=1.0.0", 400, "bad_request"),
        ("to=1.0.0", 400, "bad_request"),
        ("from=1.0.0&to=1.0", 400, "invalid_version"),
        ("from=1.0.0&to=9.0.0", 404, "not_found"),
        ("from=stable&to=1.0.0", 404, "not_found"),
        ("from=1.0.0&to=2.0.0", 404, "not_found"),
        ("from=&to=1.0.0", 404, "not_found"),
    ] {
        world.admin.get(&format!("/modules/acme/tiny/compare?{query}")).await.refused(status, code);
    }
}
