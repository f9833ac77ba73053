//! A registry of a thousand modules, made by SQL: it keeps what real ones keep, and all of it can be read.

use cambium::domain::version::Version;
use serde_json::{Value, json};
use sqlx::Row;

use crate::support::{Client, World};

const REGISTRY: &str = include_str!("../fixtures/large_registry.sql");

async fn large() -> World {
    let world = World::new().await;
    world.sql(REGISTRY).await.unwrap();
    world
}

/// Every item of a list, page by page.
async fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}?limit=200{after}")).await.ok();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return items };
        after = format!("&after={next}");
    }
}

fn total(facet: &Value) -> i64 {
    facet.as_array().unwrap().iter().map(|one| one["count"].as_i64().unwrap()).sum()
}

async fn is_listed_and_counted(world: &World) {
    for (client, modules, namespaces) in [(&world.admin, 1000, 12), (&world.anonymous(), 980, 11)] {
        let listed = all(client, "/modules").await;
        assert_eq!(listed.len(), modules);
        let facets = client.get("/module-facets").await.ok();
        assert_eq!(facets["total"], modules);
        for facet in ["kinds", "namespaces", "states"] {
            assert_eq!(total(&facets[facet]), facets["total"].as_i64().unwrap(), "{facet}");
        }
        assert_eq!(facets["kinds"].as_array().unwrap().len(), 6);
        assert_eq!(facets["states"].as_array().unwrap().len(), 5);
        assert_eq!(facets["namespaces"].as_array().unwrap().len(), namespaces);
        for state in facets["states"].as_array().unwrap() {
            let path = format!("/module-facets?state={}", state["value"].as_str().unwrap());
            assert_eq!(client.get(&path).await.ok()["total"], state["count"]);
        }
        for verdict in ["compatible", "unknown", "incompatible"] {
            assert!(listed.iter().any(|one| one["verdict"] == verdict), "{verdict}");
        }
    }
}

async fn has_a_grid_of_forty_thousand_pairs(world: &World) {
    for (client, rows) in [(&world.admin, 210), (&world.anonymous(), 200)] {
        let grid = client.get("/modules/big/backbone/matrix/grid").await.ok();
        assert_eq!((grid["columns"].as_array().unwrap().len(), grid.get("next")), (200, None));
        assert_eq!(
            (&grid["columns"][9]["version"], &grid["columns"][10]["version"]),
            (&json!("1.9.0"), &json!("1.10.0"))
        );
        let lines: Vec<&str> =
            grid["rows"].as_array().unwrap().iter().map(|row| row["cells"].as_str().unwrap()).collect();
        assert_eq!(lines.len(), rows);
        assert!(lines.iter().all(|line| line.len() == 200 && !line.contains('.')));
        let cells: String = lines.concat();
        assert!("ciu".chars().all(|letter| cells.contains(letter)));
        let unknown = client.get("/modules/big/backbone/matrix/grid?verdict=unknown").await.ok();
        let with_unknown = lines.iter().filter(|line| line.contains('u')).count();
        assert_eq!(unknown["rows"].as_array().unwrap().len(), with_unknown);
    }
    let wrong = "SELECT count(*) FROM pairs WHERE verdict <> CASE
        WHEN 'incompatible' IN (declared, structural, behavioural) THEN 'incompatible'
        WHEN 'unknown' IN (declared, structural, behavioural) THEN 'unknown' ELSE 'compatible' END";
    assert_eq!(world.count(wrong).await, 0);
}

async fn has_a_data_set_with_a_thousand_nodes_around_it(world: &World) {
    for (client, down) in [(&world.admin, 1009), (&world.anonymous(), 999)] {
        let graph = client.get("/lineage?node=dataset:big-corpus&depth=1").await.ok();
        let nodes = graph["nodes"].as_array().unwrap();
        assert_eq!((nodes.len(), &graph["truncated"]), (1000, &json!(true)));
        let root = nodes.iter().find(|node| node["key"] == graph["root"]).unwrap();
        assert_eq!((&root["up"], &root["down"]), (&json!(0), &json!(down)));
    }
}

/// Every version's key is the one that the code computes.
async fn sorts_its_versions_as_the_code_does(world: &World) {
    let rows =
        sqlx::query("SELECT version, version_key FROM releases").fetch_all(&world.app.pool).await.unwrap();
    assert!(rows.len() > 3500);
    for row in rows {
        let version: Version = row.get::<&str, _>(0).parse().unwrap();
        assert_eq!(row.get::<&[u8], _>(1), version.sort_key(), "{version}");
    }
}

/// Whatever can be read of a module can be read of each.
async fn can_be_read_whole(world: &World) {
    let modules = all(&world.admin, "/modules").await;
    for module in modules.iter().step_by(90).chain(modules.iter().filter(|one| one["name"] == "big/backbone"))
    {
        let place = format!("/modules/{}", module["name"].as_str().unwrap());
        for list in ["releases", "dependents", "moves"] {
            all(&world.admin, &format!("{place}/{list}")).await;
        }
        for page in ["cadence", "channels", "matrix", "matrix/grid"] {
            world.admin.get(&format!("{place}/{page}")).await.ok();
        }
        let Some(version) = module["latest_version"].as_str() else { continue };
        for part in ["", "/interface", "/files", "/lineage", "/smoke-run"] {
            world.admin.get(&format!("{place}/releases/{version}{part}")).await.ok();
        }
    }
    let told = world.admin.get("/modules/big/backbone/compare?from=1.0.0&to=nightly").await.ok();
    assert_eq!(told["to"]["version"], "4.48.0");
    assert!(all(&world.admin, "/modules/big/backbone/moves").await.len() > 350);
    assert_eq!(all(&world.admin, "/modules/big/backbone/dependents").await.len(), 42);
    assert_eq!(all(&world.admin, "/drafts").await.len(), 0);
    assert!(!all(&world.admin, "/audit").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_of_a_thousand_modules_keeps_what_real_ones_keep_and_can_be_read_whole() {
    let world = large().await;
    sorts_its_versions_as_the_code_does(&world).await;
    is_listed_and_counted(&world).await;
    has_a_grid_of_forty_thousand_pairs(&world).await;
    has_a_data_set_with_a_thousand_nodes_around_it(&world).await;
    can_be_read_whole(&world).await;
}
