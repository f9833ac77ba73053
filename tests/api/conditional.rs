//! ETags, `If-Match`, `Idempotency-Key`, pages and ranges.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::{id, send};
use crate::support::content::noise;
use crate::support::{Answer, Client, Content, Engine, World};

async fn with_header(
    client: &Client,
    method: Method,
    path: &str,
    header: (&str, &str),
    body: Option<Value>,
) -> Answer {
    let request = client.request(method, path).header(header.0, header.1);
    send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_with_an_old_etag_is_refused_and_what_is_known_is_not_sent_again() {
    let world = World::new().await;
    world.admin.post("/modules", json!({"name": "acme/x", "kind": "head"})).await.ok();
    let etag = world.admin.get("/modules/acme/x").await.header("etag").to_owned();
    let patch = async |etag: &str, text: &str| {
        let body = Some(json!({"description": text}));
        with_header(&world.admin, Method::PATCH, "/modules/acme/x", ("If-Match", etag), body).await
    };
    let changed = patch(&etag, "one").await;
    assert_ne!(changed.header("etag"), etag);
    patch(&etag, "two").await.refused(412, "precondition_failed");
    patch("\"x\"", "two").await.refused(400, "bad_request");
    patch("*", "three").await.ok();
    let now = world.admin.get("/modules/acme/x").await;
    assert_eq!(now.ok()["description"], "three");
    for tag in [now.header("etag"), &format!("\"0\", W/{}", now.header("etag"))] {
        let known =
            with_header(&world.admin, Method::GET, "/modules/acme/x", ("If-None-Match", tag), None).await;
        assert_eq!((known.status, known.body.len()), (304, 0));
        assert_eq!(known.header("cache-control"), "private, no-cache");
    }
    let old = with_header(&world.admin, Method::GET, "/modules/acme/x", ("If-None-Match", &etag), None).await;
    assert_eq!(old.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_change_a_draft_from_the_same_etag_one_succeeds() {
    let world = World::new().await;
    let made = world.admin.post("/drafts", Content::backbone("acme/tiny", "1.0.0").draft()).await;
    let (path, etag) = (format!("/drafts/{}", id(&made.ok())), made.header("etag").to_owned());
    let changes = (0..6).map(|n| {
        let body =
            Content::backbone("acme/tiny", &format!("1.0.{n}")).with_file("n.txt", format!("{n}")).draft();
        let request = world.admin.request(Method::PUT, &path).header("If-Match", &etag).json(&body);
        send(request)
    });
    let mut statuses: Vec<u16> = join_all(changes).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_again_with_its_key_gets_the_same_answer_and_does_nothing_twice() {
    let world = World::new().await;
    let post = async |key: &str, name: &str| {
        let body = Some(json!({"name": name, "kind": "machine"}));
        with_header(&world.admin, Method::POST, "/actors", ("Idempotency-Key", key), body).await
    };
    let first = post("a", "ci").await;
    let again = post("a", "ci").await;
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    post("a", "other").await.refused(422, "idempotency_key_reused");
    // A refusal is kept too.
    post("b", "ci").await.refused(409, "already_exists");
    assert_eq!(post("b", "ci").await.header("idempotency-replayed"), "true");
    post("", "ci").await.refused(400, "bad_request");
    post(&"x".repeat(256), "ci").await.refused(400, "bad_request");
    // Keys belong to those who use them.
    let ada = world.person("ada", None).await;
    let body = Some(json!({"name": "x", "kind": "machine"}));
    with_header(&ada, Method::POST, "/actors", ("Idempotency-Key", "a"), body.clone())
        .await
        .refused(403, "forbidden");
    with_header(&world.anonymous(), Method::POST, "/actors", ("Idempotency-Key", "a"), body)
        .await
        .refused(401, "unauthenticated");
    assert_eq!(world.count("SELECT count(*) FROM actors").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_request_is_under_way_is_told_so_and_free_again_when_its_server_died() {
    let world = World::new().await;
    let post = async || {
        let body = Some(json!({"name": "ci", "kind": "machine"}));
        with_header(&world.admin, Method::POST, "/actors", ("Idempotency-Key", "k"), body).await
    };
    post().await.ok();
    world.sql("UPDATE idempotency_keys SET status = NULL, headers = NULL, body = NULL").await.unwrap();
    let answer = post().await;
    let problem = answer.refused(409, "request_in_progress");
    assert_eq!((&problem["retryable"], answer.headers.contains_key("retry-after")), (&json!(true), true));
    world.sql("UPDATE idempotency_keys SET created_at = now() - interval '2 minutes'").await.unwrap();
    post().await.refused(409, "already_exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_with_one_key_at_once_one_is_carried_out() {
    let world = World::new().await;
    let draft = Content::backbone("acme/tiny", "1.0.0").draft();
    let all = (0..8).map(|_| {
        send(world.admin.request(Method::POST, "/drafts").header("Idempotency-Key", "k").json(&draft))
    });
    for answer in join_all(all).await {
        match answer.status {
            201 => {}
            _ => drop(answer.refused(409, "request_in_progress")),
        }
    }
    assert_eq!(world.count("SELECT count(*) FROM releases").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_every_row_once_also_when_rows_come_between() {
    let world = World::new().await;
    for n in 0..23 {
        world.admin.post("/modules", json!({"name": format!("acme/m{n:02}"), "kind": "head"})).await.ok();
    }
    let (mut seen, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = world.admin.get(&format!("/modules?limit=5{after}")).await.ok();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        // Before the place where the next page begins.
        world.admin.post("/modules", json!({"name": format!("acme/a{pages}"), "kind": "head"})).await.ok();
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let all: BTreeSet<&String> = seen.iter().collect();
    assert_eq!((pages, seen.len(), all.len()), (5, 23, 23));
    let found = world.admin.get("/modules?query=M1&kind=head&namespace=ACME").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 10);
    assert_eq!(world.admin.get("/modules?query=%25").await.ok()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_listed_from_the_highest_version_down_page_by_page() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    for version in ["1.10.0", "1.2.0", "2.0.0-rc.1", "2.0.0", "0.9.0"] {
        world.admin.published(&Content::backbone("acme/tiny", version)).await;
    }
    let mut versions = Vec::new();
    let mut after = String::new();
    loop {
        let page = world.admin.get(&format!("/modules/acme/tiny/releases?limit=2{after}")).await.ok();
        versions.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["version"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(versions, ["2.0.0", "2.0.0-rc.1", "1.10.0", "1.2.0", "0.9.0"]);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_honour_ranges_and_what_is_known_already() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let bytes = noise(100_000, 4);
    let content = Content::backbone("acme/tiny", "1.0.0").with_file("data.dat", bytes.clone());
    world.admin.published(&content).await;
    let path = "/modules/acme/tiny/releases/1.0.0/files/data.dat";
    let whole = world.anonymous().get(path).await;
    assert!(whole.body == bytes && whole.header("accept-ranges") == "bytes");
    assert_eq!(whole.header("content-disposition"), "attachment; filename*=UTF-8''data.dat");
    let etag = whole.header("etag").to_owned();
    let get = async |headers: &[(&str, &str)]| {
        let mut request = world.anonymous().request(Method::GET, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request).await
    };
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=10-19", 10..20),
        ("bytes=99990-", 99_990..100_000),
        ("bytes=-5", 99_995..100_000),
        ("bytes=50-1000000", 50..100_000),
    ] {
        let answer = get(&[("Range", range)]).await;
        assert_eq!(answer.status, 206, "{range}");
        assert!(answer.body == bytes[expected.clone()], "{range}");
        let told = format!("bytes {}-{}/100000", expected.start, expected.end - 1);
        assert_eq!(answer.header("content-range"), told);
    }
    for range in ["bytes=0-1,5-6", "lines=1-2", "bytes=x"] {
        assert_eq!(get(&[("Range", range)]).await.status, 200, "{range}");
    }
    assert_eq!(get(&[("If-None-Match", &etag)]).await.status, 304);
    assert_eq!(get(&[("Range", "bytes=0-9"), ("If-Range", &etag)]).await.status, 206);
    assert_eq!(get(&[("Range", "bytes=0-9"), ("If-Range", "\"other\"")]).await.status, 200);
    let head = send(world.anonymous().request(Method::HEAD, path)).await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "100000", 0));

    let place = "/modules/acme/tiny/releases/1.0.0";
    world.admin.post(&format!("{place}/yank"), json!({"reason": "old"})).await.ok();
    assert_eq!(get(&[]).await.status, 200);
    world.admin.post(&format!("{place}/quarantine"), json!({"reason": "it leaks"})).await.ok();
    let problem = get(&[]).await.refused(451, "release_quarantined");
    assert!(problem["detail"].as_str().unwrap().contains("it leaks"));
    assert_eq!(get(&[("If-None-Match", &etag)]).await.status, 451);
    world.admin.get(path).await.refused(451, "release_quarantined");
    assert_eq!(world.anonymous().get(place).await.ok()["state"], "quarantined");
    world.admin.post(&format!("{place}/restore"), json!({"reason": "it did not"})).await.ok();
    assert!(get(&[]).await.body == bytes);
    world.idle().await;
}
