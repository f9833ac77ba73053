//! From a draft to a published release.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::client::{errors, id, send};
use crate::support::content::{backbone_of_width, digest_of, noise, read};
use crate::support::{Content, Engine, World};

fn texts(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_goes_from_draft_to_published_and_leaves_everything_behind_that_it_should() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    let author = world.person("ada", Some(("acme", "publisher"))).await;
    author.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let content = Content::adapter("acme/tickets", "1.0.0", "acme/tiny", "^1").with(
        "provenance",
        json!({"base_model": "tiny/bert", "datasets": ["tickets-2026"], "parents": ["acme/tiny@1.0.0"]}),
    );

    let draft = author.draft(&content).await;
    assert_eq!((&draft["state"], &draft["created_by"]), (&json!("draft"), &json!("ada")));
    let expected: BTreeSet<String> = content.files.values().map(|bytes| digest_of(bytes)).collect();
    let before = author.get(&format!("/drafts/{}", id(&draft))).await.header("etag").to_owned();
    let missing: BTreeSet<String> = serde_json::from_value(draft["missing_blobs"].clone()).unwrap();
    assert_eq!(missing, expected);
    let submit = format!("/drafts/{}/submit", id(&draft));
    let problem = author.post(&submit, json!({})).await.refused(409, "blob_missing");
    assert_eq!(problem["findings"].as_array().unwrap().len(), 2);
    join_all(content.files.values().map(|bytes| author.upload(bytes))).await;
    // Who has it as it was before is told that it is another one, though the draft is the same.
    let path = format!("/drafts/{}", id(&draft));
    let known = author.request(reqwest::Method::GET, &path).header("if-none-match", before);
    assert_eq!(send(known).await.ok()["missing_blobs"], json!([]));
    let answer = author.post(&submit, json!({})).await;
    assert_eq!(answer.status, 202);
    let release = author.verdict(id(&draft)).await;
    assert_eq!((&release["state"], errors(&release)), (&json!("published"), vec![]), "{release:#}");

    let place = "/modules/acme/tickets/releases/1.0.0";
    let interface = author.get(&format!("{place}/interface")).await.ok();
    assert_eq!(interface["outputs"][0]["name"], "logits");
    let run = author.get(&format!("{place}/smoke-run")).await.ok();
    assert_eq!((&run["verdict"], &run["state"]), (&json!("compatible"), &json!("finished")));
    assert_eq!(run["report"]["checks"]["restored"]["status"], "passed");
    let pair = author.get("/compatibility?dependent=acme/tickets@1.0.0&base=acme/tiny@1.0.0").await.ok();
    assert_eq!(
        pair["facts"],
        json!({"declared": "compatible", "structural": "compatible", "behavioural": "compatible"})
    );
    assert_eq!(pair["smoke_run"], run["id"]);

    let graph = author.get(&format!("{place}/lineage?direction=up&depth=1")).await.ok();
    let relations: BTreeSet<String> = texts(&graph["edges"], "relation").into_iter().collect();
    assert_eq!(relations, ["attaches_to", "derived_from", "parent", "trained_on"].map(str::to_owned).into());
    assert_eq!(graph["nodes"].as_array().unwrap().len(), 4);

    let entries = author.get("/audit?subject=acme/tickets@1.0.0").await.ok();
    assert_eq!(texts(&entries["items"], "action"), ["release.publish", "release.submit", "draft.create"]);
    assert_eq!(entries["items"][1]["actor"], "ada");
    assert!(entries["items"][1]["request_id"].is_string() && entries["items"][0]["actor"].is_null());
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_the_same_bytes_again_is_harmless_at_every_step_and_other_bytes_are_a_conflict() {
    let (world, engine) = (World::new().await, Engine::real());
    let content = Content::backbone("acme/tiny", "1.0.0");
    let draft = world.admin.draft(&content).await;
    let again = world.admin.post("/drafts", content.draft()).await;
    assert_eq!((again.status, id(&again.ok())), (200, id(&draft)));
    for bytes in content.files.values() {
        world.admin.upload(bytes).await;
        assert_eq!(world.admin.begin_upload(bytes).await["complete"], true);
    }
    let first = world.admin.submit(&content).await;
    let second = world.admin.submit(&content).await;
    assert_eq!((id(&first), id(&second)), (id(&draft), id(&draft)));
    let _worker = world.worker(&engine);
    assert_eq!(world.admin.verdict(id(&draft)).await["state"], "published");
    let after = world.admin.publish(&content).await;
    assert_eq!((id(&after), &after["state"]), (id(&draft), &json!("published")));
    assert_eq!(engine.starts().len(), 1);
    assert_eq!(world.count("SELECT count(*) FROM releases").await, 1);

    let other = content.with_file("README.md", "# Other bytes\n");
    let problem = world.admin.post("/drafts", other.draft()).await.refused(409, "version_conflict");
    assert!(problem["detail"].as_str().unwrap().contains(draft["digest"].as_str().unwrap()));
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_that_race_for_a_version_with_different_bytes_exactly_one_wins() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let race = (0..8).map(|racer| {
        let client = world.admin.clone();
        let content =
            Content::backbone("acme/tiny", "1.0.0").with_file("README.md", format!("Racer {racer}\n"));
        async move {
            let draft = client.post("/drafts", content.draft()).await;
            if draft.status == 409 {
                draft.refused(409, "version_conflict");
                return None;
            }
            let draft = draft.ok();
            for bytes in content.files.values() {
                client.upload(bytes).await;
            }
            let answer = client.post(&format!("/drafts/{}/submit", id(&draft)), json!({})).await;
            if answer.status == 409 {
                answer.refused(409, "version_conflict");
                return None;
            }
            Some(client.verdict(id(&answer.ok())).await)
        }
    });
    let winners: Vec<Value> = join_all(race).await.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{winners:#?}");
    assert_eq!(winners[0]["state"], "published");
    let release = world.admin.get("/modules/acme/tiny/releases/1.0.0").await.ok();
    assert_eq!(release["digest"], winners[0]["digest"]);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_race_for_a_version_with_the_same_bytes_end_with_the_one_release() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let others = ["ada", "bob", "eve"];
    let mut racers = vec![world.admin.clone(); 4];
    for name in others {
        racers.push(world.person(name, Some(("acme", "publisher"))).await);
    }
    let race = racers
        .iter()
        .map(|client| async { client.published(&Content::backbone("acme/tiny", "1.0.0")).await });
    let ids: BTreeSet<String> = join_all(race).await.iter().map(|release| id(release).to_owned()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(world.count("SELECT count(*) FROM releases WHERE state = 'published'").await, 1);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_no_bytes_of_many_parts_and_in_folders_are_published() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    let large = noise(20 << 20, 1);
    let content = Content::backbone("acme/tiny", "1.0.0")
        .with_file("notes/empty.txt", "")
        .with_file("data/large.dat", large.clone());
    world.admin.published(&content).await;
    let place = "/modules/acme/tiny/releases/1.0.0/files";
    assert_eq!(world.admin.get(&format!("{place}/notes/empty.txt")).await.body, b"");
    assert!(world.admin.get(&format!("{place}/data/large.dat")).await.body == large);
    let files = world.admin.get(place).await.ok();
    assert_eq!(
        texts(&files, "path"),
        ["config.json", "data/large.dat", "model.safetensors", "notes/empty.txt"]
    );
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_and_a_bridge_of_torchscript_and_a_linear_head_are_published() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&backbone_of_width(384, "acme/wide", "1.0.0")).await;
    let port = |name: &str, dims: Value| json!({"name": name, "dtype": "float32", "dims": dims});
    let module = |name: &str, kind: &str, file: &str, interface: Value| {
        Content::new(name, kind, "1.0.0")
            .requiring("acme/wide", "^1")
            .with_file("module.pt", read(&format!("torchscript/{file}.pt")))
            .with("interface", interface)
    };
    let hidden = json!([
        port("last_hidden_state", json!(["batch", "tokens", 384])),
        {"name": "attention_mask", "dtype": "int64", "dims": ["batch", "tokens"]},
    ]);
    let logits = |width: u64| json!([port("logits", json!(["batch", width]))]);
    let head = json!({"inputs": hidden, "outputs": logits(6)});
    world.admin.published(&module("acme/head", "head", "head", head)).await;
    let pooled = json!([port("mean_pooled", json!(["batch", 384]))]);
    let embedding = json!({"inputs": pooled, "outputs": [port("embedding", json!(["batch", 64]))]});
    world.admin.published(&module("acme/bridge", "bridge", "bridge", embedding)).await;
    let promises = json!({"inputs": hidden, "outputs": logits(7)});
    let refused = world.admin.refused(&module("acme/wrong", "head", "head", promises)).await;
    assert_eq!(refused, ["output_contract"]);
    let linear = Content::new("acme/linear", "head", "1.0.0")
        .requiring("acme/wide", "^1")
        .with_file("head.safetensors", read("minilm/adapters/linear_head/head.safetensors"))
        .with_file("head_config.json", read("minilm/adapters/linear_head/head_config.json"));
    world.admin.published(&linear).await;
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let narrow = linear
        .requiring("acme/tiny", "^1")
        .with("module", json!({"name": "acme/narrow", "kind": "head", "version": "1.0.0"}));
    assert_eq!(world.admin.refused(&narrow).await, ["shape_mismatch"]);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn declared_layers_a_head_behind_a_bridge_and_a_router_are_published() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let layers = |name: &str, kind: &str, from: &str| {
        Content::new(name, kind, "1.0.0")
            .requiring("acme/tiny", "^1")
            .with_file("head.safetensors", read(&format!("heads/{from}/head.safetensors")))
            .with_file("head_config.json", read(&format!("heads/{from}/head_config.json")))
    };
    world.admin.published(&layers("acme/mlp", "head", "mlp")).await;
    world.admin.published(&layers("acme/narrow", "bridge", "bridge")).await;
    let both = json!([{"module": "acme/tiny", "version": "^1"}, {"module": "acme/narrow", "version": "^1"}]);
    world.admin.published(&layers("acme/after", "head", "after-bridge").with("requires", both)).await;

    let router = layers("acme/router", "router", "router-layers");
    assert_eq!(world.admin.refused(&router).await, ["router_candidates_missing"]);
    let among = |names: Value| router.clone().with("router", json!({"candidates": names}));
    assert_eq!(world.admin.refused(&among(json!(["acme/one", "acme/two"]))).await, ["router_width"]);
    let malformed = among(json!(["one", "two", "three"]));
    world.admin.post("/drafts", malformed.draft()).await.refused(400, "invalid_manifest");
    let published = world.admin.published(&among(json!(["acme/one", "acme/two", "acme/three"]))).await;
    assert_eq!(published["manifest"]["router"]["candidates"][2], "acme/three");
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_attempt_says_why_and_holds_no_version() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    let bad = Content::backbone("acme/tiny", "1.0.0").without_file("model.safetensors");
    let rejected = world.admin.publish(&bad).await;
    assert_eq!(errors(&rejected), ["missing_file"]);
    world.admin.get("/modules/acme/tiny/releases/1.0.0").await.refused(404, "not_found");
    let submit = format!("/drafts/{}/submit", id(&rejected));
    world.admin.post(&submit, json!({})).await.refused(409, "state_conflict");
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    assert_eq!(world.admin.delete(&format!("/drafts/{}", id(&rejected))).await.status, 204);
    assert_eq!(world.admin.get("/drafts").await.ok()["items"], json!([]));
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_can_be_replaced_and_thrown_away_until_it_is_submitted() {
    let world = World::new().await;
    let content = Content::backbone("acme/tiny", "1.0.0");
    let draft = world.admin.draft(&content).await;
    let place = format!("/drafts/{}", id(&draft));
    let next = Content::backbone("acme/tiny", "1.1.0");
    let replaced = world.admin.put(&place, next.draft()).await.ok();
    assert_eq!((&replaced["version"], id(&replaced)), (&json!("1.1.0"), id(&draft)));
    let other = Content::backbone("acme/other", "1.0.0");
    world.admin.put(&place, other.draft()).await.refused(409, "state_conflict");
    world.admin.submit(&next).await;
    world.admin.put(&place, content.draft()).await.refused(409, "state_conflict");
    world.admin.delete(&place).await.refused(409, "state_conflict");
    let second = world.admin.draft(&Content::backbone("acme/tiny", "3.0.0")).await;
    let place = format!("/drafts/{}", id(&second));
    assert_eq!(world.admin.delete(&place).await.status, 204);
    world.admin.get(&place).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_has_one_kind_and_one_spelling() {
    let world = World::new().await;
    world.admin.draft(&Content::backbone("acme/Tiny", "1.0.0")).await;
    let head = Content::new("acme/Tiny", "head", "1.0.0");
    world.admin.post("/drafts", head.draft()).await.refused(409, "kind_conflict");
    let body = json!({"name": "acme/tINY", "kind": "backbone"});
    world.admin.post("/modules", body).await.refused(409, "already_exists");
    assert_eq!(world.admin.get("/modules/ACME/tiny").await.ok()["name"], "acme/Tiny");
}
