//! Where releases come from.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Client, Content, Engine, World};

async fn graph(client: &Client, release: &str, query: &str) -> (BTreeSet<String>, Value) {
    let graph = client.get(&format!("/modules/{release}/lineage?{query}")).await.ok();
    let name =
        |node: &Value| node.get("reference").or(node.get("name")).unwrap().as_str().unwrap().to_owned();
    (graph["nodes"].as_array().unwrap().iter().map(name).collect(), graph)
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// model ← a ← b ← c, each also trained on a data set of its own.
async fn chain(world: &World) {
    let from = |parents: Value, set: &str| json!({"parents": parents, "datasets": [set]});
    let mut first = from(json!([]), "set-a");
    first["base_model"] = json!("tiny/bert");
    world.admin.published(&Content::backbone("acme/a", "1.0.0").with("provenance", first)).await;
    for (name, parent) in [("b", "acme/a@1.0.0"), ("c", "acme/b@1.0.0")] {
        let provenance = from(json!([parent]), &format!("set-{name}"));
        let content = Content::backbone(&format!("acme/{name}"), "1.0.0").with("provenance", provenance);
        world.admin.published(&content).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graph_goes_as_far_and_in_the_direction_that_is_asked_for() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    chain(&world).await;
    let anybody = world.anonymous();
    let (nodes, whole) = graph(&anybody, "acme/c/releases/1.0.0", "direction=up&depth=0").await;
    assert_eq!((nodes, &whole["truncated"]), (set(&["acme/c@1.0.0"]), &json!(true)));
    let (nodes, _) = graph(&anybody, "acme/c/releases/1.0.0", "direction=up&depth=1").await;
    assert_eq!(nodes, set(&["acme/c@1.0.0", "acme/b@1.0.0", "set-c"]));
    let (nodes, whole) = graph(&anybody, "acme/c/releases/1.0.0", "direction=up&depth=10").await;
    let all = ["acme/a@1.0.0", "acme/b@1.0.0", "acme/c@1.0.0", "set-a", "set-b", "set-c", "tiny/bert"];
    assert_eq!((nodes, &whole["truncated"]), (set(&all), &json!(false)));
    let (nodes, _) = graph(&anybody, "acme/a/releases/1.0.0", "direction=down&depth=10").await;
    assert_eq!(nodes, set(&["acme/a@1.0.0", "acme/b@1.0.0", "acme/c@1.0.0"]));
    let (nodes, whole) = graph(&anybody, "acme/b/releases/1.0.0", "depth=1").await;
    assert_eq!(nodes, set(&["acme/a@1.0.0", "acme/b@1.0.0", "acme/c@1.0.0", "set-b"]));
    assert_eq!(whole["edges"].as_array().unwrap().len(), 3);
    for query in ["depth=11", "depth=-1", "depth=x", "direction=sideways"] {
        let path = format!("/modules/acme/a/releases/1.0.0/lineage?{query}");
        anybody.get(&path).await.refused(400, "bad_request");
    }
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_of_parents_ends() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    chain(&world).await;
    world
        .sql(
            "INSERT INTO lineage_edges (from_node, relation, to_node, release_id)
             SELECT 'release:' || a.id, 'parent', 'release:' || c.id, a.id
             FROM releases a JOIN modules ma ON ma.id = a.module_id, releases c JOIN modules mc ON mc.id = c.module_id
             WHERE ma.name = 'acme/a' AND mc.name = 'acme/c'",
        )
        .await
        .unwrap();
    let begun = std::time::Instant::now();
    for direction in ["up", "down", "both"] {
        let query = format!("direction={direction}&depth=10");
        let (nodes, _) = graph(&world.admin, "acme/b/releases/1.0.0", &query).await;
        assert!(nodes.is_superset(&set(&["acme/a@1.0.0", "acme/b@1.0.0", "acme/c@1.0.0"])), "{nodes:?}");
    }
    assert!(begun.elapsed().as_secs() < 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_is_in_nobody_elses_graph_nor_what_hangs_on_it() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.namespace("hidden", "private").await;
    let secret = Content::backbone("hidden/secret", "1.0.0")
        .with("provenance", json!({"datasets": ["secret-set"], "base_model": "secret-model"}));
    world.admin.published(&secret).await;
    let open = Content::backbone("acme/open", "1.0.0")
        .with("provenance", json!({"parents": ["hidden/secret@1.0.0"], "datasets": ["open-set"]}));
    world.admin.published(&open).await;
    let (nodes, _) = graph(&world.admin, "acme/open/releases/1.0.0", "depth=3").await;
    assert_eq!(
        nodes,
        set(&["acme/open@1.0.0", "hidden/secret@1.0.0", "open-set", "secret-model", "secret-set"])
    );
    let (nodes, whole) = graph(&world.anonymous(), "acme/open/releases/1.0.0", "depth=3").await;
    assert_eq!(nodes, set(&["acme/open@1.0.0", "open-set"]));
    assert_eq!(whole["edges"].as_array().unwrap().len(), 1);
    world.idle().await;
}
