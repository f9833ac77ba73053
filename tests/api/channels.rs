//! Channels, rollback and the standing of releases.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::send;
use crate::support::world::Worker;
use crate::support::{Content, Engine, World};

const PLACE: &str = "/modules/acme/tiny/channels";

/// A registry with these versions of `acme/tiny`.
async fn with_versions(versions: &[&str]) -> (World, Engine, Worker) {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let worker = world.worker(&engine);
    for version in versions {
        world.admin.published(&Content::backbone("acme/tiny", version)).await;
    }
    (world, engine, worker)
}

async fn point(world: &World, channel: &str, version: &str) -> Value {
    world
        .admin
        .put(&format!("{PLACE}/{channel}"), json!({"version": version, "reason": "a good one"}))
        .await
        .ok()
}

async fn standing(world: &World, version: &str, verb: &str) -> Value {
    let path = format!("/modules/acme/tiny/releases/{version}/{verb}");
    world.admin.post(&path, json!({"reason": format!("to {verb}")})).await.ok()
}

async fn version(world: &World, channel: &str) -> Value {
    world.admin.get(&format!("{PLACE}/{channel}")).await.ok()["version"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_made_by_pointing_it_and_keeps_its_history() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    assert_eq!(point(&world, "stable", "1.0.0").await["generation"], 1);
    assert_eq!(point(&world, "stable", "1.1.0").await["generation"], 2);
    // Where it points already it does not move.
    assert_eq!(point(&world, "stable", "1.1.0").await["generation"], 2);
    assert_eq!(world.admin.get("/modules/acme/tiny/releases/stable").await.ok()["version"], "1.1.0");
    let history = world.admin.get(&format!("{PLACE}/stable/history")).await.ok();
    let moves: Vec<(Value, Value)> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|made| (made["from"].clone(), made["to"].clone()))
        .collect();
    assert_eq!(moves, [(json!("1.0.0"), json!("1.1.0")), (Value::Null, json!("1.0.0"))]);
    assert_eq!(
        (&history["items"][0]["actor"], &history["items"][0]["reason"]),
        (&json!("admin"), &json!("a good one"))
    );
    for statement in ["UPDATE channel_moves SET reason = 'x'", "DELETE FROM channel_moves"] {
        let refused = world.sql(statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    let actions = world.admin.get("/audit?action=channel.point").await.ok();
    assert_eq!(actions["items"].as_array().unwrap().len(), 2);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_without_a_reason_a_name_or_a_release_is_refused() {
    let (world, _engine, _worker) = with_versions(&["1.0.0"]).await;
    let put = async |channel: &str, body: Value| world.admin.put(&format!("{PLACE}/{channel}"), body).await;
    for reason in ["", "  \n"] {
        put("stable", json!({"version": "1.0.0", "reason": reason})).await.refused(400, "reason_missing");
    }
    put("stable", json!({"version": "1.0.0"})).await.refused(400, "reason_missing");
    put("stable", json!({"version": "1.0.0", "reason": "x".repeat(2001)})).await.refused(413, "too_large");
    for name in ["1.0.0", "Stable", "-x", "a%20b", "%C3%BC", &"x".repeat(65)] {
        put(name, json!({"version": "1.0.0", "reason": "r"})).await.refused(400, "invalid_name");
    }
    put("stable", json!({"version": "9.0.0", "reason": "r"})).await.refused(404, "not_found");
    put("stable", json!({"version": "x", "reason": "r"})).await.refused(400, "invalid_version");
    world.admin.get(&format!("{PLACE}/stable")).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_goes_to_the_last_healthy_release_or_to_a_named_one() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0", "1.2.0", "1.3.0"]).await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        point(&world, "stable", version).await;
    }
    standing(&world, "1.1.0", "yank").await;
    let path = format!("{PLACE}/stable/rollback");
    let plan = world.admin.post(&path, json!({"dry_run": true})).await.ok();
    assert_eq!(
        (&plan["applied"], &plan["from"], &plan["to"]),
        (&json!(false), &json!("1.2.0"), &json!("1.0.0"))
    );
    assert_eq!(plan["passed_over"], json!([{"version": "1.1.0", "reason": "it is yanked"}]));
    assert_eq!(version(&world, "stable").await, "1.2.0");
    world.admin.post(&path, json!({})).await.refused(400, "reason_missing");
    let done = world.admin.post(&path, json!({"reason": "answers only games"})).await.ok();
    assert_eq!(
        (&done["applied"], &done["to"], &done["generation"]),
        (&json!(true), &json!("1.0.0"), &json!(4))
    );
    assert_eq!(version(&world, "stable").await, "1.0.0");

    let to = async |version: &str| world.admin.post(&path, json!({"to": version, "reason": "named"})).await;
    to("1.1.0").await.refused(409, "release_unhealthy");
    to("8.0.0").await.refused(404, "not_found");
    to("x").await.refused(400, "invalid_version");
    assert_eq!(to("1.3.0").await.ok()["to"], "1.3.0");
    let history = world.admin.get(&format!("{PLACE}/stable/history")).await.ok();
    assert_eq!(
        (&history["items"][0]["action"], &history["items"][0]["reason"]),
        (&json!("roll_back"), &json!("named"))
    );
    // Going back twice does not lead to what the first time led away from, unless it is named.
    world.admin.post(&path, json!({"reason": "back"})).await.refused(409, "no_healthy_target");
    assert_eq!(to("1.0.0").await.ok()["to"], "1.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_with_nowhere_to_go_says_so() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    let path = format!("{PLACE}/stable/rollback");
    world.admin.post(&path, json!({"reason": "r"})).await.refused(404, "not_found");
    point(&world, "stable", "1.0.0").await;
    world.admin.post(&path, json!({"reason": "r"})).await.refused(409, "no_healthy_target");
    point(&world, "stable", "1.1.0").await;
    standing(&world, "1.0.0", "quarantine").await;
    world.admin.post(&path, json!({"reason": "r"})).await.refused(409, "no_healthy_target");
    assert_eq!(version(&world, "stable").await, "1.1.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_moves_from_the_same_etag_one_is_made() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0", "1.2.0"]).await;
    point(&world, "stable", "1.0.0").await;
    let etag = world.admin.get(&format!("{PLACE}/stable")).await.header("etag").to_owned();
    let moves = (0..6).map(|n| {
        let body = json!({"version": if n % 2 == 0 { "1.1.0" } else { "1.2.0" }, "reason": "race"});
        send(
            world
                .admin
                .request(Method::PUT, &format!("{PLACE}/stable"))
                .header("If-Match", &etag)
                .json(&body),
        )
    });
    let mut statuses: Vec<u16> = join_all(moves).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
    let path = format!("{PLACE}/stable/rollback");
    let late =
        world.admin.request(Method::POST, &path).header("If-Match", &etag).json(&json!({"reason": "late"}));
    send(late).await.refused(412, "precondition_failed");
    let known = world.admin.request(Method::GET, &format!("{PLACE}/stable")).header("If-None-Match", "\"2\"");
    assert_eq!(send(known).await.status, 304);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_make_a_channel_at_once_succeed_and_none_of_their_moves_is_lost() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    let both = ["1.0.0", "1.1.0", "1.0.0", "1.1.0"].map(|version| point(&world, "new", version));
    join_all(both).await;
    let channel = world.admin.get(&format!("{PLACE}/new")).await.ok();
    let history = world.admin.get(&format!("{PLACE}/new/history")).await.ok();
    assert_eq!(history["items"].as_array().unwrap().len() as u64, channel["generation"].as_u64().unwrap());
    assert_eq!(history["items"][0]["to"], channel["version"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn quarantine_moves_every_channel_at_once_and_restoring_leaves_them_where_they_are() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    point(&world, "stable", "1.0.0").await;
    for channel in ["stable", "canary"] {
        point(&world, channel, "1.1.0").await;
    }
    let path = "/modules/acme/tiny/releases/1.1.0/quarantine";
    world.admin.post(path, json!({"reason": " "})).await.refused(400, "reason_missing");
    let release = world.admin.post(path, json!({"reason": "it leaks addresses"})).await.ok();
    assert_eq!(
        (&release["state"], &release["state_reason"]),
        (&json!("quarantined"), &json!("it leaks addresses"))
    );
    assert_eq!(
        (version(&world, "stable").await, version(&world, "canary").await),
        (json!("1.0.0"), Value::Null)
    );
    let history = world.admin.get(&format!("{PLACE}/canary/history")).await.ok();
    let made = &history["items"][0];
    assert_eq!(
        (&made["action"], &made["from"], &made["reason"]),
        (&json!("quarantine"), &json!("1.1.0"), &json!("it leaks addresses"))
    );
    world.admin.get("/modules/acme/tiny/releases/canary").await.refused(404, "not_found");
    // The change and the moves are one transaction: they have one time.
    let times = world
        .count("SELECT count(DISTINCT happened_at) FROM audit_entries WHERE action IN ('release.quarantine', 'channel.quarantine')")
        .await;
    let entries = world
        .count(
            "SELECT count(*) FROM audit_entries WHERE action IN ('release.quarantine', 'channel.quarantine')",
        )
        .await;
    assert_eq!((times, entries), (1, 3));

    let refused =
        world.admin.put(&format!("{PLACE}/canary"), json!({"version": "1.1.0", "reason": "r"})).await;
    refused.refused(409, "release_unhealthy");
    world.admin.post(path, json!({"reason": "again"})).await.refused(409, "state_conflict");
    standing(&world, "1.1.0", "restore").await;
    assert_eq!(
        (version(&world, "stable").await, version(&world, "canary").await),
        (json!("1.0.0"), Value::Null)
    );
    point(&world, "canary", "1.1.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quarantined_bytes_cannot_be_published_again() {
    let (world, _engine, _worker) = with_versions(&["1.0.0"]).await;
    standing(&world, "1.0.0", "quarantine").await;
    let refused = world.admin.refused(&Content::backbone("acme/tiny", "1.0.1")).await;
    assert_eq!(refused, ["quarantined_bytes"]);
    standing(&world, "1.0.0", "restore").await;
    world.admin.published(&Content::backbone("acme/tiny", "1.0.1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_and_a_quarantine_at_once_never_leave_a_channel_on_a_bad_release() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    point(&world, "stable", "1.0.0").await;
    for _ in 0..10 {
        let body = json!({"version": "1.1.0", "reason": "race"});
        let (path, bad) = (format!("{PLACE}/stable"), "/modules/acme/tiny/releases/1.1.0/quarantine");
        let (pointed, _) =
            tokio::join!(world.admin.put(&path, body), world.admin.post(bad, json!({"reason": "race"})));
        assert!(matches!(pointed.status, 200 | 409), "{pointed:?}");
        assert_eq!(version(&world, "stable").await, "1.0.0");
        standing(&world, "1.1.0", "restore").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yanked_and_deprecated_releases_say_why_and_can_be_restored() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    let place = "/modules/acme/tiny/releases/1.0.0";
    let body = json!({"reason": "1.1.0 is better", "replacement": "acme/tiny@1.1.0"});
    let release = world.admin.post(&format!("{place}/deprecate"), body).await.ok();
    assert_eq!(
        (&release["state"], &release["replacement"]),
        (&json!("deprecated"), &json!("acme/tiny@1.1.0"))
    );
    point(&world, "stable", "1.0.0").await;
    standing(&world, "1.0.0", "yank").await;
    // What points at it stays; nothing new does.
    assert_eq!(version(&world, "stable").await, "1.0.0");
    let again = world.admin.put(&format!("{PLACE}/canary"), json!({"version": "1.0.0", "reason": "r"})).await;
    let problem = again.refused(409, "release_unhealthy");
    assert!(problem["detail"].as_str().unwrap().contains("to yank"));
    let narrow = Content::adapter("acme/lora", "1.0.0", "acme/tiny", "=1.0.0");
    assert_eq!(world.admin.refused(&narrow).await, ["requirement_unsatisfied"]);
    let restored = standing(&world, "1.0.0", "restore").await;
    assert_eq!(restored["state"], "published");
    world
        .admin
        .post(&format!("{place}/restore"), json!({"reason": "r"}))
        .await
        .refused(409, "state_conflict");
    let by_channel =
        world.admin.post("/modules/acme/tiny/releases/stable/yank", json!({"reason": "r"})).await;
    by_channel.refused(400, "invalid_version");
    let etag = world.admin.get(place).await.header("etag").to_owned();
    standing(&world, "1.0.0", "deprecate").await;
    let late = world
        .admin
        .request(Method::POST, &format!("{place}/yank"))
        .header("If-Match", etag)
        .json(&json!({"reason": "r"}));
    send(late).await.refused(412, "precondition_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_shows_its_last_move_and_the_state_of_its_release_and_its_etag_follows_both() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    point(&world, "stable", "1.0.0").await;
    let pointed = point(&world, "stable", "1.1.0").await;
    let shown = world.admin.get(&format!("{PLACE}/stable")).await;
    assert_eq!(shown.ok(), pointed);
    assert_eq!(world.admin.get(PLACE).await.ok(), json!([pointed]));
    assert_eq!((&pointed["state"], &pointed["version"]), (&json!("published"), &json!("1.1.0")));
    let made = &pointed["last_move"];
    assert_eq!(
        (&made["action"], &made["from"], &made["to"], &made["actor"], &made["generation"]),
        (&json!("point"), &json!("1.0.0"), &json!("1.1.0"), &json!("admin"), &json!(2))
    );
    standing(&world, "1.1.0", "yank").await;
    let known = world
        .admin
        .request(Method::GET, &format!("{PLACE}/stable"))
        .header("If-None-Match", shown.header("etag"));
    let yanked = send(known).await;
    assert_eq!((yanked.status, yanked.header("etag")), (200, "\"2-yanked\""));
    assert_eq!(yanked.ok()["state"], "yanked");
    // What it was asked with still names the same generation.
    let body = json!({"version": "1.0.0", "reason": "back"});
    let put = world.admin.request(Method::PUT, &format!("{PLACE}/stable")).header("If-Match", "\"2-yanked\"");
    assert_eq!(send(put.json(&body)).await.ok()["generation"], 3);
    standing(&world, "1.0.0", "quarantine").await;
    let cleared = world.admin.get(&format!("{PLACE}/stable")).await.ok();
    assert_eq!((cleared.get("state"), &cleared["version"]), (None, &Value::Null));
    assert_eq!(
        (&cleared["last_move"]["action"], &cleared["last_move"]["to"]),
        (&json!("quarantine"), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_has_one_timeline_of_all_its_channels() {
    let (world, _engine, _worker) = with_versions(&["1.0.0", "1.1.0"]).await;
    for (channel, version) in
        [("stable", "1.0.0"), ("canary", "1.0.0"), ("canary", "1.1.0"), ("stable", "1.1.0"), ("old", "1.0.0")]
    {
        point(&world, channel, version).await;
    }
    // One transaction moves two channels: they have the same time.
    standing(&world, "1.1.0", "quarantine").await;
    let lines = |page: &Value| -> Vec<String> {
        let line =
            |one: &Value| format!("{} {} {}", one["channel"], one["generation"], one["to"]).replace('"', "");
        page["items"].as_array().unwrap().iter().map(line).collect()
    };
    let path = "/modules/acme/tiny/moves";
    let all = lines(&world.anonymous().get(path).await.ok());
    assert_eq!(
        all,
        [
            "stable 3 1.0.0",
            "canary 3 1.0.0",
            "old 1 1.0.0",
            "stable 2 1.1.0",
            "canary 2 1.1.0",
            "canary 1 1.0.0",
            "stable 1 1.0.0"
        ]
    );
    for limit in [1, 2, 3] {
        let (mut walked, mut after) = (Vec::new(), String::new());
        loop {
            let page = world.admin.get(&format!("{path}?limit={limit}{after}")).await.ok();
            walked.extend(lines(&page));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(walked, all, "{limit}");
    }
    for query in ["limit=0", "after=x", "after=MQ"] {
        world.admin.get(&format!("{path}?{query}")).await.refused(400, "bad_request");
    }
    world.admin.get("/modules/acme/nothing/moves").await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_tells_what_is_known_of_the_release_that_it_goes_back_to() {
    let (world, _engine, _worker) = with_versions(&["1.0.0"]).await;
    for version in ["1.0.0", "1.1.0"] {
        world.admin.published(&Content::adapter("acme/lora", version, "acme/tiny", "^1")).await;
        let body = json!({"version": version, "reason": "a good one"});
        world.admin.put("/modules/acme/lora/channels/stable", body).await.ok();
    }
    let path = "/modules/acme/lora/channels/stable/rollback";
    for body in [json!({"dry_run": true}), json!({"dry_run": true, "to": "1.0.0"}), json!({"reason": "r"})] {
        let plan = world.admin.post(path, body).await.ok();
        assert_eq!((&plan["to"], &plan["to_verdict"]), (&json!("1.0.0"), &json!("compatible")));
    }
    point(&world, "stable", "1.0.0").await;
    world.admin.published(&Content::backbone("acme/tiny", "1.1.0")).await;
    let plan =
        world.admin.post(&format!("{PLACE}/stable/rollback"), json!({"dry_run": true, "to": "1.1.0"})).await;
    assert_eq!(plan.ok().get("to_verdict"), None);
    world.idle().await;
}
