//! Events as they happen, and the overview.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::content::{read, with_floats};
use crate::support::{Client, Content, Engine, World};

/// A stream of events, read frame by frame.
struct Stream {
    response: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

/// One frame: id, kind, data.
type Frame = (String, String, Value);

impl Stream {
    async fn open(client: &Client, path: &str, last: Option<&str>) -> Self {
        let mut request = client.request(Method::GET, path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response: Box::pin(response.bytes_stream()), text: String::new() }
    }

    /// The next frame that is no comment; `None` when the stream ends.
    async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = frame.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|text| text.trim_start_matches(": ").to_owned())
                };
                let found = field("event").map(|kind| {
                    (field("id").unwrap(), kind, serde_json::from_str(&field("data").unwrap()).unwrap())
                });
                self.text = rest.to_owned();
                match found {
                    Some(found) => return Some(found),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(60), self.response.next()).await;
            let chunk = chunk.expect("an event in time")?.ok()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads until an event of that kind, and gives all up to it.
    async fn until(&mut self, kind: &str) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await.expect("the stream goes on");
            let found = frame.1 == kind;
            frames.push(frame);
            if found {
                return frames;
            }
        }
    }
}

fn kinds(frames: &[Frame]) -> Vec<&str> {
    frames.iter().map(|(_, kind, _)| kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_is_followed_from_submitting_to_the_end() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let mut stream = Stream::open(&world.admin, "/events", None).await;
    assert_eq!(stream.next().await.unwrap().1, "ready");
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let frames = stream.until("release.published").await;
    assert_eq!(kinds(&frames)[..2], ["module.created", "release.submitted"]);
    let stages: Vec<&str> = frames
        .iter()
        .filter(|(_, kind, _)| kind == "release.verifying")
        .map(|(_, _, event)| event["data"]["stage"].as_str().unwrap())
        .collect();
    assert_eq!(stages, ["files", "structure", "smoke_run", "concluding"]);
    let (_, _, published) = frames.last().unwrap();
    assert_eq!((&published["module"], &published["version"]), (&json!("acme/tiny"), &json!("1.0.0")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_broke_goes_on_behind_its_last_event() {
    let world = World::new().await;
    let make = async |name: &str| {
        world.admin.post("/modules", json!({"name": format!("acme/{name}"), "kind": "head"})).await.ok();
    };
    let mut stream = Stream::open(&world.admin, "/events", None).await;
    let (begin, ..) = stream.next().await.unwrap();
    make("one").await;
    let (first, _, event) = stream.next().await.unwrap();
    assert_eq!(event["module"], "acme/one");
    drop(stream);
    make("two").await;
    make("three").await;
    let mut again = Stream::open(&world.admin, "/events", Some(&first)).await;
    let missed: Vec<Value> =
        again.until("module.created").await.into_iter().map(|(_, _, e)| e["module"].clone()).collect();
    assert_eq!(missed.last().unwrap(), "acme/two");
    assert_eq!(again.next().await.unwrap().2["module"], "acme/three");
    // From the beginning on everything is there again, in the same order.
    let mut all = Stream::open(&world.admin, &format!("/events?after={begin}"), None).await;
    all.next().await;
    for name in ["one", "two", "three"] {
        assert_eq!(all.next().await.unwrap().2["module"], format!("acme/{name}"));
    }
    world.admin.get("/events?after=yesterday").await.refused(400, "bad_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_slow_transaction_is_not_lost_behind_a_quick_one() {
    let world = World::new().await;
    let mut stream = Stream::open(&world.admin, "/events", None).await;
    stream.next().await;
    let mut slow = world.app.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO events (kind, namespace_id, module) SELECT 'module.created', id, 'acme/slow' FROM namespaces",
    )
    .execute(&mut *slow)
    .await
    .unwrap();
    world.admin.post("/modules", json!({"name": "acme/quick", "kind": "head"})).await.ok();
    tokio::time::sleep(Duration::from_millis(400)).await;
    slow.commit().await.unwrap();
    let mut seen = vec![stream.next().await.unwrap().2["module"].clone()];
    seen.push(stream.next().await.unwrap().2["module"].clone());
    assert_eq!(seen, ["acme/slow", "acme/quick"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_what_they_may_not_see() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.namespace("hidden", "private").await;
    let reader = world.person("rea", Some(("acme", "reader"))).await;
    let mut nobody = Stream::open(&world.anonymous(), "/events", None).await;
    let mut reads = Stream::open(&reader, "/events", None).await;
    nobody.next().await;
    reads.next().await;
    world.admin.published(&Content::backbone("hidden/secret", "1.0.0")).await;
    let mut broken = Content::backbone("acme/broken", "1.0.0");
    broken.files.insert("model.safetensors".into(), b"none".to_vec());
    world.admin.refused(&broken).await;
    world.admin.post("/modules", json!({"name": "acme/last", "kind": "head"})).await.ok();
    for stream in [&mut nobody, &mut reads] {
        let mut seen = Vec::new();
        loop {
            let (_, kind, event) = stream.next().await.unwrap();
            assert_ne!(event["module"], "hidden/secret");
            assert_ne!(kind, "release.rejected", "{event}");
            seen.push(event["module"].clone());
            if event["module"] == "acme/last" {
                break;
            }
        }
        assert!(seen.contains(&json!("acme/broken")));
    }
    world.anonymous().get("/events?module=hidden/secret").await.refused(404, "not_found");
    let overview = world.anonymous().get("/overview").await.ok();
    assert_eq!((overview["modules"]["backbone"].as_i64(), overview["refused"].clone()), (Some(1), json!([])));
    assert!(!overview.to_string().contains("hidden"), "{overview}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_with_a_hidden_base_are_heard_of_by_those_who_may_read_both() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    world.namespace("hidden", "private").await;
    let mut admin = Stream::open(&world.admin, "/events", None).await;
    let mut nobody = Stream::open(&world.anonymous(), "/events", None).await;
    nobody.next().await;
    world.admin.published(&Content::backbone("hidden/secret", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/topics", "1.0.0", "hidden/secret", "^1")).await;
    let tuned = with_floats(&read("tiny/bert/model/model.safetensors"), |weight| weight * 1.001);
    let next = Content::backbone("hidden/secret", "1.1.0").with_file("model.safetensors", tuned);
    world.admin.published(&next).await;
    world.idle().await;
    world.admin.post("/modules", json!({"name": "acme/last", "kind": "head"})).await.ok();
    assert_eq!(admin.until("pair.judged").await.pop().unwrap().2["data"]["base"], "hidden/secret@1.0.0");
    for (_, kind, event) in nobody.until("module.created").await {
        assert!(!event.to_string().contains("hidden/secret@"), "{kind}: {event}");
    }
    let overview = world.anonymous().get("/overview").await.ok();
    assert!(!overview.to_string().contains("hidden/secret@"), "{overview}");
    let log = world.admin.get("/audit?action=pair.prove&limit=50").await.ok();
    assert!(!log["items"].as_array().unwrap().is_empty());
    assert!(!log.to_string().contains("hidden/secret@"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_soon_after_its_token_however_much_happens() {
    let world = World::new().await;
    let made = world.admin.post("/tokens", json!({"name": "for a while"})).await.ok();
    let follower = world.admin.with_token(made["token"].as_str());
    let mut stream = Stream::open(&follower, "/events", None).await;
    stream.next().await;
    world.admin.delete(&format!("/tokens/{}", made["id"].as_str().unwrap())).await.ok();
    let busy = async {
        for number in 0.. {
            let module = json!({"name": format!("acme/m{number}"), "kind": "head"});
            world.admin.post("/modules", module).await.ok();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    let end = async { while stream.next().await.is_some() {} };
    let ended = tokio::time::timeout(Duration::from_secs(30), async {
        tokio::select! { () = end => {}, () = busy => {} }
    });
    ended.await.expect("the stream ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_module_have_its_pairs_too() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let mut stream = Stream::open(&world.admin, "/events", None).await;
    let (begin, ..) = stream.next().await.unwrap();
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/topics", "1.0.0", "acme/tiny", "^1")).await;
    let mut tiny = Stream::open(&world.admin, &format!("/events?module=Acme/Tiny&after={begin}"), None).await;
    let judged = tiny.until("pair.judged").await.pop().unwrap().2;
    assert_eq!(
        (&judged["module"], &judged["data"]),
        (&json!("acme/topics"), &json!({"base": "acme/tiny@1.0.0", "verdict": "compatible"}))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_says_what_is_there_under_way_and_wrong() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let empty = world.anonymous().get("/overview").await.ok();
    assert_eq!(
        (&empty["modules"], &empty["recent"], &empty["health"]["status"]),
        (&json!({}), &json!([]), &json!("no_worker"))
    );
    let waiting = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
    let overview = world.admin.get("/overview").await.ok();
    assert_eq!(
        (&overview["under_way"][0]["module"], &overview["under_way"][0]["stage"]),
        (&json!("acme/tiny"), &json!("queued"))
    );
    assert_eq!(overview["health"]["waiting"], 1);
    assert!(overview["health"]["oldest_waiting"].is_string());
    let _worker = world.worker(&engine);
    world.admin.verdict(crate::support::client::id(&waiting)).await;
    let mut broken = Content::backbone("acme/broken", "1.0.0");
    broken.files.insert("model.safetensors".into(), b"none".to_vec());
    world.admin.refused(&broken).await;
    let reason = json!({"reason": "it answers only `games`"});
    world.admin.post("/modules/acme/tiny/releases/1.0.0/quarantine", reason).await.ok();
    world.idle().await;
    let overview = world.admin.get("/overview").await.ok();
    assert_eq!(overview["under_way"], json!([]));
    assert_eq!(overview["refused"][0]["module"], "acme/broken");
    assert!(overview["refused"][0]["reason"].as_str().is_some_and(|why| !why.is_empty()));
    assert_eq!(overview["quarantined"][0]["reason"], "it answers only `games`");
    assert_eq!(overview["recent"][0]["kind"], "release.quarantined");
    assert_eq!(overview["releases"], json!({"quarantined": 1, "rejected": 1}));
    let worker = &overview["health"]["workers"][0];
    assert!(worker["name"].is_string() && worker["problem"].is_null(), "{worker}");
    let public = world.anonymous().get("/overview").await.ok();
    assert!(public["health"]["workers"][0]["name"].is_null(), "{public}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_is_gone_and_one_that_cannot_run_the_engine_says_why() {
    let world = World::new().await;
    let engine = Engine::agreeing();
    let worker = world.worker(&engine);
    let health = async || world.admin.get("/overview").await.ok()["health"].clone();
    let until = async |status: &str| {
        for _ in 0..200 {
            if health().await["status"] == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never was {status}: {}", health().await);
    };
    until("idle").await;
    worker.stop().await;
    until("no_worker").await;
    let broken = Engine::agreeing();
    broken.checks_with("echo 'landlock: the kernel is too old' >&2; exit 1");
    let _worker = world.worker(&broken);
    until("impaired").await;
    assert_eq!(
        health().await["workers"][0]["problem"],
        "No module is run, because the engine cannot be confined here: landlock: the kernel is too old"
    );
}
