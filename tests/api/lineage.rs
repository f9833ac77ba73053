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

/// `up/down` of each node by name.
fn degrees(graph: &Value) -> BTreeSet<String> {
    let name =
        |node: &Value| node.get("reference").or(node.get("name")).unwrap().as_str().unwrap().to_owned();
    let nodes = graph["nodes"].as_array().unwrap().iter();
    nodes.map(|node| format!("{} {}/{}", name(node), node["up"], node["down"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_node_can_be_the_root_and_every_node_tells_how_much_hangs_on_it() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    chain(&world).await;
    let anybody = world.anonymous();
    let around = async |node: &str, rest: &str| anybody.get(&format!("/lineage?node={node}{rest}")).await;
    let set_a = around("dataset:set-a", "").await.ok();
    assert_eq!(set_a["root"], "dataset:set-a");
    assert_eq!(degrees(&set_a), set(&["acme/a@1.0.0 2/1", "acme/b@1.0.0 2/1", "set-a 0/1"]));
    assert_eq!(set_a["truncated"], true);
    let whole = around("dataset:set-a", "&depth=3").await.ok();
    assert_eq!((whole["nodes"].as_array().unwrap().len(), &whole["truncated"]), (4, &json!(false)));
    let model = around("model:tiny/bert", "&depth=1&direction=down").await.ok();
    assert_eq!(degrees(&model), set(&["acme/a@1.0.0 2/1", "tiny/bert 0/1"]));
    assert_eq!(model["edges"][0]["relation"], "derived_from");
    // The same around a release by its key as by its name.
    let by_name = anybody.get("/modules/acme/b/releases/1.0.0/lineage?depth=1").await.ok();
    let key = by_name["root"].as_str().unwrap();
    assert_eq!(around(key, "&depth=1").await.ok(), by_name);

    let draft = world.admin.draft(&Content::backbone("acme/a", "2.0.0")).await;
    let draft = format!("release:{}", draft["id"].as_str().unwrap());
    let nobody = "release:01890000-0000-7000-8000-000000000000";
    let upper = key.to_uppercase().replace("RELEASE", "release");
    for node in ["", "set-a", "dataset:set-x", "model:set-a", "release:x", nobody, &draft, &upper, "dataset:"]
    {
        let answer = around(node, "").await;
        assert!(!answer.refused(404, "not_found")["remedy"].as_str().unwrap().is_empty());
    }
    for query in ["", "?depth=1", "?node=dataset:set-a&depth=11", "?node=dataset:set-a&direction=sideways"] {
        anybody.get(&format!("/lineage{query}")).await.refused(400, "bad_request");
    }
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_is_no_root_and_counts_for_nobody_else() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.namespace("hidden", "private").await;
    let from = |sets: &[&str]| json!({"datasets": sets, "base_model": "tiny/bert"});
    let open = Content::backbone("acme/open", "1.0.0").with("provenance", from(&["shared-set"]));
    world.admin.published(&open).await;
    let secret = Content::backbone("hidden/secret", "1.0.0").with(
        "provenance",
        json!({"datasets": ["shared-set", "secret-set"], "parents": ["acme/open@1.0.0"], "base_model": "tiny/bert"}),
    );
    world.admin.published(&secret).await;
    let child = Content::backbone("acme/child", "1.0.0")
        .with("provenance", json!({"parents": ["hidden/secret@1.0.0"], "datasets": ["shared-set"]}));
    world.admin.published(&child).await;
    let reader = world.person("reader", Some(("hidden", "reader"))).await;
    let around =
        async |client: &Client, node: &str| client.get(&format!("/lineage?node={node}&depth=1")).await;
    let public = set(&["acme/child@1.0.0 1/0", "acme/open@1.0.0 2/0", "shared-set 0/2"]);
    assert_eq!(degrees(&around(&world.anonymous(), "dataset:shared-set").await.ok()), public);
    let whole = around(&reader, "dataset:shared-set").await.ok();
    let seen = ["acme/child@1.0.0 2/0", "acme/open@1.0.0 2/1", "hidden/secret@1.0.0 4/1", "shared-set 0/3"];
    assert_eq!(degrees(&whole), set(&seen));
    let nodes = whole["nodes"].as_array().unwrap();
    let key = nodes.iter().find(|node| node["reference"] == "hidden/secret@1.0.0").unwrap()["key"]
        .as_str()
        .unwrap();
    for node in [key, "dataset:secret-set"] {
        around(&world.anonymous(), node).await.refused(404, "not_found");
        around(&reader, node).await.ok();
    }
    world.idle().await;
}
