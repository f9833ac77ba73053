//! Pairs, the matrix, and whether releases can be deployed together.

use serde_json::{Value, json};

use crate::support::content::{read, with_floats};
use crate::support::{Content, Engine, World};

const PAIR: &str = "/compatibility?dependent=acme/lora@1.0.0&base=acme/tiny@";

/// The tiny BERT with other weights.
fn changed(version: &str, change: impl Fn(f32) -> f32) -> Content {
    let weights = with_floats(&read("tiny/bert/model/model.safetensors"), change);
    Content::backbone("acme/tiny", version).with_file("model.safetensors", weights)
}

async fn pair(world: &World, base: &str) -> Value {
    world.admin.get(&format!("{PAIR}{base}")).await.ok()
}

async fn can_deploy(world: &World, releases: &[&str]) -> Value {
    world.admin.post("/can-i-deploy", json!({"releases": releases})).await.ok()
}

fn rules(view: &Value) -> Vec<&str> {
    view["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_backbone_puts_its_dependents_to_the_proof_and_is_never_a_stale_yes() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let adapter = Content::adapter("acme/lora", "1.0.0", "acme/tiny", ">=1, <4");
    world.admin.published(&adapter).await;
    assert_eq!(can_deploy(&world, &["acme/tiny@1.0.0", "acme/lora@1.0.0"]).await["verdict"], "compatible");
    world.admin.published(&changed("1.1.0", |x| x * 1.0005)).await;
    let at_once = pair(&world, "1.1.0").await;
    assert!(at_once["facts"]["declared"] == "compatible" && at_once["facts"]["structural"] == "compatible");
    world.idle().await;
    let good = pair(&world, "1.1.0").await;
    assert_eq!((&good["verdict"], rules(&good)), (&json!("compatible"), vec![]), "{good:#}");
    let run = world.admin.get(&format!("/smoke-runs/{}", good["smoke_run"].as_str().unwrap())).await.ok();
    assert_eq!((&run["dependent"], &run["base"]), (&json!("acme/lora@1.0.0"), &json!("acme/tiny@1.1.0")));
    assert!(run["report"]["checks"]["drift"]["cosine_mean"].as_f64().unwrap() > 0.99);

    world.admin.published(&changed("2.0.0", |x| -x * 3.0)).await;
    world.idle().await;
    let bad = pair(&world, "2.0.0").await;
    assert!(bad["verdict"] == "incompatible" && rules(&bad).contains(&"behaviour_drift"), "{bad:#}");
    assert_eq!(bad["facts"]["behavioural"], "incompatible");
    let no = can_deploy(&world, &["acme/tiny@2.0.0", "acme/lora@1.0.0"]).await;
    assert!(no["verdict"] == "incompatible" && rules(&no).contains(&"behaviour_drift"), "{no:#}");

    let matrix = world.admin.get("/modules/acme/tiny/matrix").await.ok();
    let cells: Vec<(&str, &str)> = matrix["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| (cell["base"].as_str().unwrap(), cell["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(cells.len(), 3);
    for cell in [
        ("acme/tiny@1.0.0", "compatible"),
        ("acme/tiny@1.1.0", "compatible"),
        ("acme/tiny@2.0.0", "incompatible"),
    ] {
        assert!(cells.contains(&cell), "{cells:?}");
    }
    let page = world.admin.get("/modules/acme/tiny/matrix?limit=2").await.ok();
    let rest = world
        .admin
        .get(&format!("/modules/acme/tiny/matrix?limit=2&after={}", page["next"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!((page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_unknown_until_its_run_has_ended() {
    // Two backbones and the adapter; the pair of adapter and second backbone is the fourth run.
    let (world, engine) = (World::new().await, Engine::agreeing_then_hanging(3));
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/lora", "1.0.0", "acme/tiny", "*")).await;
    world.admin.published(&changed("1.1.0", |x| x * 1.001)).await;
    engine.started(4).await;
    let open = pair(&world, "1.1.0").await;
    assert_eq!((&open["verdict"], rules(&open)), (&json!("unknown"), vec!["not_proven"]));
    let facts = json!({"declared": "compatible", "structural": "compatible", "behavioural": "unknown"});
    assert_eq!(open["facts"], facts);
    let unknown = can_deploy(&world, &["acme/tiny@1.1.0", "acme/lora@1.0.0"]).await;
    assert_eq!((&unknown["verdict"], rules(&unknown)), (&json!("unknown"), vec!["not_proven"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_of_the_same_content_inherit_the_proof_without_a_second_run() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/lora", "1.0.0", "acme/tiny", "*")).await;
    world.idle().await;
    let before = engine.starts().len();
    // The same weights under another version, with another text.
    world.admin.published(&Content::backbone("acme/tiny", "1.0.1").with_file("README.md", "# Text\n")).await;
    world.idle().await;
    assert_eq!(engine.starts().len(), before + 1, "only the backbone itself was run");
    let (home, inherited) = (pair(&world, "1.0.0").await, pair(&world, "1.0.1").await);
    assert_eq!((&inherited["verdict"], &inherited["smoke_run"]), (&json!("compatible"), &home["smoke_run"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backbone_of_other_shapes_refutes_its_dependents_by_headers_alone() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/lora", "1.0.0", "acme/tiny", "^1")).await;
    world.admin.published(&crate::support::content::backbone_of_width(384, "acme/tiny", "2.0.0")).await;
    world.idle().await;
    let refuted = pair(&world, "2.0.0").await;
    assert_eq!(
        refuted["facts"],
        json!({"declared": "incompatible", "structural": "incompatible", "behavioural": "unknown"})
    );
    assert_eq!(refuted["verdict"], "incompatible");
    assert!(
        rules(&refuted).contains(&"version_not_admitted") && rules(&refuted).contains(&"shape_mismatch"),
        "{refuted:#}"
    );
    assert_eq!(engine.starts().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_can_be_deployed_when_it_is_whole_and_each_member_may_be_used() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/lora", "1.0.0", "acme/tiny", "^1")).await;
    let point = json!({"version": "1.0.0", "reason": "first"});
    world.admin.put("/modules/acme/lora/channels/stable", point).await.ok();
    let yes = can_deploy(&world, &["acme/tiny@1.0.0", "acme/lora@stable"]).await;
    assert_eq!((&yes["verdict"], rules(&yes)), (&json!("compatible"), vec![]));
    assert_eq!(
        yes["pairs"],
        json!([{"dependent": "acme/lora@1.0.0", "base": "acme/tiny@1.0.0", "verdict": "compatible"}])
    );
    let alone = can_deploy(&world, &["acme/lora@1.0.0"]).await;
    assert_eq!(alone["verdict"], "incompatible");
    world.admin.post("/modules/acme/tiny/releases/1.0.0/quarantine", json!({"reason": "bad"})).await.ok();
    let bad = can_deploy(&world, &["acme/tiny@1.0.0", "acme/lora@1.0.0"]).await;
    assert_eq!(bad["verdict"], "incompatible");
    for reference in ["acme/tiny", "@1.0.0", "acme/tiny@"] {
        let answer = world.admin.post("/can-i-deploy", json!({"releases": [reference]})).await;
        assert!(matches!(answer.status, 400 | 404), "{reference}: {answer:?}");
    }
    world
        .admin
        .post("/can-i-deploy", json!({"releases": ["acme/none@1.0.0"]}))
        .await
        .refused(404, "not_found");
    let many: Vec<String> = (0..1000).map(|n| format!("acme/m{n}@1.0.0")).collect();
    world.admin.post("/can-i-deploy", json!({"releases": many})).await.refused(400, "bad_request");
    world.idle().await;
}
