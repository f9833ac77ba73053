//! Workers that die or are told to stop, and a database that goes away.

use std::path::Path;
use std::time::Duration;

use cambium::embedded::{EmbeddedPostgres, Options};
use cambium::{privileges, store};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::client::{errors, id};
use crate::support::content::{read, with_floats};
use crate::support::{Content, Engine, World};

/// What the queue would find out by itself when a dead worker has said nothing for a while.
async fn presume_dead(world: &World) {
    world
        .sql("UPDATE graphile_worker._private_workers SET last_heartbeat_at = now() - interval '1 hour'")
        .await
        .unwrap();
}

async fn attempts(world: &World) -> i64 {
    world.count("SELECT attempts::bigint FROM releases").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_gives_its_job_back_and_the_attempt_is_not_counted() {
    let (world, hanging, engine) = (World::new().await, Engine::hanging(), Engine::real());
    for time in 1..=4 {
        let worker = world.worker(&hanging);
        let submitted = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
        let process = hanging.started(time).await;
        assert_eq!(world.admin.get(&format!("/drafts/{}", id(&submitted))).await.ok()["state"], "verifying");
        worker.stop().await;
        assert!(!Path::new(&format!("/proc/{process}/exe")).exists(), "the engine was left behind");
        assert_eq!(attempts(&world).await, 0);
    }
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    assert_eq!(attempts(&world).await, 1);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_died_is_taken_over_by_another() {
    let (world, hanging, engine) = (World::new().await, Engine::hanging(), Engine::real());
    let worker = world.worker(&hanging);
    let submitted = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
    hanging.started(1).await;
    worker.kill().await;
    presume_dead(&world).await;
    let _worker = world.worker(&engine);
    let release = world.admin.verdict(id(&submitted)).await;
    assert_eq!(release["state"], "published", "{release:#}");
    assert_eq!(attempts(&world).await, 2);
    assert_eq!(world.count("SELECT count(*) FROM smoke_runs WHERE state = 'abandoned'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM smoke_runs WHERE state = 'running'").await, 0);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_took_three_workers_with_it_is_given_up_with_a_finding() {
    let (world, hanging) = (World::new().await, Engine::hanging());
    let submitted = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
    for time in 1..=3 {
        let worker = world.worker(&hanging);
        hanging.started(time).await;
        worker.kill().await;
        presume_dead(&world).await;
    }
    let _worker = world.worker(&hanging);
    let release = world.admin.verdict(id(&submitted)).await;
    assert_eq!(
        (&release["state"], errors(&release)),
        (&json!("rejected"), vec!["verification_abandoned".to_owned()])
    );
    assert_eq!(hanging.starts().len(), 3);
    world.idle().await;
}

/// Kills the engine when it was started that often, as a machine does that runs out of memory.
async fn kill_engine(engine: &Engine, time: usize) {
    kill(Pid::from_raw(engine.started(time).await), Signal::SIGKILL).unwrap();
}

/// Those that wait for another try wait no longer, until the engine was started that often.
async fn hurry_until_started(world: &World, engine: &Engine, times: usize) {
    while engine.starts().len() < times {
        world
            .sql("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE attempts > 0")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_whose_engine_was_killed_from_outside_is_made_again() {
    let (world, hanging, engine) = (World::new().await, Engine::hanging(), Engine::real());
    let worker = world.worker(&hanging);
    let submitted = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
    kill_engine(&hanging, 1).await;
    hurry_until_started(&world, &hanging, 2).await;
    worker.stop().await;
    // The attempt that was ended from outside counts, that of the worker that was told to stop does not.
    assert_eq!(attempts(&world).await, 1);
    let _worker = world.worker(&engine);
    let release = world.admin.verdict(id(&submitted)).await;
    assert_eq!(release["state"], "published", "{release:#}");
    assert_eq!(world.count("SELECT count(*) FROM smoke_runs WHERE state = 'abandoned'").await, 2);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_whose_engine_was_killed_three_times_is_given_up_and_says_so() {
    let (world, hanging) = (World::new().await, Engine::hanging());
    let _worker = world.worker(&hanging);
    let submitted = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
    for time in 1..=3 {
        hurry_until_started(&world, &hanging, time).await;
        kill_engine(&hanging, time).await;
    }
    let release = world.admin.verdict(id(&submitted)).await;
    let given_up = vec!["verification_abandoned".to_owned()];
    assert_eq!((&release["state"], errors(&release)), (&json!("rejected"), given_up), "{release:#}");
    let rules: Vec<&Value> =
        release["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert_eq!(rules, ["killed", "verification_abandoned"]);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_cannot_be_started_keeps_the_job_for_another_try() {
    let (world, engine) = (World::new().await, Engine::real());
    let broken = Engine::hanging();
    std::fs::remove_file(broken.path()).unwrap();
    let worker = world.worker(&broken);
    let submitted = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
    // The attempt itself is given back at once: only the queue remembers it.
    let failed = "SELECT count(*) FROM graphile_worker._private_jobs WHERE last_error IS NOT NULL";
    while world.count(failed).await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    worker.stop().await;
    assert_eq!(attempts(&world).await, 0);
    assert_eq!(world.admin.get(&format!("/drafts/{}", id(&submitted))).await.ok()["state"], "verifying");
    assert_eq!(store::jobs::queue(&world.app.pool).await.unwrap().waiting, 1);
    world.sql("UPDATE graphile_worker._private_jobs SET run_at = now()").await.unwrap();
    let _worker = world.worker(&engine);
    assert_eq!(world.admin.verdict(id(&submitted)).await["state"], "published");
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_requests_are_told_to_come_back_and_then_it_goes_on_by_itself() {
    let place = tempfile::Builder::new().prefix("cambium-away-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let start = async || {
        let account = nix::unistd::Uid::effective()
            .is_root()
            .then(|| privileges::choose_account(Path::new("/"), None).unwrap());
        let options = Options { durable: false, account, ..Options::default() };
        EmbeddedPostgres::start_with(&place.path().join("data"), options).await.unwrap()
    };
    let database = start().await;
    let url = database.url().to_owned();
    let pool = store::connect(&url, 10).unwrap();
    store::migrate(&pool).await.unwrap();
    let (world, engine) = (World::on(pool, None).await, Engine::real());
    let _worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    let waiting = world.admin.draft(&Content::backbone("acme/tiny", "1.1.0")).await;
    world.idle().await;

    database.stop().await;
    for path in ["/modules", "/whoami", "/modules/acme/tiny/releases/1.0.0"] {
        let answer = world.admin.get(path).await;
        let problem = answer.refused(503, "unavailable");
        assert_eq!((&problem["retryable"], answer.header("retry-after")), (&json!(true), "2"));
    }
    world.admin.post("/namespaces", json!({"name": "x"})).await.refused(503, "unavailable");
    let plain = |path: &str| world.admin.http.get(format!("{}{path}", world.admin.base)).send();
    assert_eq!(plain("/readyz").await.unwrap().status().as_u16(), 503);
    assert_eq!(plain("/healthz").await.unwrap().status().as_u16(), 200);

    let database = start().await;
    assert_eq!(database.url(), url);
    assert_eq!(world.admin.get("/modules/acme/tiny/releases/1.0.0").await.ok()["state"], "published");
    assert_eq!(plain("/readyz").await.unwrap().status().as_u16(), 200);
    // The worker too goes on by itself.
    let release = world.admin.published(&Content::backbone("acme/tiny", "1.1.0")).await;
    assert_eq!(id(&release), id(&waiting));
    world.idle().await;
    drop(world);
    database.stop().await;
}

/// A registry whose next run is that of an adapter and a second release of its backbone, which the
/// engine lets hang.
async fn with_open_pair() -> (World, Engine) {
    let (world, engine) = (World::new().await, Engine::agreeing_then_hanging(3));
    let worker = world.worker(&engine);
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    world.admin.published(&Content::adapter("acme/lora", "1.0.0", "acme/tiny", "^1")).await;
    let weights = with_floats(&read("tiny/bert/model/model.safetensors"), |x| x * 1.0005);
    let next = Content::backbone("acme/tiny", "1.1.0").with_file("model.safetensors", weights);
    world.admin.published(&next).await;
    engine.started(4).await;
    worker.stop().await;
    (world, engine)
}

async fn pair(world: &World) -> Value {
    world.admin.get("/compatibility?dependent=acme/lora@1.0.0&base=acme/tiny@1.1.0").await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_of_a_pair_is_given_back_and_made_by_another_worker() {
    let (world, _hanging) = with_open_pair().await;
    // It waits again, and what its worker was told does not count against it.
    assert_eq!(world.count("SELECT count(*) FROM smoke_runs WHERE state <> 'finished'").await, 1);
    let waiting = "SELECT count(*) FROM smoke_runs WHERE state = 'queued' AND attempts = 0";
    assert_eq!(world.count(waiting).await, 1);
    let engine = Engine::real();
    let _worker = world.worker(&engine);
    world.idle().await;
    assert_eq!(pair(&world).await["verdict"], "compatible");
    assert_eq!(engine.starts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_took_three_workers_with_it_stays_unknown_and_says_why() {
    let (world, hanging) = with_open_pair().await;
    for time in 5..=7 {
        let worker = world.worker(&hanging);
        hanging.started(time).await;
        worker.kill().await;
        presume_dead(&world).await;
    }
    let _worker = world.worker(&hanging);
    world.idle().await;
    let pair = pair(&world).await;
    assert_eq!(pair["verdict"], "unknown");
    assert_eq!(pair["findings"][0]["rule"], "smoke_run_abandoned", "{pair:#}");
    assert_eq!(hanging.starts().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_whose_engine_was_killed_three_times_stays_unknown_and_can_be_asked_for_again() {
    let (world, hanging) = with_open_pair().await;
    let worker = world.worker(&hanging);
    for time in 5..=7 {
        hurry_until_started(&world, &hanging, time).await;
        kill_engine(&hanging, time).await;
    }
    world.idle().await;
    worker.stop().await;
    let judged = pair(&world).await;
    assert_eq!(judged["verdict"], "unknown", "{judged:#}");
    let found = judged["findings"].as_array().unwrap();
    assert!(found.iter().any(|finding| finding["rule"] == "killed" && finding["severity"] == "warning"));
    assert_eq!(hanging.starts().len(), 7);

    let engine = Engine::real();
    let _worker = world.worker(&engine);
    let asked = json!({ "dependent": "acme/lora@1.0.0", "base": "acme/tiny@1.1.0" });
    world.admin.post("/smoke-runs", asked).await.ok();
    world.idle().await;
    assert_eq!(pair(&world).await["verdict"], "compatible");
}
