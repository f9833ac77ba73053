//! A registry of a test's own: database, folder, server, workers.

use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use cambium::app::{App, accounts, news};
use cambium::blobs::Blobs;
use cambium::config::Config;
use cambium::{api, store, work};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Client, Engine};
use crate::postgres::{self, Database};

/// Seconds that the queue may take to run empty.
const PATIENCE: u64 = 120;

/// A running registry with the public namespace `acme`.
pub struct World {
    pub app: App,
    pub data: TempDir,
    /// The admin of the whole registry.
    pub admin: Client,
    server: ServerHandle,
    stop: CancellationToken,
    database: Option<Database>,
}

/// A worker beside the server.
pub struct Worker {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl World {
    pub async fn new() -> Self {
        let database = postgres::database().await;
        let pool = store::connect(database.url(), 12).unwrap();
        Self::on(pool, Some(database)).await
    }

    /// A registry on a migrated database.
    pub async fn on(pool: PgPool, database: Option<Database>) -> Self {
        let data = TempDir::new().unwrap();
        let app = App::new(pool, Blobs::open(None, data.path()).unwrap());
        let mut token = String::new();
        accounts::found_registry(&app, |text| {
            text.clone_into(&mut token);
            Ok(())
        })
        .await
        .unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(news::listen(app.clone(), stop.clone()));
        let (server, base) = serve(&app);
        let admin = Client { http: reqwest::Client::new(), base, token: Some(token) };
        let world = Self { app, data, admin, server, stop, database };
        world.namespace("acme", "public").await;
        world
    }

    pub async fn namespace(&self, name: &str, visibility: &str) {
        self.admin.post("/namespaces", json!({"name": name, "visibility": visibility})).await.ok();
    }

    /// Starts a worker that runs until the world ends.
    pub fn worker(&self, engine: &Engine) -> Worker {
        self.worker_for(engine, 120)
    }

    pub fn worker_for(&self, engine: &Engine, smoke_seconds: u64) -> Worker {
        let config = Config {
            data: self.data.path().to_owned(),
            listen: String::new(),
            database_url: None,
            store_url: None,
            smoke_runs: 2,
            smoke_seconds,
            engine: Some(engine.path().to_owned()),
            device: Default::default(),
            allow_partial_sandbox: false,
            json_logs: false,
        };
        let (app, stop) = (self.app.clone(), self.stop.child_token());
        let told = stop.clone();
        Worker { stop, task: tokio::spawn(async move { work::work(app, &config, told).await }) }
    }

    /// Somebody new with a role in a namespace, if one is named.
    pub async fn person(&self, name: &str, role: Option<(&str, &str)>) -> Client {
        self.admin.post("/actors", json!({"name": name, "kind": "person"})).await.ok();
        if let Some((namespace, role)) = role {
            let path = format!("/namespaces/{namespace}/roles/{name}");
            self.admin.put(&path, json!({"role": role})).await.ok();
        }
        self.admin.with_token(Some(&self.token(json!({"name": "test", "actor": name})).await))
    }

    pub async fn token(&self, request: Value) -> String {
        self.admin.post("/tokens", request).await.ok()["token"].as_str().unwrap().to_owned()
    }

    pub fn anonymous(&self) -> Client {
        self.admin.with_token(None)
    }

    /// Waits until every job is done.
    pub async fn idle(&self) {
        for _ in 0..PATIENCE * 10 {
            let queue = store::jobs::queue(&self.app.pool).await.unwrap();
            if queue.waiting + queue.running == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("jobs are left");
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.app.pool).await.unwrap()
    }

    /// The database's address, for programs that connect by themselves.
    pub fn database_url(&self) -> &str {
        self.database.as_ref().expect("a database of its own").url()
    }

    /// Runs SQL beside the application.
    pub async fn sql(&self, statement: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(statement).execute(&self.app.pool).await.map(drop)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
        drop(self.server.stop(false));
    }
}

impl Worker {
    /// Tells it to stop, and waits until it has.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// Ends it without a word, as a power failure would.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

fn serve(app: &App) -> (ServerHandle, String) {
    let app = Data::new(app.clone());
    let metrics = Data::new(PrometheusBuilder::new().build_recorder().handle());
    let server = HttpServer::new(move || api::service(app.clone(), metrics.clone()))
        .workers(2)
        .disable_signals()
        .shutdown_timeout(0)
        .bind(("127.0.0.1", 0))
        .unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (handle, base)
}
