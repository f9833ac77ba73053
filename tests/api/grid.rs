//! The matrix as a grid.

use serde_json::{Value, json};

use crate::support::{Client, Content, Engine, World};

const GRID: &str = "/modules/acme/tiny/matrix/grid";

async fn grid(client: &Client, query: &str) -> Value {
    client.get(&format!("{GRID}?{query}")).await.ok()
}

/// The rows as `module@version cells`.
fn rows(grid: &Value) -> Vec<String> {
    let row = |row: &Value| {
        let text = |member: &str| row[member].as_str().unwrap().to_owned();
        format!("{}@{} {}", text("module"), text("version"), text("cells"))
    };
    grid["rows"].as_array().unwrap().iter().map(row).collect()
}

async fn yank(world: &World, release: &str) {
    world.admin.post(&format!("/modules/{release}/yank"), json!({"reason": "to yank"})).await.ok();
}

/// Three releases of `acme/tiny`, of which the first was yanked before anything attached to it, and
/// adapters of two modules; the last one is of a private module.
async fn registry(world: &World) {
    world.namespace("hidden", "private").await;
    world.admin.published(&Content::backbone("acme/tiny", "1.9.0")).await;
    yank(world, "acme/tiny/releases/1.9.0").await;
    world.admin.published(&Content::backbone("acme/tiny", "1.10.0")).await;
    for (name, version, range) in [
        ("acme/lora", "1.9.0", "^1"),
        ("acme/lora", "1.10.0", ">=1"),
        ("acme/Abstracts", "1.0.0", "ACME/tiny ^1"),
        ("hidden/lora", "1.0.0", "^1"),
    ] {
        let (base, range) = range.split_once(' ').unwrap_or(("acme/tiny", range));
        world.admin.published(&Content::adapter(name, version, base, range)).await;
    }
    world.admin.published(&Content::backbone("acme/tiny", "2.0.0")).await;
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_has_a_column_for_each_release_and_a_row_for_each_that_attaches() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    let all = grid(&world.admin, "").await;
    assert_eq!(
        all["columns"],
        json!([
            {"version": "1.9.0", "state": "yanked"},
            {"version": "1.10.0", "state": "published"},
            {"version": "2.0.0", "state": "published"},
        ])
    );
    assert_eq!(
        rows(&all),
        ["acme/Abstracts@1.0.0 .ci", "acme/lora@1.9.0 .ci", "acme/lora@1.10.0 .cc", "hidden/lora@1.0.0 .ci"]
    );
    assert_eq!((&all["rows"][0]["kind"], &all["rows"][0]["state"]), (&json!("adapter"), &json!("published")));
    assert_eq!(all.get("next"), None);
    // A module that nothing attaches to, and one without releases.
    let alone = world.admin.get("/modules/acme/lora/matrix/grid").await.ok();
    assert_eq!((alone["columns"].as_array().unwrap().len(), rows(&alone).len()), (2, 0));
    world.admin.post("/modules", json!({"name": "acme/empty", "kind": "head"})).await.ok();
    let empty = world.admin.get("/modules/acme/empty/matrix/grid").await.ok();
    assert_eq!(empty, json!({"columns": [], "rows": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_is_narrowed_by_name_and_verdict_and_read_page_by_page() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    for (query, expected) in [
        ("query=ABSTR", &["acme/Abstracts@1.0.0 .ci"][..]),
        ("query=lora&verdict=incompatible", &["acme/lora@1.9.0 .ci", "hidden/lora@1.0.0 .ci"]),
        ("query=acme&verdict=compatible&limit=1", &["acme/Abstracts@1.0.0 .ci"]),
        ("verdict=unknown", &[]),
        ("query=nothing", &[]),
    ] {
        assert_eq!(rows(&grid(&world.admin, query).await), expected, "{query}");
    }
    let (mut walked, mut after) = (Vec::new(), String::new());
    loop {
        let page = grid(&world.admin, &format!("limit=1{after}")).await;
        assert_eq!(page["columns"].as_array().unwrap().len(), 3);
        walked.extend(rows(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(walked, rows(&grid(&world.admin, "").await));
    for query in ["limit=0", "limit=1001", "limit=x", "after=x", "after=MQ", "verdict=maybe", "verdict="] {
        world.admin.get(&format!("{GRID}?{query}")).await.refused(400, "bad_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_whose_run_has_not_ended_is_unknown_in_the_grid() {
    // Two backbones and the adapter; the pair of adapter and second backbone is the fourth run.
    let (world, engine) = (World::new().await, Engine::agreeing_then_hanging(3));
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/lora", "1.0.0", "acme/tiny", "*")).await;
    let other = crate::support::content::backbone_of_width(32, "acme/tiny", "1.1.0");
    world.admin.published(&other).await;
    engine.started(4).await;
    assert_eq!(rows(&grid(&world.admin, "verdict=unknown").await), ["acme/lora@1.0.0 cu"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_has_no_row_and_no_grid() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    let anybody = world.anonymous();
    assert_eq!(rows(&grid(&anybody, "query=lora").await), ["acme/lora@1.9.0 .ci", "acme/lora@1.10.0 .cc"]);
    assert_eq!(rows(&grid(&anybody, "query=hidden").await), [""; 0]);
    assert_eq!(grid(&anybody, "limit=3").await.get("next"), None);
    let reader = world.person("reader", Some(("hidden", "reader"))).await;
    assert_eq!(rows(&grid(&reader, "query=hidden").await), ["hidden/lora@1.0.0 .ci"]);
    anybody.get("/modules/hidden/lora/matrix/grid").await.refused(404, "not_found");
    anybody.get("/modules/acme/nothing/matrix/grid").await.refused(404, "not_found");
}
