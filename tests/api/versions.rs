//! Versions that are too small for what changed.

use serde_json::json;

use crate::support::client::{errors, id};
use crate::support::content::{backbone_of_width, read, with_floats};
use crate::support::{Content, Engine, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_too_small_is_refused_with_every_reason_and_the_smallest_that_would_do() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.admin.published(&backbone_of_width(32, "acme/tiny", "1.0.0")).await;
    let runs = engine.starts().len();
    let refused = world.admin.publish(&backbone_of_width(64, "acme/tiny", "1.0.1")).await;
    let found = errors(&refused);
    for rule in ["output_size_changed", "attach_point_shape_changed"] {
        assert!(found.iter().any(|one| one == rule), "{found:?}");
    }
    let finding =
        refused["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "output_size_changed");
    let remedy = finding.unwrap()["remedy"].as_str().unwrap();
    assert!(remedy.ends_with("or publish it as 2.0.0 or later."), "{remedy}");
    assert_eq!(engine.starts().len(), runs, "what is refused by its version is not run");
    // The version is free again, and the smallest that was named is enough.
    world.admin.published(&backbone_of_width(64, "acme/tiny", "2.0.0")).await;
    let told = world.admin.get("/modules/acme/tiny/compare?from=1.0.0&to=2.0.0").await.ok();
    assert_eq!(
        (&told["contract"]["demanded"], &told["contract"]["given"]),
        (&json!("major"), &json!("major"))
    );
    let same = world.admin.get("/modules/acme/tiny/compare?from=2.0.0&to=2.0.0").await.ok();
    assert_eq!(same["contract"], json!({"demands": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_held_against_the_latest_that_may_be_used_before_it() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.admin.published(&backbone_of_width(32, "acme/tiny", "1.0.0")).await;
    world.admin.published(&backbone_of_width(64, "acme/tiny", "2.0.0")).await;
    // An older line goes on beside the newer one.
    world.admin.published(&backbone_of_width(32, "acme/tiny", "1.0.1")).await;
    let next = backbone_of_width(32, "acme/tiny", "2.0.1");
    assert!(world.admin.refused(&next).await.contains(&"attach_point_shape_changed".to_owned()));
    // Nobody was promised what was yanked.
    world.admin.post("/modules/acme/tiny/releases/2.0.0/yank", json!({"reason": "mistake"})).await.ok();
    world.admin.published(&next).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_are_verified_at_once_the_second_is_held_against_the_first() {
    let (world, engine) = (World::new().await, Engine::agreeing_when_told());
    let _worker = world.worker(&engine);
    engine.tell(1);
    world.admin.published(&backbone_of_width(32, "acme/tiny", "1.0.0")).await;
    let first = world.admin.submit(&backbone_of_width(64, "acme/tiny", "2.0.0")).await;
    engine.started(2).await;
    // When it is looked at, there is only 1.0.0 before it.
    let second = world.admin.submit(&backbone_of_width(32, "acme/tiny", "2.0.1")).await;
    engine.started(3).await;
    engine.tell(2);
    assert_eq!(world.admin.verdict(id(&first)).await["state"], "published");
    engine.tell(3);
    let second = world.admin.verdict(id(&second)).await;
    assert_eq!(second["state"], "rejected");
    assert!(errors(&second).contains(&"attach_point_shape_changed".to_owned()), "{second:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backbone_that_moved_further_than_its_version_says_is_refused_though_every_shape_is_kept() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    let tuned = |version: &str, change: fn(f32) -> f32| {
        let weights = with_floats(&read("tiny/bert/model/model.safetensors"), change);
        Content::backbone("acme/tiny", version).with_file("model.safetensors", weights)
    };
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let near = world.admin.published(&tuned("1.0.1", |x| x * 1.0005)).await;
    let run = world.admin.get("/modules/acme/tiny/releases/1.0.1/smoke-run").await.ok();
    let drift = &run["report"]["checks"]["drift"];
    assert!(drift["correlation"].as_f64().unwrap() > 0.99, "{drift}");
    assert_eq!(errors(&near), Vec::<String>::new());
    let other = |version| tuned(version, |x| if x.to_bits() % 2 == 0 { -x } else { x });
    let refused = world.admin.publish(&other("1.1.0")).await;
    assert_eq!(errors(&refused), ["outputs_replaced"], "{refused:#}");
    assert!(refused["findings"][0]["remedy"].as_str().unwrap().contains("2.0.0"), "{refused:#}");
    world.admin.published(&other("2.0.0")).await;
}
