//! What attaches to a module, what is known of its releases, and how often it is updated.

use serde_json::{Value, json};

use crate::support::{Client, Content, Engine, World};

async fn yank(world: &World, release: &str) {
    world.admin.post(&format!("/modules/{release}/yank"), json!({"reason": "to yank"})).await.ok();
}

/// Lines of `module@version range base verdict`.
async fn dependents(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("/modules/acme/tiny/dependents?{query}")).await.ok();
    let line = |one: &Value| {
        let text = |member: &str| one[member].as_str().unwrap_or("-").to_owned();
        let known = [text("range"), text("base_version"), text("verdict")].join(" ");
        format!("{}@{} {known}", text("module"), text("version"))
    };
    list["items"].as_array().unwrap().iter().map(line).collect()
}

async fn registry(world: &World) {
    world.namespace("hidden", "private").await;
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    for (name, version, range) in [
        ("acme/tickets", "1.0.0", "^1"),
        ("acme/tickets", "1.1.0", "^1.0"),
        ("acme/Mails", "1.0.0", ">=1"),
        ("acme/gone", "1.0.0", "^1"),
        ("hidden/lora", "1.0.0", "^1"),
    ] {
        world.admin.published(&Content::adapter(name, version, "ACME/tiny", range)).await;
    }
    yank(world, "acme/gone/releases/1.0.0").await;
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_names_what_attaches_to_it_with_the_verdict_on_the_newest_of_both() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    let before = [
        "acme/Mails@1.0.0 >=1 1.0.0 compatible",
        "acme/tickets@1.1.0 ^1.0 1.0.0 compatible",
        "hidden/lora@1.0.0 ^1 1.0.0 compatible",
    ];
    assert_eq!(dependents(&world.admin, "").await, before);
    world.admin.published(&Content::backbone("acme/tiny", "2.0.0")).await;
    world.idle().await;
    let after = [
        "acme/Mails@1.0.0 >=1 2.0.0 compatible",
        "acme/tickets@1.1.0 ^1.0 2.0.0 incompatible",
        "hidden/lora@1.0.0 ^1 2.0.0 incompatible",
    ];
    assert_eq!(dependents(&world.admin, "").await, after);
    // What may be used changes; so does what is shown.
    yank(&world, "acme/tickets/releases/1.1.0").await;
    yank(&world, "acme/tiny/releases/2.0.0").await;
    yank(&world, "acme/tiny/releases/1.0.0").await;
    assert_eq!(
        dependents(&world.admin, "limit=2").await,
        ["acme/Mails@1.0.0 >=1 - -", "acme/tickets@1.0.0 ^1 - -"]
    );
    let page = world.admin.get("/modules/acme/tiny/dependents?limit=2").await.ok();
    let rest = format!("limit=2&after={}", page["next"].as_str().unwrap());
    assert_eq!(dependents(&world.admin, &rest).await, ["hidden/lora@1.0.0 ^1 - -"]);
    assert_eq!(world.admin.get("/modules/acme/tickets/dependents").await.ok(), json!({"items": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn private_dependents_are_left_out_and_a_private_module_has_none_to_show() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    let anybody = world.anonymous();
    let seen = dependents(&anybody, "").await;
    assert_eq!((seen.len(), seen.iter().any(|line| line.contains("hidden"))), (2, false));
    assert_eq!(anybody.get("/modules/acme/tiny/dependents?limit=2").await.ok().get("next"), None);
    let reader = world.person("reader", Some(("hidden", "reader"))).await;
    assert_eq!(dependents(&reader, "").await.len(), 3);
    for path in ["dependents", "cadence", "moves"] {
        anybody.get(&format!("/modules/hidden/lora/{path}")).await.refused(404, "not_found");
        reader.get(&format!("/modules/hidden/lora/{path}")).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_releases_tells_which_work_with_what_they_attach_to() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    world.admin.published(&Content::backbone("hidden/base", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/secretive", "1.0.0", "hidden/base", "^1")).await;
    let verdicts = async |client: &Client, module: &str| -> Vec<Value> {
        let list = client.get(&format!("/modules/{module}/releases")).await.ok();
        list["items"].as_array().unwrap().iter().map(|one| one["verdict"].clone()).collect()
    };
    let (good, bad) = (json!("compatible"), json!("incompatible"));
    assert_eq!(verdicts(&world.admin, "acme/tickets").await, [good.clone(), good.clone()]);
    assert_eq!(verdicts(&world.admin, "acme/tiny").await, [Value::Null]);
    // On another backbone nothing admits them any more, once the first is gone.
    world.admin.published(&Content::backbone("acme/tiny", "2.0.0")).await;
    world.idle().await;
    assert_eq!(verdicts(&world.admin, "acme/tickets").await, [good.clone(), good.clone()]);
    yank(&world, "acme/tiny/releases/1.0.0").await;
    assert_eq!(verdicts(&world.admin, "acme/tickets").await, [bad.clone(), bad]);
    assert_eq!(verdicts(&world.admin, "acme/secretive").await, [good]);
    assert_eq!(verdicts(&world.anonymous(), "acme/secretive").await, [Value::Null]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cadence_counts_what_was_published_whatever_became_of_it() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        world.admin.published(&Content::backbone("acme/tiny", version)).await;
    }
    world.admin.draft(&Content::backbone("acme/tiny", "2.0.0")).await;
    yank(&world, "acme/tiny/releases/1.1.0").await;
    world
        .sql(
            "UPDATE releases SET published_at = now() - CASE version
                 WHEN '1.0.0' THEN interval '10 days' WHEN '1.1.0' THEN interval '6 days' ELSE interval '0' END
             WHERE state <> 'draft'",
        )
        .await
        .unwrap();
    let cadence = world.anonymous().get("/modules/acme/tiny/cadence").await.ok();
    assert_eq!((&cadence["releases"], &cadence["median_days"]), (&json!(3), &json!(5.0)));
    let months = cadence["months"].as_array().unwrap();
    let total: i64 = months.iter().map(|month| month["count"].as_i64().unwrap()).sum();
    assert_eq!((months.len(), total), (12, 3));
    world.admin.post("/modules", json!({"name": "acme/empty", "kind": "head"})).await.ok();
    let empty = world.admin.get("/modules/acme/empty/cadence").await.ok();
    assert_eq!(
        (&empty["releases"], &empty["first_at"], &empty["median_days"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    world.admin.get("/modules/acme/nothing/cadence").await.refused(404, "not_found");
}
