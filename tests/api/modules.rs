//! Lists of modules, their facets, and the summaries that both read.

use cambium::store::modules;
use futures_util::future::join;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::bad_input::told;
use crate::support::{Client, Content, Engine, World};

fn with_tasks(mut content: Content, tasks: &[&str]) -> Content {
    content.manifest["module"]["tasks"] = json!(tasks);
    content
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("/modules?{query}")).await.ok();
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

async fn summary(client: &Client, name: &str) -> Value {
    let list = client.get(&format!("/modules?query={name}")).await.ok();
    let one = list["items"].as_array().unwrap().iter().find(|item| item["name"] == name);
    one.unwrap_or_else(|| panic!("no {name} in {list}")).clone()
}

/// A facet as `value: count`, in the order that it came.
async fn facet(client: &Client, name: &str, query: &str) -> Vec<(String, i64)> {
    let facets = client.get(&format!("/module-facets?{query}")).await.ok();
    let pair = |one: &Value| (one["value"].as_str().unwrap().to_owned(), one["count"].as_i64().unwrap());
    facets[name].as_array().unwrap().iter().map(pair).collect()
}

fn counts(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    pairs.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
}

async fn standing(world: &World, release: &str, verb: &str) {
    let path = format!("/modules/{release}/{verb}");
    world.admin.post(&path, json!({"reason": format!("to {verb}")})).await.ok();
}

/// `acme/tiny` with two releases, an adapter of it, a module without releases, and a private adapter.
async fn registry(world: &World) {
    world.namespace("hidden", "private").await;
    let tiny = |version| {
        with_tasks(Content::backbone("acme/tiny", version), &["feature-extraction", "fill-mask"])
            .with("provenance", json!({"base_model": "tiny/bert"}))
    };
    world.admin.published(&tiny("1.0.0")).await;
    world.admin.published(&tiny("1.1.0")).await;
    let tickets = Content::adapter("acme/tickets", "1.0.0", "ACME/Tiny", "^1");
    world.admin.published(&with_tasks(tickets, &["text-classification"])).await;
    let secret = Content::adapter("hidden/secret", "1.0.0", "acme/tiny", "^1");
    world.admin.published(&with_tasks(secret, &["secret-task"])).await;
    let empty = json!({"name": "acme/empty", "kind": "router", "description": "Chooses among TICKETS"});
    world.admin.post("/modules", empty).await.ok();
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_tells_what_each_module_is_for_what_it_stands_on_and_whether_that_works() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    let tickets = summary(&world.anonymous(), "acme/tickets").await;
    assert_eq!(tickets["latest_version"], "1.0.0");
    assert_eq!((&tickets["state"], &tickets["releases"]), (&json!("published"), &json!(1)));
    assert_eq!(tickets["tasks"], json!(["text-classification"]));
    // As the module is written, not as the manifest wrote it.
    assert_eq!((&tickets["bases"], &tickets["verdict"]), (&json!(["acme/tiny"]), &json!("compatible")));
    let tiny = summary(&world.anonymous(), "acme/tiny").await;
    assert_eq!((&tiny["latest_version"], &tiny["releases"]), (&json!("1.1.0"), &json!(2)));
    assert_eq!(tiny["tasks"], json!(["feature-extraction", "fill-mask"]));
    assert_eq!((&tiny["bases"], tiny.get("verdict")), (&json!(["tiny/bert"]), None));
    let empty = summary(&world.anonymous(), "acme/empty").await;
    assert_eq!(
        (&empty["state"], &empty["latest_version"], &empty["releases"], &empty["tasks"]),
        (&Value::Null, &Value::Null, &json!(0), &json!([]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_by_every_filter_and_by_several_at_once() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    let all = ["acme/empty", "acme/tickets", "acme/tiny", "hidden/secret"];
    for (query, expected) in [
        ("", &all[..]),
        ("kind=adapter", &["acme/tickets", "hidden/secret"]),
        ("kind=adapter,router", &["acme/empty", "acme/tickets", "hidden/secret"]),
        ("kind=adapter,router&namespace=ACME", &["acme/empty", "acme/tickets"]),
        ("kind=&namespace=,", &all),
        ("namespace=hidden", &["hidden/secret"]),
        ("namespace=nobody", &[]),
        ("task=fill-mask,text-classification", &["acme/tickets", "acme/tiny"]),
        ("task=fill", &[]),
        ("base=Acme/TINY", &["acme/tickets", "hidden/secret"]),
        ("base=tiny/bert,acme/tiny&kind=backbone", &["acme/tiny"]),
        ("state=none", &["acme/empty"]),
        ("state=published,none", &all),
        ("state=quarantined", &[]),
        // In the name, in the description, in a task; in any case.
        ("query=tIcKeTs", &["acme/empty", "acme/tickets"]),
        ("query=%20text-CLASS%20", &["acme/tickets"]),
        ("query=%25", &[]),
        ("limit=1", &["acme/empty"]),
    ] {
        assert_eq!(names(&world.admin, query).await, expected, "{query}");
    }
    let first = world.admin.get("/modules?kind=adapter&limit=1").await.ok();
    let next = format!("kind=adapter&limit=1&after={}", first["next"].as_str().unwrap());
    assert_eq!(names(&world.admin, &next).await, ["hidden/secret"]);
    for path in ["/modules", "/module-facets"] {
        for query in ["kind=lora", "kind=adapter,lora", "state=draft", "state=published,gone"] {
            world.admin.get(&format!("{path}?{query}")).await.refused(400, "bad_request");
        }
    }
    let refused = world.admin.get("/modules?kind=lora").await;
    assert_json_snapshot!("unknown_kind", told(&refused, 400, "bad_request"));
    let refused = world.admin.get("/module-facets?state=draft").await;
    assert_json_snapshot!("unknown_state", told(&refused, 400, "bad_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_count_under_the_other_filters_and_not_under_their_own() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    let admin = &world.admin;
    let kinds = [("adapter", 2), ("backbone", 1), ("router", 1)];
    assert_eq!(facet(admin, "kinds", "").await, counts(&kinds));
    assert_eq!(facet(admin, "kinds", "kind=backbone").await, counts(&kinds));
    assert_eq!(facet(admin, "states", "kind=adapter").await, counts(&[("published", 2)]));
    assert_eq!(facet(admin, "states", "").await, counts(&[("published", 3), ("none", 1)]));
    assert_eq!(facet(admin, "namespaces", "kind=adapter").await, counts(&[("acme", 1), ("hidden", 1)]));
    assert_eq!(facet(admin, "kinds", "namespace=hidden").await, counts(&[("adapter", 1)]));
    assert_eq!(
        facet(admin, "tasks", "namespace=acme&task=fill-mask").await,
        counts(&[("feature-extraction", 1), ("fill-mask", 1), ("text-classification", 1)])
    );
    assert_eq!(facet(admin, "bases", "query=t").await, counts(&[("acme/tiny", 2), ("tiny/bert", 1)]));
    for (query, total) in [("", 4), ("kind=adapter", 2), ("kind=adapter&state=none", 0), ("query=tiny", 1)] {
        let facets = admin.get(&format!("/module-facets?{query}")).await.ok();
        assert_eq!(facets["total"], total, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_is_neither_listed_nor_counted() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    registry(&world).await;
    world.admin.published(&Content::backbone("hidden/base", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/on-hidden", "1.0.0", "hidden/base", "^1")).await;
    let reader = world.person("reader", Some(("hidden", "reader"))).await;
    for (client, total) in [(world.anonymous(), 4), (reader.clone(), 6), (world.admin.clone(), 6)] {
        assert_eq!(names(&client, "").await.len(), total);
        assert_eq!(client.get("/module-facets").await.ok()["total"], total);
    }
    let anybody = world.anonymous();
    for query in ["namespace=hidden", "task=secret-task", "query=secret"] {
        assert_eq!(names(&anybody, query).await, [""; 0], "{query}");
        assert_eq!(names(&reader, query).await.len(), if query.starts_with('n') { 2 } else { 1 }, "{query}");
        let whole = String::from_utf8(anybody.get(&format!("/module-facets?{query}")).await.body).unwrap();
        assert!(!whole.contains("hidden") && !whole.contains("secret"), "{query}: {whole}");
    }
    assert_eq!(facet(&anybody, "namespaces", "").await, counts(&[("acme", 4)]));
    // What is known of it with what they may not read is not for them.
    assert_eq!(summary(&anybody, "acme/on-hidden").await.get("verdict"), None);
    assert_eq!(summary(&reader, "acme/on-hidden").await["verdict"], "compatible");
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_follows_every_change_of_standing() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let tiny = |version, task| with_tasks(Content::backbone("acme/tiny", version), &[task]);
    world.admin.published(&tiny("1.2.0", "new")).await;
    // A lower version that is published later is not the latest.
    world.admin.published(&tiny("1.1.0", "old")).await;
    world.admin.draft(&tiny("2.0.0", "draft")).await;
    let shown = async || {
        let one = summary(&world.admin, "acme/tiny").await;
        let text = |member: &str| one[member].as_str().unwrap_or("-").to_owned();
        let task = one["tasks"][0].as_str().unwrap().to_owned();
        format!("{} {} {task} {}", text("latest_version"), text("state"), one["releases"])
    };
    assert_eq!(shown().await, "1.2.0 published new 2");
    for (release, verb, expected) in [
        ("1.2.0", "deprecate", "1.2.0 deprecated new 2"),
        ("1.2.0", "yank", "1.1.0 yanked old 2"),
        ("1.1.0", "quarantine", "- yanked new 2"),
        ("1.2.0", "restore", "1.2.0 published new 2"),
        ("1.2.0", "quarantine", "- quarantined new 2"),
    ] {
        standing(&world, &format!("acme/tiny/releases/{release}"), verb).await;
        assert_eq!(shown().await, expected, "after {verb} {release}");
    }
    assert_eq!(names(&world.admin, "state=quarantined").await, ["acme/tiny"]);
    let etag = world.admin.get("/modules/acme/tiny").await.header("etag").to_owned();
    assert_eq!(etag, "\"1\"", "a summary is no change of the module");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_no_filter_could_name_are_left_out_of_a_summary_and_harm_nothing() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let long = "x".repeat(5000);
    let many: Vec<String> = (0..100).map(|n| format!("task-{n}")).collect();
    let mut tasks = vec!["b", "a", "b", "", " ", "x,y", &long];
    tasks.extend(many.iter().map(String::as_str));
    let content = with_tasks(Content::backbone("acme/tiny", "1.0.0"), &tasks);
    world.admin.published(&content).await;
    let kept = summary(&world.admin, "acme/tiny").await["tasks"].clone();
    assert_eq!((kept.as_array().unwrap().len(), &kept[0], &kept[2]), (50, &json!("b"), &json!("task-0")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_releases_published_at_once_are_both_in_the_summary() {
    let world = World::new().await;
    for version in ["1.0.0", "1.1.0"] {
        world.admin.draft(&Content::backbone("acme/tiny", version)).await;
    }
    let publish = async |version: &'static str| {
        let mut tx = world.app.begin().await.unwrap();
        let statement = "UPDATE releases SET state = 'published', published_at = now() WHERE version = $1";
        sqlx::query(statement).bind(version).execute(&mut *tx).await.unwrap();
        tx
    };
    let module = modules::by_name(&world.app.pool, &"acme/tiny".parse().unwrap()).await.unwrap().unwrap();
    let (mut higher, mut lower) = (publish("1.1.0").await, publish("1.0.0").await);
    modules::summarise(&mut higher, module.id).await.unwrap();
    let (_, waited) = join(
        async {
            // The other has begun to wait.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            higher.commit().await.unwrap();
        },
        modules::summarise(&mut lower, module.id),
    )
    .await;
    waited.unwrap();
    lower.commit().await.unwrap();
    let one = summary(&world.admin, "acme/tiny").await;
    assert_eq!((&one["releases"], &one["latest_version"]), (&json!(2), &json!("1.1.0")));
}
