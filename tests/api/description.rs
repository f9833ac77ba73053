//! What the server says of itself.

use cambium::error::Code;
use serde_json::Value;

use crate::support::World;

async fn text(world: &World, path: &str) -> (u16, String) {
    let answer = world.admin.http.get(format!("{}{path}", world.admin.base)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_that_is_served_is_the_one_that_is_committed() {
    let world = World::new().await;
    let served = world.anonymous().get("/openapi.json").await.ok();
    let committed: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    assert!(served == committed, "run `make generate`");
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in served["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(!summary.is_empty() && operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_and_the_page_of_problems_are_served() {
    let world = World::new().await;
    let (status, page) = text(&world, "/docs").await;
    assert!(status == 200 && page.contains("swagger"), "{page}");
    let (_, setup) = text(&world, "/docs/swagger-initializer.js").await;
    assert!(setup.contains("/api/v1/openapi.json"), "{setup}");
    let (_, problems) = text(&world, "/docs/problems").await;
    for code in Code::ALL {
        assert!(problems.contains(&format!("id=\"{}\"", code.as_str())), "{code:?}");
    }
    let (_, page) = text(&world, "/docs/rules").await;
    let rules = world.anonymous().get("/rules").await.ok();
    assert!(rules.as_array().unwrap().len() > 50);
    for rule in rules.as_array().unwrap() {
        assert!(page.contains(&format!("id=\"{}\"", rule["id"].as_str().unwrap())), "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_figures_are_served() {
    let world = World::new().await;
    assert_eq!(text(&world, "/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(text(&world, "/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(text(&world, "/metrics").await.0, 200);
}
