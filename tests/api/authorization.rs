//! Every operation of the API, asked by those who may not: the list below has to have each of them.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::{id, send};
use crate::support::content::digest_of;
use crate::support::{Answer, Client, Content, Engine, World};

/// Operations that answer to anybody, with what is public.
const PUBLIC: [&str; 8] = [
    "get_facets",
    "get_identity",
    "list_modules",
    "list_namespaces",
    "list_rules",
    "get_overview",
    "follow_events",
    "sign_out",
];

/// Who is refused how.
struct Case {
    /// Without a token.
    anonymous: u16,
    /// With a token and no role in the namespace.
    stranger: u16,
    /// As a reader of the namespace; `None` when readers may.
    reader: Option<u16>,
}

const fn case(anonymous: u16, stranger: u16, reader: Option<u16>) -> Case {
    Case { anonymous, stranger, reader }
}

/// What every operation on a private namespace answers to whom.
fn cases() -> BTreeMap<&'static str, Case> {
    let hidden_to_strangers = [
        "get_namespace",
        "get_module",
        "list_channels",
        "get_channel",
        "list_channel_moves",
        "list_module_moves",
        "list_dependents",
        "get_cadence",
        "get_matrix",
        "get_grid",
        "compare_releases",
        "get_node_lineage",
        "list_releases",
        "get_release",
        "list_files",
        "get_file",
        "get_interface",
        "get_lineage",
        "get_release_smoke_run",
        "get_pair",
        "can_deploy",
        "get_smoke_run",
        "get_proofs",
    ];
    let needs_a_role = [
        "change_namespace",
        "set_role",
        "remove_role",
        "change_module",
        "create_module",
        "point_channel",
        "roll_back_channel",
        "deprecate_release",
        "yank_release",
        "quarantine_release",
        "restore_release",
    ];
    let mut cases: BTreeMap<&'static str, Case> = BTreeMap::new();
    cases.extend(hidden_to_strangers.map(|operation| (operation, case(404, 404, None))));
    cases.extend(needs_a_role.map(|operation| (operation, case(404, 404, Some(403)))));
    // Drafts are hidden from those who may not publish, readers too.
    for operation in ["get_draft", "get_draft_smoke_run", "replace_draft", "delete_draft", "submit_draft"] {
        cases.insert(operation, case(404, 404, Some(404)));
    }
    // Signing in is enough: they answer with what is the caller's own.
    for operation in ["list_actors", "list_audit_entries", "list_drafts", "list_tokens", "create_token"] {
        cases.insert(operation, case(401, 200, None));
    }
    cases.insert("list_roles", case(401, 404, None));
    for operation in ["create_draft", "ask_for_run"] {
        cases.insert(operation, case(401, 404, Some(403)));
    }
    for operation in ["get_upload", "send_bytes", "abort_upload", "revoke_token"] {
        cases.insert(operation, case(401, 404, Some(404)));
    }
    for operation in ["create_actor", "create_namespace", "begin_upload"] {
        cases.insert(operation, case(401, 403, Some(403)));
    }
    for operation in PUBLIC {
        cases.insert(operation, case(200, 200, None));
    }
    // What is sent with it is no token.
    cases.insert("sign_in", case(401, 401, Some(401)));
    cases
}

/// Things in a private namespace.
struct Things {
    draft: String,
    upload: String,
    token: String,
    run: String,
    release: String,
}

async fn hidden(world: &World) -> Things {
    world.namespace("hidden", "private").await;
    let release = world.admin.published(&Content::backbone("hidden/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("hidden/lora", "1.0.0", "hidden/tiny", "^1")).await;
    let point = json!({"version": "1.0.0", "reason": "first"});
    world.admin.put("/modules/hidden/tiny/channels/stable", point).await.ok();
    let draft = world.admin.draft(&Content::backbone("hidden/tiny", "2.0.0")).await;
    let upload = world.admin.begin_upload(b"0123456789").await;
    let token = world.admin.get("/tokens").await.ok()["items"][0].clone();
    let run = world.admin.get("/modules/hidden/tiny/releases/1.0.0/smoke-run").await.ok();
    world.idle().await;
    Things {
        draft: id(&draft).into(),
        upload: id(&upload).into(),
        token: id(&token).into(),
        run: id(&run).into(),
        release: id(&release).into(),
    }
}

/// A good request of an operation on these things.
fn request(
    client: &Client,
    method: &str,
    path: &str,
    operation: &str,
    things: &Things,
) -> reqwest::RequestBuilder {
    let thing = match path {
        _ if path.contains("/drafts/") => &things.draft,
        _ if path.contains("/uploads/") => &things.upload,
        _ if path.contains("/tokens/") => &things.token,
        _ => &things.run,
    };
    let mut path = path.strip_prefix("/api/v1").unwrap().to_owned();
    for (name, value) in [
        ("{namespace}", "hidden"),
        ("{name}", "tiny"),
        ("{channel}", "stable"),
        ("{revision}", "1.0.0"),
        ("{version}", "1.0.0"),
        ("{path}", "config.json"),
        ("{actor}", "admin"),
        ("{id}", thing),
    ] {
        path = path.replace(name, value);
    }
    match operation {
        "get_pair" => path.push_str("?dependent=hidden/lora@1.0.0&base=hidden/tiny@1.0.0"),
        "compare_releases" => path.push_str("?from=1.0.0&to=stable"),
        "get_node_lineage" => path.push_str(&format!("?node=release:{}", things.release)),
        _ => {}
    }
    let request = client.request(Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(), &path);
    match body(operation) {
        Value::Null if operation == "send_bytes" => request.header("Upload-Offset", 0).body("0123456789"),
        Value::Null => request,
        body => request.json(&body),
    }
}

fn body(operation: &str) -> Value {
    match operation {
        "create_actor" => json!({"name": "new", "kind": "person"}),
        "create_namespace" => json!({"name": "new"}),
        "change_namespace" => json!({"visibility": "public"}),
        "set_role" => json!({"role": "admin"}),
        "sign_in" => json!({"token": "cbm_none"}),
        "create_token" => json!({"name": "new"}),
        "create_module" => json!({"name": "hidden/new", "kind": "head"}),
        "change_module" => json!({"description": "new"}),
        "create_draft" | "replace_draft" => Content::backbone("hidden/tiny", "2.0.0").draft(),
        "ask_for_run" => json!({"dependent": "hidden/lora@1.0.0", "base": "hidden/tiny@1.0.0"}),
        "begin_upload" => json!({"digest": digest_of(b"new"), "size": 3}),
        "point_channel" => json!({"version": "1.0.0", "reason": "why"}),
        "deprecate_release" | "yank_release" | "quarantine_release" | "restore_release"
        | "roll_back_channel" => {
            json!({"reason": "why"})
        }
        "can_deploy" => json!({"releases": ["hidden/tiny@1.0.0"]}),
        "submit_draft" => json!({}),
        _ => Value::Null,
    }
}

async fn without_body(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), body: Vec::new() }
}

/// What is wrong with an answer, if anything is.
fn mistake(operation: &str, who: &str, answer: &Answer, expected: u16) -> Option<String> {
    let code = match expected {
        401 if operation == "sign_in" => "token_invalid",
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "not_found",
        _ => "",
    };
    let fits = match expected {
        200 => (200..300).contains(&answer.status),
        _ => answer.status == expected && answer.json()["code"] == code,
    };
    let body = String::from_utf8_lossy(&answer.body);
    (!fits).then(|| format!("{operation} by {who}: {} instead of {expected}: {body}", answer.status))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_those_who_may_not() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let things = hidden(&world).await;
    let (anonymous, stranger) = (world.anonymous(), world.person("stranger", Some(("acme", "reader"))).await);
    let reader = world.person("reader", Some(("hidden", "reader"))).await;
    let document = world.anonymous().get("/openapi.json").await.ok();
    let (mut cases, mut mistakes) = (cases(), Vec::new());
    let before = world.count("SELECT count(*) FROM audit_entries WHERE action NOT LIKE 'token.%'").await;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(name) = operation["operationId"].as_str() else { continue };
            let case = cases.remove(name).unwrap_or_else(|| panic!("{name} has no case of authorization"));
            let ask = async |client: &Client| {
                let request = request(client, method, path, name, &things);
                // A stream has no end to wait for.
                let streams = name == "follow_events";
                if streams { without_body(request).await } else { send(request).await }
            };
            mistakes.extend(mistake(name, "anybody", &ask(&anonymous).await, case.anonymous));
            mistakes.extend(mistake(name, "a stranger", &ask(&stranger).await, case.stranger));
            mistakes.extend(mistake(name, "a reader", &ask(&reader).await, case.reader.unwrap_or(200)));
            if case.anonymous == 200 {
                assert!(PUBLIC.contains(&name), "{name} is open to anybody and not on the list");
            }
        }
    }
    assert_eq!(mistakes, Vec::<String>::new());
    assert!(cases.is_empty(), "these operations are gone: {:?}", cases.keys());
    let after = world.count("SELECT count(*) FROM audit_entries WHERE action NOT LIKE 'token.%'").await;
    assert_eq!(after, before, "somebody who may not changed something");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_leave_out_what_is_private() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    hidden(&world).await;
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("hidden/on-acme", "1.0.0", "acme/tiny", "^1")).await;
    let reader = world.person("reader", Some(("hidden", "reader"))).await;
    for (client, modules, cells) in [(world.anonymous(), 1, 0), (reader, 4, 1), (world.admin.clone(), 4, 1)] {
        let items = |list: Value| list["items"].as_array().unwrap().len();
        assert_eq!(items(client.get("/modules").await.ok()), modules);
        assert_eq!(items(client.get("/modules/acme/tiny/matrix").await.ok()), cells);
    }
    let pair = "/compatibility?dependent=hidden/on-acme@1.0.0&base=acme/tiny@1.0.0";
    world.anonymous().get(pair).await.refused(404, "not_found");
    world.idle().await;
}
