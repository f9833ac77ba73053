//! What bad input gets: a clear, stable answer and no half state.

use std::time::{Duration, Instant};

use insta::assert_json_snapshot;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::client::{errors, id, send};
use crate::support::content::{backbone_of_width, digest_of, read};
use crate::support::{Answer, Content, Engine, World};

/// A problem as clients see it, without what differs from request to request.
pub fn told(answer: &Answer, status: u16, code: &str) -> Value {
    let mut problem = answer.refused(status, code);
    assert!(problem.as_object_mut().unwrap().remove("request_id").is_some());
    problem
}

async fn refused_draft(world: &World, body: Value, status: u16, code: &str) -> Value {
    let problem = told(&world.admin.post("/drafts", body).await, status, code);
    for table in ["SELECT count(*) FROM releases", "SELECT count(*) FROM modules"] {
        assert_eq!(sqlx::query_scalar::<_, i64>(table).fetch_one(&world.app.pool).await.unwrap(), 0);
    }
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_kind_is_refused() {
    let world = World::new().await;
    let draft = Content::new("acme/x", "lora", "1.0.0").draft();
    assert_json_snapshot!(refused_draft(&world, draft, 400, "unknown_kind").await);
    let module = json!({"name": "acme/x", "kind": "lora"});
    world.admin.post("/modules", module).await.refused(400, "unknown_kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_names_are_refused() {
    let world = World::new().await;
    for name in [
        "acme",
        "acme/",
        "/x",
        "acme/x/y",
        "acme/x y",
        "acme/-x",
        "acme/x..y",
        "acme/ü",
        "../../etc/passwd",
        "",
    ] {
        refused_draft(&world, Content::new(name, "head", "1.0.0").draft(), 400, "invalid_name").await;
    }
    let draft = Content::new("acme/x y", "head", "1.0.0").draft();
    assert_json_snapshot!(refused_draft(&world, draft, 400, "invalid_name").await);
    for name in ["", "a b", "a/b", "-a", "a.git", "ü"] {
        let answer = world.admin.post("/namespaces", json!({"name": name})).await;
        answer.refused(400, "invalid_name");
        world
            .admin
            .post("/actors", json!({"name": name, "kind": "person"}))
            .await
            .refused(400, "invalid_name");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_versions_and_build_metadata_are_refused() {
    let world = World::new().await;
    for version in
        ["", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "latest", "99999999999999999999.0.0"]
    {
        refused_draft(&world, Content::new("acme/x", "head", version).draft(), 400, "invalid_version").await;
    }
    let draft = Content::new("acme/x", "head", "1.0").draft();
    assert_json_snapshot!("bad_version", refused_draft(&world, draft, 400, "invalid_version").await);
    let draft = Content::new("acme/x", "head", "1.0.0+linux").draft();
    assert_json_snapshot!(
        "build_metadata",
        refused_draft(&world, draft, 400, "build_metadata_refused").await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn file_names_that_lead_elsewhere_are_refused() {
    let world = World::new().await;
    for path in
        ["../x", "/etc/passwd", "a/../../x", "a\\b", "C:x", "a//b", "./a", "", "a\u{0}b", "a/", "x\ny"]
    {
        let draft = Content::new("acme/x", "head", "1.0.0").with_file(path, "x").draft();
        refused_draft(&world, draft, 400, "invalid_name").await;
    }
    let draft = Content::new("acme/x", "head", "1.0.0").with_file("../../etc/cron.d/x", "x").draft();
    assert_json_snapshot!(refused_draft(&world, draft, 400, "invalid_name").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_differ_only_in_case_are_refused() {
    let world = World::new().await;
    let content =
        Content::new("acme/x", "head", "1.0.0").with_file("Module.pt", "x").with_file("module.pt", "y");
    let problem = refused_draft(&world, content.draft(), 400, "invalid_manifest").await;
    assert_json_snapshot!(problem);
    let mut twice = Content::new("acme/x", "head", "1.0.0").with_file("a", "x").draft();
    let file = twice["files"][0].clone();
    twice["files"].as_array_mut().unwrap().push(file);
    refused_draft(&world, twice, 400, "invalid_manifest").await;
    let own = Content::new("acme/x", "head", "1.0.0").with_file("cambium.toml", "x").draft();
    refused_draft(&world, own, 400, "invalid_manifest").await;
    let itself = Content::new("acme/x", "head", "1.0.0").requiring("acme/X", "^1").draft();
    refused_draft(&world, itself, 400, "invalid_manifest").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_of_the_right_shape_is_refused() {
    let world = World::new().await;
    let raw = |body: &'static str| {
        world.admin.request(Method::POST, "/drafts").header(CONTENT_TYPE, "application/json").body(body)
    };
    for body in ["", "{", "[]", "null", "{\"manifest\": {}", "\u{0}", "{\"manifest\":1}"] {
        send(raw(body)).await.refused(400, "bad_request");
    }
    assert_json_snapshot!("malformed", told(&send(raw("{\"manifest\": ")).await, 400, "bad_request"));
    let text = world.admin.request(Method::POST, "/drafts").body("{}");
    send(text).await.refused(400, "bad_request");
    let good = Content::new("acme/x", "head", "1.0.0");
    let mut unknown = good.draft();
    unknown["surprise"] = json!(1);
    refused_draft(&world, unknown, 400, "bad_request").await;
    let mut unknown = good.draft();
    unknown["manifest"]["module"]["flavour"] = json!("sweet");
    let problem = refused_draft(&world, unknown, 400, "invalid_manifest").await;
    assert_json_snapshot!("unknown_field", problem);
    let mut file = good.with_file("a", "x").draft();
    file["files"][0]["size"] = json!(-1);
    refused_draft(&world, file.clone(), 400, "bad_request").await;
    file["files"][0]["digest"] = json!("sha256:xyz");
    refused_draft(&world, file, 400, "invalid_digest").await;
    let deep = format!("{{\"manifest\": {}1{}, \"files\": []}}", "[".repeat(100_000), "]".repeat(100_000));
    let deep =
        world.admin.request(Method::POST, "/drafts").header(CONTENT_TYPE, "application/json").body(deep);
    send(deep).await.refused(400, "bad_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn characters_that_the_database_cannot_hold_are_refused_and_no_accident() {
    let world = World::new().await;
    let nul = "a\u{0}b";
    let manifest = |content: Content| content.draft();
    let mut labelled = Content::new("acme/x", "head", "1.0.0");
    labelled.manifest["module"]["description"] = json!(nul);
    refused_draft(&world, manifest(labelled), 400, "bad_request").await;
    world
        .admin
        .post("/modules", json!({"name": "acme/x", "kind": "head", "description": nul}))
        .await
        .refused(400, "bad_request");
    world.admin.post("/tokens", json!({"name": nul})).await.refused(400, "bad_request");
    for path in ["/modules?query=%00", "/modules/acme/x/channels/%00", "/audit?actor=%00"] {
        let answer = world.admin.get(path).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_of_fifty_megabytes_is_refused_at_once_and_the_server_lives() {
    let world = World::new().await;
    let mut content = Content::new("acme/x", "head", "1.0.0");
    content.manifest["module"]["description"] = json!("x".repeat(50 << 20));
    let begun = Instant::now();
    let answer = world.admin.request(Method::POST, "/drafts").json(&content.draft()).send().await;
    // A server that has answered may hang up on somebody who still sends.
    if let Ok(answer) = answer {
        assert_eq!(answer.status().as_u16(), 413);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "too_large");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    content.manifest["module"]["description"] = json!("x".repeat(2 << 20));
    refused_draft(&world, content.draft(), 413, "too_large").await;
    let long = world.admin.request(Method::POST, "/drafts").header(CONTENT_TYPE, "application/json");
    let pieces = (0..50).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1 << 20]));
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    if let Ok(answer) = long.body(stream).send().await {
        assert_eq!(answer.status().as_u16(), 413);
    }
    assert_eq!(world.admin.get("/whoami").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_body_is_told_its_bound() {
    let world = World::new().await;
    let host = world.admin.base.strip_prefix("http://").unwrap().to_owned();
    let token = world.admin.token.clone().unwrap();
    // Only the head is sent: the announced length is enough to refuse it.
    let answer = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(
            stream,
            "POST /api/v1/drafts HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 52428800\r\n\r\n"
        )
        .unwrap();
        let mut text = vec![0; 4096];
        let length = stream.read(&mut text).unwrap();
        String::from_utf8(text[..length].to_vec()).unwrap()
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("too_large"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_out_of_bounds_and_foreign_keys_are_refused() {
    let world = World::new().await;
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "limit=99999999999",
        "after=x",
        "after=eyJh",
        "after=MQ",
    ] {
        for list in ["/modules", "/namespaces", "/actors", "/tokens", "/drafts", "/audit"] {
            let answer = world.admin.get(&format!("{list}?{query}")).await;
            // A key of numbers is one of the audit log's.
            if (list, query) != ("/audit", "after=MQ") {
                answer.refused(400, "bad_request");
            }
        }
    }
    assert_json_snapshot!("limit", told(&world.admin.get("/modules?limit=201").await, 400, "bad_request"));
    assert_json_snapshot!("after", told(&world.admin.get("/modules?after=x").await, 400, "bad_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    for path in [
        "/drafts/x",
        "/drafts/01890000-0000-7000-8000-000000000000",
        "/uploads/x",
        "/smoke-runs/x",
        "/modules/acme/x",
        "/modules/acme/x/releases",
        "/modules/acme/x/matrix",
        "/modules/nobody/x",
        "/namespaces/nobody",
        "/nothing",
    ] {
        world.admin.get(path).await.refused(404, "not_found");
    }
    for path in ["/compatibility?dependent=x&base=y", "/compatibility"] {
        world.admin.get(path).await.refused(400, "bad_request");
    }
    world.admin.post("/can-i-deploy", json!({"releases": []})).await.refused(400, "bad_request");
    world.admin.post("/uploads", json!({"digest": "md5:x", "size": 1})).await.refused(400, "invalid_digest");
}

/// A release with the files of a folder of bad input, on a good backbone.
fn bad(folder: &str) -> Content {
    let name = format!("acme/{}", folder.replace('_', "-"));
    Content::new(&name, "adapter", "1.0.0").requiring("acme/tiny", "^1").with_folder(&format!("bad/{folder}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_adapter_is_rejected_for_what_is_wrong_with_it() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    for (folder, rules) in [
        ("truncated", vec!["corrupt_file"]),
        ("header_bomb", vec!["header_too_large"]),
        ("nan_weights", vec!["non_finite_weights"]),
        ("wrong_targets", vec!["target_not_found"]),
        ("pickle_adapter", vec!["missing_file", "pickle_refused"]),
    ] {
        let release = world.admin.publish(&bad(folder)).await;
        assert_eq!(
            (&release["state"], errors(&release)),
            (&json!("rejected"), rules.iter().map(|r| (*r).to_owned()).collect()),
            "{folder}: {release:#}"
        );
        assert_json_snapshot!(format!("bad_{folder}"), release["findings"]);
    }
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_never_returns_is_killed_and_rejected() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker_for(&engine, 10);
    world.admin.published(&backbone_of_width(8, "acme/small", "1.0.0")).await;
    let port = |name: &str, width: u64| json!([{"name": name, "dtype": "float32", "dims": ["batch", width]}]);
    let content = Content::new("acme/loop", "head", "1.0.0")
        .requiring("acme/small", "^1")
        .with_folder("bad/infinite_loop")
        .with("interface", json!({"inputs": port("mean_pooled", 8), "outputs": port("y", 4)}));
    assert_eq!(world.admin.refused(&content).await, ["time_limit"]);
    for process in engine.starts() {
        assert!(!std::path::Path::new(&format!("/proc/{process}")).exists(), "{process} still runs");
    }
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pickle_is_refused_under_any_name_and_never_opened() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    let pickle = read("bad/pickle_adapter/adapter_model.bin");
    for (at, name) in ["weights.safetensors", "notes.txt", "model.pt", "data.json"].iter().enumerate() {
        let content = Content::backbone(&format!("acme/tiny-{at}"), "1.0.0").with_file(name, pickle.clone());
        let rules = world.admin.refused(&content).await;
        assert!(rules.contains(&"pickle_refused".to_owned()), "{name}: {rules:?}");
    }
    assert_eq!(engine.starts().len(), 0);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_files_are_named() {
    let (world, engine) = (World::new().await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let adapter = Content::adapter("acme/a", "1.0.0", "acme/tiny", "^1");
    for missing in ["adapter_model.safetensors", "adapter_config.json"] {
        let release = world.admin.publish(&adapter.clone().without_file(missing)).await;
        assert_eq!(errors(&release), ["missing_file"]);
        assert_eq!(release["findings"][0]["subject"], missing);
    }
    let empty = Content::new("acme/empty", "backbone", "1.0.0");
    assert_eq!(world.admin.refused(&empty).await, ["no_files"]);
    let homeless = Content::adapter("acme/b", "1.0.0", "acme/absent", "^1");
    assert_eq!(world.admin.refused(&homeless).await, ["requirement_unsatisfied"]);
    let narrow = Content::adapter("acme/c", "1.0.0", "acme/tiny", "^2");
    assert_eq!(world.admin.refused(&narrow).await, ["requirement_unsatisfied"]);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_outside_of_a_file_is_refused() {
    let (world, engine) = (World::new().await, Engine::agreeing());
    let _worker = world.worker(&engine);
    let release = world
        .admin
        .published(&Content::backbone("acme/tiny", "1.0.0").with_file("a.txt", "0123456789"))
        .await;
    assert_eq!(release["files"][0]["digest"], digest_of(b"0123456789"));
    let file = |range: &'static str| {
        send(
            world
                .admin
                .request(Method::GET, "/modules/acme/tiny/releases/1.0.0/files/a.txt")
                .header("Range", range),
        )
    };
    for range in ["bytes=10-", "bytes=100-200", "bytes=-0"] {
        file(range).await.refused(416, "range_not_satisfiable");
    }
    for path in ["b.txt", "../a.txt", "%2e%2e/%2e%2e/config.json"] {
        let answer = world.admin.get(&format!("/modules/acme/tiny/releases/1.0.0/files/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert!(!id(&release).is_empty());
}
