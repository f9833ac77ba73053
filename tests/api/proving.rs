//! The runs that follow a new backbone: queued by urgency, made together, merged, asked for.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::content::{read, with_floats};
use crate::support::{Content, Engine, World};

/// A LoRA on `acme/tiny` with weights of its own.
fn lora(name: &str, factor: f32) -> Content {
    let weights = with_floats(&read("tiny/bert/adapters/lora/adapter_model.safetensors"), |x| x * factor);
    Content::adapter(name, "1.0.0", "acme/tiny", "^1").with_file("adapter_model.safetensors", weights)
}

fn backbone(version: &str, factor: f32) -> Content {
    let weights = with_floats(&read("tiny/bert/model/model.safetensors"), |x| x * factor);
    Content::backbone("acme/tiny", version).with_file("model.safetensors", weights)
}

async fn pair(world: &World, dependent: &str, base: &str) -> Value {
    let path = format!("/compatibility?dependent=acme/{dependent}@1.0.0&base=acme/tiny@{base}");
    world.admin.get(&path).await.ok()
}

async fn proofs(world: &World, base: &str) -> Value {
    world.admin.get(&format!("/modules/acme/tiny/releases/{base}/proofs")).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_attaches_to_a_new_backbone_is_proven_on_one_load_of_it() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    for (name, factor) in [("a", 1.0), ("b", 0.9), ("c", 0.8), ("d", 1.1), ("e", 1.2)] {
        world.admin.published(&lora(&format!("acme/{name}"), factor)).await;
    }
    // The same numbers under another name.
    world.admin.published(&lora("acme/twin", 1.1)).await;
    world.idle().await;
    let before = engine.starts().len();
    world.admin.published(&backbone("1.1.0", 1.0005)).await;
    world.idle().await;
    assert_eq!(engine.starts().len(), before + 2, "one for the backbone, one for all on it");
    let mut runs = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        let pair = pair(&world, name, "1.1.0").await;
        assert_eq!(pair["verdict"], "compatible", "{pair:#}");
        let run = pair["smoke_run"].as_str().unwrap().to_owned();
        let view = world.admin.get(&format!("/smoke-runs/{run}")).await.ok();
        assert_eq!(
            (&view["dependent"], &view["state"]),
            (&json!(format!("acme/{name}@1.0.0")), &json!("finished"))
        );
        assert!(view["report"]["checks"]["drift"]["correlation"].as_f64().unwrap() > 0.99, "{view:#}");
        runs.push(run);
    }
    let twin = pair(&world, "twin", "1.1.0").await;
    assert_eq!((&twin["verdict"], &twin["smoke_run"]), (&json!("compatible"), &json!(runs[3])));
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 5, "each has a run of its own");
    assert_eq!(
        proofs(&world, "1.1.0").await,
        json!({"compatible": 6, "unknown": 0, "incompatible": 0, "queued": {}, "running": 0})
    );
    assert_eq!(world.count("SELECT count(*) FROM smoke_runs WHERE state <> 'finished'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_serves_is_proven_before_what_is_only_newest_and_old_releases_last() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&lora("acme/served", 1.0)).await;
    let point = json!({"version": "1.0.0", "reason": "first"});
    world.admin.put("/modules/acme/served/channels/stable", point).await.ok();
    world.admin.published(&lora("acme/newest", 0.9)).await;
    world.admin.published(&lora("acme/replaced", 0.8)).await;
    let mut next = lora("acme/replaced", 0.7);
    next = next.with("module", json!({"name": "acme/replaced", "kind": "adapter", "version": "1.1.0"}));
    world.admin.published(&next).await;
    world.idle().await;
    worker.stop().await;
    // The worker makes two runs at a time, and the engine hangs after that of the backbone itself.
    let hanging = Engine::agreeing_then_hanging(1);
    let worker = world.worker(&hanging);
    world.admin.published(&backbone("1.1.0", 1.0005)).await;
    hanging.started(3).await;
    let open = proofs(&world, "1.1.0").await;
    assert_eq!(
        (&open["unknown"], &open["running"], &open["queued"]),
        (&json!(4), &json!(3), &json!({"later": 1})),
        "{open:#}"
    );
    let replaced = "SELECT count(*) FROM smoke_runs r JOIN releases d ON d.id = r.dependent_id
                    WHERE r.state = 'queued' AND d.version = '1.0.0' AND d.module_id =
                        (SELECT id FROM modules WHERE name = 'acme/replaced')";
    assert_eq!(world.count(replaced).await, 1);
    let served = "SELECT count(*) FROM smoke_runs WHERE state = 'running' AND urgency = 1";
    assert_eq!(world.count(served).await, 1);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_somebody_asks_for_goes_ahead_and_is_made_though_it_is_proven() {
    let (world, engine) = (World::new().await, Engine::real());
    let worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&lora("acme/a", 1.0)).await;
    world.idle().await;
    worker.stop().await;
    let before = pair(&world, "a", "1.0.0").await;
    let asked = json!({"dependent": "acme/a@1.0.0", "base": "acme/tiny@1.0.0"});
    let answer = world.admin.post("/smoke-runs", asked.clone()).await;
    assert_eq!(answer.status, 202);
    let run = answer.json();
    assert_eq!((&run["state"], &run["report"]), (&json!("queued"), &Value::Null));
    // Who asks again follows the same run.
    assert_eq!(world.admin.post("/smoke-runs", asked.clone()).await.json()["id"], run["id"]);
    assert_eq!(proofs(&world, "1.0.0").await["queued"], json!({"asked": 1}));
    // Until it ends, what was known stays known.
    assert_eq!(pair(&world, "a", "1.0.0").await["smoke_run"], before["smoke_run"]);
    let _worker = world.worker(&engine);
    world.idle().await;
    let after = pair(&world, "a", "1.0.0").await;
    assert_eq!((&after["verdict"], &after["smoke_run"]), (&json!("compatible"), &run["id"]));

    let reader = world.person("rea", Some(("acme", "reader"))).await;
    reader.post("/smoke-runs", asked).await.refused(403, "forbidden");
    let strangers = json!({"dependent": "acme/tiny@1.0.0", "base": "acme/a@1.0.0"});
    world.admin.post("/smoke-runs", strangers).await.refused(404, "not_found");
    world.admin.post("/modules/acme/a/releases/1.0.0/yank", json!({"reason": "old"})).await.ok();
    let asked = json!({"dependent": "acme/a@1.0.0", "base": "acme/tiny@1.0.0"});
    world.admin.post("/smoke-runs", asked).await.refused(409, "state_conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_without_a_job_is_made_by_the_next_worker() {
    let (world, engine) = (World::new().await, Engine::real());
    let worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&lora("acme/a", 1.0)).await;
    world.idle().await;
    worker.stop().await;
    let asked = json!({"dependent": "acme/a@1.0.0", "base": "acme/tiny@1.0.0"});
    let run = world.admin.post("/smoke-runs", asked).await.json();
    // As after a migration that queues runs.
    world.sql("DELETE FROM graphile_worker._private_jobs").await.unwrap();
    let _worker = world.worker(&engine);
    while world.count("SELECT count(*) FROM smoke_runs WHERE state <> 'finished'").await > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let run = world.admin.get(&format!("/smoke-runs/{}", run["id"].as_str().unwrap())).await.ok();
    assert_eq!(run["report"]["verdict"], "compatible");
}
