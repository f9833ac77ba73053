//! Tokens, roles, and how far they reach.

use serde_json::{Value, json};

use crate::support::client::id;
use crate::support::{Client, Content, World};

async fn make_token(client: &Client, scope: Value) -> Client {
    let made = client.post("/tokens", json!({"name": "narrow", "scope": scope})).await.ok();
    client.with_token(made["token"].as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_token_or_a_bad_one_is_told_so() {
    let world = World::new().await;
    let body = json!({"name": "x"});
    let answer = world.anonymous().post("/namespaces", body.clone()).await;
    answer.refused(401, "unauthenticated");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    for text in ["cbm_unknown", "nonsense", "", "cbm_", &format!("cbm_{}", "x".repeat(10_000))] {
        let client = world.admin.with_token(Some(text));
        client.post("/namespaces", body.clone()).await.refused(401, "token_invalid");
        // A bad token is no anonymous visitor.
        client.get("/modules").await.refused(401, "token_invalid");
    }
    let basic = world.anonymous().request(reqwest::Method::GET, "/whoami").basic_auth("admin", Some("x"));
    crate::support::client::send(basic).await.refused(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_and_an_expired_token_open_nothing() {
    let world = World::new().await;
    let made = world.admin.post("/tokens", json!({"name": "short"})).await.ok();
    let client = world.admin.with_token(made["token"].as_str());
    assert_eq!(client.get("/whoami").await.ok()["actor"], "admin");
    assert_eq!(world.admin.delete(&format!("/tokens/{}", id(&made))).await.status, 204);
    client.get("/whoami").await.refused(401, "token_invalid");
    world.admin.delete(&format!("/tokens/{}", id(&made))).await.refused(404, "not_found");

    let tomorrow = chrono::Utc::now() + chrono::Duration::days(1);
    let made = world.admin.post("/tokens", json!({"name": "ends", "expires_at": tomorrow})).await.ok();
    let client = world.admin.with_token(made["token"].as_str());
    assert_eq!(client.get("/whoami").await.status, 200);
    world
        .sql("UPDATE tokens SET expires_at = now() - interval '1 second' WHERE name = 'ends'")
        .await
        .unwrap();
    client.get("/whoami").await.refused(401, "token_expired");
    let past = json!({"name": "x", "expires_at": "2020-01-01T00:00:00Z"});
    world.admin.post("/tokens", past).await.refused(400, "bad_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_token_is_stored_nowhere() {
    let world = World::new().await;
    let request = world.admin.request(reqwest::Method::POST, "/tokens").header("Idempotency-Key", "k");
    let made = crate::support::client::send(request.json(&json!({"name": "kept"}))).await.ok();
    let text = made["token"].as_str().unwrap();
    assert!(text.len() >= 43 && text.starts_with("cbm_"));
    let kept: Vec<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT body FROM idempotency_keys").fetch_all(&world.app.pool).await.unwrap();
    assert!(kept.into_iter().flatten().all(|body| !String::from_utf8(body).unwrap().contains(text)));
    let listed = world.admin.get("/tokens").await;
    assert!(!String::from_utf8(listed.body.clone()).unwrap().contains(text));
    assert_eq!(listed.ok()["items"].as_array().unwrap().len(), 2);
    let audit = world.admin.get("/audit").await;
    assert!(!String::from_utf8(audit.body).unwrap().contains(text));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_do_what_those_before_it_may_and_no_more() {
    let world = World::new().await;
    let roles = ["reader", "publisher", "reviewer", "admin"];
    for (rank, role) in roles.iter().enumerate() {
        let client = world.person(&format!("the-{role}"), Some(("acme", role))).await;
        let module = format!("acme/of-{role}");
        let publish = client.post("/modules", json!({"name": module, "kind": "head"})).await;
        let operate = client
            .put(&format!("/modules/{module}/channels/stable"), json!({"version": "1.0.0", "reason": "r"}))
            .await;
        let place = format!("/modules/{module}/releases/1.0.0/quarantine");
        let review = client.post(&place, json!({"reason": "r"})).await;
        let administer = client.patch("/namespaces/acme", json!({"visibility": "public"})).await;
        assert_eq!(client.get("/namespaces/acme").await.status, 200);
        for (answer, least, good) in
            [(publish, 1, 201), (operate, 1, 404), (review, 2, 404), (administer, 3, 200)]
        {
            match rank >= least {
                true => assert_eq!(answer.status, good, "{role}: {answer:?}"),
                false => {
                    let problem = answer.refused(403, "forbidden");
                    assert!(problem["detail"].as_str().unwrap().contains(roles[least]), "{problem}");
                }
            }
        }
        // Roles in a namespace are none in the registry.
        client.post("/namespaces", json!({"name": "mine"})).await.refused(403, "forbidden");
        client.post("/actors", json!({"name": "mine", "kind": "machine"})).await.refused(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_can_be_given_replaced_and_taken_away() {
    let world = World::new().await;
    let ada = world.person("ada", Some(("acme", "reader"))).await;
    let draft = Content::new("acme/x", "head", "1.0.0").draft();
    ada.post("/drafts", draft.clone()).await.refused(403, "forbidden");
    world.admin.put("/namespaces/acme/roles/ada", json!({"role": "publisher"})).await.ok();
    ada.post("/drafts", draft.clone()).await.ok();
    let holders = world.admin.get("/namespaces/acme/roles").await.ok();
    assert!(holders.as_array().unwrap().contains(&json!({"actor": "ada", "role": "publisher"})));
    assert_eq!(world.admin.delete("/namespaces/acme/roles/ada").await.status, 204);
    world.admin.delete("/namespaces/acme/roles/ada").await.refused(404, "not_found");
    ada.post("/drafts", draft).await.refused(403, "forbidden");
    world
        .admin
        .put("/namespaces/acme/roles/nobody", json!({"role": "reader"}))
        .await
        .refused(404, "not_found");
    world.admin.put("/namespaces/acme/roles/ada", json!({"role": "king"})).await.refused(400, "bad_request");
    world.admin.delete("/namespaces/acme/roles/admin").await.refused(409, "state_conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_narrows_its_holder_to_namespaces_and_actions() {
    let world = World::new().await;
    world.namespace("other", "private").await;
    let only_acme = make_token(&world.admin, json!({"namespaces": ["acme"]})).await;
    let draft = |name: &str| Content::new(name, "head", "1.0.0").draft();
    only_acme.post("/drafts", draft("acme/x")).await.ok();
    only_acme.get("/namespaces/other").await.refused(404, "not_found");
    only_acme.post("/drafts", draft("other/x")).await.refused(404, "not_found");
    only_acme.post("/namespaces", json!({"name": "third"})).await.refused(403, "forbidden");
    let listed = only_acme.get("/namespaces").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let only_read = make_token(&world.admin, json!({"actions": ["read"]})).await;
    assert_eq!(only_read.get("/namespaces/other").await.status, 200);
    let problem = only_read.post("/drafts", draft("acme/y")).await.refused(403, "forbidden");
    assert!(problem["detail"].as_str().unwrap().contains("publish"), "{problem}");
    only_read
        .post("/uploads", json!({"digest": format!("sha256:{}", "0".repeat(64)), "size": 1}))
        .await
        .refused(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_cannot_make_a_wider_one() {
    let world = World::new().await;
    let narrow =
        make_token(&world.admin, json!({"namespaces": ["acme"], "actions": ["read", "publish"]})).await;
    for scope in [
        json!({}),
        json!({"namespaces": ["acme"]}),
        json!({"actions": ["read"]}),
        json!({"namespaces": ["acme", "other"], "actions": ["read"]}),
        json!({"namespaces": ["acme"], "actions": ["read", "operate"]}),
    ] {
        let answer = narrow.post("/tokens", json!({"name": "wide", "scope": scope})).await;
        answer.refused(403, "forbidden");
    }
    let narrower = make_token(&narrow, json!({"namespaces": ["Acme"], "actions": ["read"]})).await;
    assert_eq!(
        narrower.get("/whoami").await.ok()["scope"],
        json!({"namespaces": ["Acme"], "actions": ["read"]})
    );
    let for_others = narrow
        .post(
            "/tokens",
            json!({"name": "x", "actor": "nobody", "scope": {"namespaces": ["acme"], "actions": ["read"]}}),
        )
        .await;
    for_others.refused(404, "not_found");
    let ada = world.person("ada", None).await;
    ada.post("/tokens", json!({"name": "x", "actor": "admin"})).await.refused(403, "forbidden");
    let own = ada.get("/tokens").await.ok();
    let admins = world.admin.get("/tokens").await.ok();
    ada.delete(&format!("/tokens/{}", id(&admins["items"][0]))).await.refused(404, "not_found");
    assert_eq!(world.admin.delete(&format!("/tokens/{}", id(&own["items"][0]))).await.status, 204);
    ada.get("/whoami").await.refused(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_token_keeps_its_limits_where_tokens_and_drafts_are_concerned() {
    let world = World::new().await;
    let draft = world.admin.draft(&Content::new("acme/x", "head", "1.0.0")).await;
    let all = world.admin.get("/tokens").await.ok();
    let reader = make_token(&world.admin, json!({"actions": ["read"]})).await;
    let place = format!("/drafts/{}", id(&draft));
    reader.delete(&place).await.refused(404, "not_found");
    reader.post(&format!("{place}/submit"), json!({})).await.refused(404, "not_found");
    let first = format!("/tokens/{}", id(&all["items"][0]));
    reader.delete(&first).await.refused(403, "forbidden");
    assert_eq!(world.admin.get("/whoami").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_for_those_with_a_role_and_cannot_be_changed() {
    let world = World::new().await;
    world.namespace("other", "private").await;
    let ada = world.person("ada", Some(("acme", "reader"))).await;
    world.admin.draft(&Content::new("acme/x", "head", "1.0.0")).await;
    world.admin.draft(&Content::new("other/x", "head", "1.0.0")).await;
    let subjects = |list: Value| -> Vec<String> {
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    let seen = subjects(ada.get("/audit").await.ok());
    assert!(
        seen.contains(&"acme/x@1.0.0".to_owned()) && !seen.iter().any(|subject| subject.contains("other")),
        "{seen:?}"
    );
    assert!(subjects(world.admin.get("/audit?action=draft.create").await.ok()).len() == 2);
    assert!(
        subjects(world.admin.get("/audit?namespace=other&actor=admin").await.ok())
            .contains(&"other/x".to_owned())
    );
    world.anonymous().get("/audit").await.refused(401, "unauthenticated");
    for statement in ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"] {
        let refused = world.sql(statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_narrowed_by_group_of_actions_module_and_time() {
    let world = World::new().await;
    world.namespace("other", "private").await;
    for name in ["acme/tiny", "acme/tiny_2", "acme/tinyX2", "other/tiny"] {
        world.admin.draft(&Content::new(name, "head", "1.0.0")).await;
    }
    let seen = async |client: &Client, query: &str| -> Vec<String> {
        let list = client.get(&format!("/audit?{query}")).await.ok();
        let line = |entry: &Value| format!("{} {}", entry["action"], entry["subject"]).replace('"', "");
        list["items"].as_array().unwrap().iter().map(line).collect()
    };
    let tiny = ["draft.create acme/tiny@1.0.0", "module.create acme/tiny"];
    assert_eq!(seen(&world.admin, "module=acme/tiny").await, tiny);
    assert_eq!(seen(&world.admin, "module=ACME/Tiny&action=draft").await, tiny[..1]);
    // `_` is a letter like others.
    assert_eq!(seen(&world.admin, "module=acme/tiny_2").await.len(), 2);
    for name in ["acme", "", "acme/tiny%25", "acme/tiny@1.0.0"] {
        world.admin.get(&format!("/audit?module={name}")).await.refused(400, "invalid_name");
    }
    assert_eq!(seen(&world.admin, "action=draft").await.len(), 4);
    assert_eq!(seen(&world.admin, "action=draft.create").await.len(), 4);
    assert_eq!(seen(&world.admin, "action=draft.").await, [""; 0]);
    assert_eq!(seen(&world.admin, "action=dra").await, [""; 0]);

    let all = world.admin.get("/audit?module=acme/tiny").await.ok();
    let time = all["items"][0]["happened_at"].as_str().unwrap();
    assert_eq!(seen(&world.admin, &format!("module=acme/tiny&since={time}")).await.len(), 2);
    assert_eq!(seen(&world.admin, &format!("module=acme/tiny&until={time}")).await, [""; 0]);
    assert_eq!(seen(&world.admin, &format!("action=draft&until={time}")).await, [""; 0]);
    let tomorrow =
        (chrono::Utc::now() + chrono::Duration::days(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert_eq!(seen(&world.admin, &format!("action=draft&until={tomorrow}")).await.len(), 4);
    assert_eq!(seen(&world.admin, &format!("since={tomorrow}")).await, [""; 0]);
    for query in ["since=yesterday", "until=2026-13-01T00:00:00Z", "since="] {
        world.admin.get(&format!("/audit?{query}")).await.refused(400, "bad_request");
    }
    let ada = world.person("ada", Some(("acme", "reader"))).await;
    assert_eq!(seen(&ada, "module=other/tiny").await, [""; 0]);
    assert_eq!(seen(&ada, "module=acme/tiny").await, tiny);
    assert_eq!(seen(&ada, "action=draft").await.len(), 3);
}
