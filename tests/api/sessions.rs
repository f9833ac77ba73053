//! Sessions of browsers.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::client::send;
use crate::support::{Answer, Client, World};

/// Signs in, and gives what the browser would send from then on.
async fn sign_in(client: &Client, token: &str) -> (Answer, String) {
    let answer = client.with_token(None).post("/session", json!({ "token": token })).await;
    let cookie = answer.headers.get("set-cookie").map(|value| value.to_str().unwrap().to_owned());
    let pair = cookie.unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
    (answer, pair)
}

fn with(client: &Client, method: Method, path: &str, cookie: &str) -> RequestBuilder {
    client.with_token(None).request(method, path).header("cookie", cookie)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_becomes_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let world = World::new().await;
    let (answer, cookie) = sign_in(&world.admin, world.admin.token.as_ref().unwrap()).await;
    assert_eq!(answer.ok()["actor"], "admin");
    let set = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "over plain HTTP the browser would drop it: {set}");
    let me = send(with(&world.admin, Method::GET, "/whoami", &cookie)).await.ok();
    assert_eq!((&me["actor"], me["expires_at"].is_string()), (&json!("admin"), true));
    assert_eq!(world.count("SELECT count(*) FROM sessions").await, 1);
    let audit = world.admin.get("/audit?action=session.open").await.ok();
    assert_eq!(audit["items"][0]["subject"], "admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_tls_the_cookie_never_travels_without_it() {
    let world = World::new().await;
    let request = world.anonymous().request(Method::POST, "/session").header("x-forwarded-proto", "https");
    let answer = send(request.json(&json!({"token": world.admin.token}))).await;
    assert!(answer.header("set-cookie").contains("Secure"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_with_the_cookie_is_taken_from_the_same_origin_only() {
    let world = World::new().await;
    let (_, cookie) = sign_in(&world.admin, world.admin.token.as_ref().unwrap()).await;
    let own = world.admin.base.clone();
    let change = |name: &str| {
        with(&world.admin, Method::POST, "/namespaces", &cookie)
            .json(&json!({"name": name, "visibility": "public"}))
    };
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        send(change("stolen").header(header, value)).await.refused(403, "cross_site_request");
    }
    send(change("first").header("sec-fetch-site", "same-origin")).await.ok();
    send(change("second").header("origin", &own)).await.ok();
    // What is only read needs no such care, and a token is sent by no other site.
    let read = with(&world.admin, Method::GET, "/whoami", &cookie).header("sec-fetch-site", "cross-site");
    send(read).await.ok();
    let token = world.admin.request(Method::POST, "/namespaces").header("origin", "https://ci.example");
    send(token.json(&json!({"name": "third", "visibility": "public"}))).await.ok();
    // Nobody is signed in by another site either.
    let forced = world.anonymous().request(Method::POST, "/session").header("sec-fetch-site", "cross-site");
    send(forced.json(&json!({"token": world.admin.token}))).await.refused(403, "cross_site_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_time_its_token_or_signing_out() {
    let world = World::new().await;
    let person = world.person("ana", Some(("acme", "publisher"))).await;
    let token = person.token.clone().unwrap();
    let whoami = async |cookie: &str| send(with(&world.admin, Method::GET, "/whoami", cookie)).await;

    let (_, cookie) = sign_in(&person, &token).await;
    world.sql("UPDATE sessions SET expires_at = now() - interval '1 second'").await.unwrap();
    let ended = whoami(&cookie).await;
    ended.refused(401, "session_expired");
    assert!(ended.header("set-cookie").contains("Max-Age=0"), "the browser forgets it");

    let (_, cookie) = sign_in(&person, &token).await;
    let out = send(with(&world.admin, Method::DELETE, "/session", &cookie)).await;
    assert_eq!((out.status, out.header("set-cookie").contains("Max-Age=0")), (204, true));
    whoami(&cookie).await.refused(401, "session_expired");
    assert_eq!(send(with(&world.admin, Method::DELETE, "/session", &cookie)).await.status, 204);

    let (_, cookie) = sign_in(&person, &token).await;
    let tokens = person.get("/tokens").await.ok();
    person.delete(&format!("/tokens/{}", tokens["items"][0]["id"].as_str().unwrap())).await.ok();
    whoami(&cookie).await.refused(401, "session_expired");
    sign_in(&person, &token).await.0.refused(401, "token_invalid");
    whoami("cambium_session=cbs_made-up").await.refused(401, "session_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_is_forgotten_by_the_browser_whatever_the_server_can_do() {
    let world = World::new().await;
    let (_, cookie) = sign_in(&world.admin, world.admin.token.as_ref().unwrap()).await;
    let sign_out = || with(&world.admin, Method::DELETE, "/session", &cookie);
    let forced = send(sign_out().header("sec-fetch-site", "cross-site")).await;
    forced.refused(403, "cross_site_request");
    assert!(!forced.headers.contains_key("set-cookie"), "another site signs nobody out");

    let other = send(sign_out().header("authorization", "Bearer cbm_made-up")).await;
    other.refused(401, "token_invalid");
    assert!(other.header("set-cookie").contains("Max-Age=0"));
    world.sql("ALTER TABLE sessions RENAME TO away").await.unwrap();
    let failed = send(sign_out()).await;
    failed.refused(500, "internal");
    assert!(failed.header("set-cookie").contains("Max-Age=0"));
    world.sql("ALTER TABLE away RENAME TO sessions").await.unwrap();
    // It was not closed, and the answer did not say that it was.
    assert_eq!(world.count("SELECT count(*) FROM sessions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_no_token_and_does_no_more_than_it() {
    let world = World::new().await;
    let end = chrono::Utc::now() + chrono::Duration::minutes(10);
    let scope = json!({"namespaces": ["acme"], "actions": ["read"]});
    let token = world.token(json!({"name": "short", "scope": scope, "expires_at": end})).await;
    let (answer, cookie) = sign_in(&world.admin, &token).await;
    let me = answer.ok();
    let ends: chrono::DateTime<chrono::Utc> = me["expires_at"].as_str().unwrap().parse().unwrap();
    assert!(ends <= end);
    assert_eq!(me["permissions"], json!([{"namespace": "acme", "actions": ["read"]}]));
    let change = with(&world.admin, Method::POST, "/modules", &cookie)
        .json(&json!({"name": "acme/x", "kind": "head"}));
    send(change).await.refused(403, "forbidden");
}
