//! The HTTP client of the command line.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{credentials, findings, terminal};
use crate::api::page::Page;
use crate::api::problem::Problem;

/// How long a request with a small body may take: longer than the server's longest wait.
const PATIENCE: Duration = Duration::from_secs(75);
/// How long a server that answered before is waited for, as when it is started anew.
const AWAY: Duration = Duration::from_secs(60);
/// How long a server that never answered is waited for.
const ABSENT: Duration = Duration::from_secs(2);
/// Items asked for at once in lists: the most that the server gives.
const PAGE: &str = "200";

/// Which server.
#[derive(Debug, Clone, Args)]
pub struct Connection {
    /// The server.
    #[arg(long, value_name = "URL", env = "CAMBIUM_URL", default_value = "http://127.0.0.1:8123")]
    pub server: Url,
}

/// Why a request got no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server refused it.
    #[error("{}", told(.0))]
    Refused(Box<Problem>),
    /// The server cannot be reached.
    #[error(
        "{server} cannot be reached: {why}\n  Start one with `cambium serve`, or name it with --server or CAMBIUM_URL."
    )]
    Unreachable {
        /// Its URL.
        server: String,
        /// What the connection says.
        why: String,
    },
    /// What answers there is no Cambium server.
    #[error(
        "{server} gave an answer that is none of a Cambium server ({what})\n  Check --server or CAMBIUM_URL."
    )]
    NotCambium {
        /// Its URL.
        server: String,
        /// What it answered.
        what: String,
    },
}

/// A problem as people read it.
fn told(problem: &Problem) -> String {
    let mut text = format!(
        "{}: {}\n  {}",
        problem.code,
        terminal::plain(&problem.detail),
        terminal::plain(&problem.remedy)
    );
    if problem.status == 401 {
        text.push_str("\n  On this command line: `cambium login`, or the variable CAMBIUM_TOKEN.");
    }
    if problem.status >= 500
        && let Some(id) = &problem.request_id
    {
        text.push_str(&format!("\n  The request id is {}.", terminal::plain(id)));
    }
    let findings = findings::rendered(&problem.findings);
    format!("{text}\n{findings}").trim_end().to_owned()
}

impl Failure {
    /// The server's stable code, where it refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => Some(&problem.code),
            _ => None,
        }
    }

    /// Whether the same may go well in a moment: the server is away, or says so itself.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.retryable && problem.status != 507,
            Self::Unreachable { .. } => true,
            Self::NotCambium { .. } => false,
        }
    }
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
    /// Whether the server has ever answered.
    reached: AtomicBool,
}

impl Client {
    /// A client with the token that is known for the server.
    ///
    /// # Errors
    /// When the URL is none of a server, or the credentials file cannot be read.
    pub fn open(connection: &Connection) -> anyhow::Result<Self> {
        Self::with_token(connection, credentials::token(&connection.server)?)
    }

    /// A client with a token.
    ///
    /// # Errors
    /// When the URL is none of a server.
    pub fn with_token(connection: &Connection, token: Option<String>) -> anyhow::Result<Self> {
        let base = connection.server.clone();
        anyhow::ensure!(
            matches!(base.scheme(), "http" | "https") && base.has_host(),
            "`{base}` is no URL of a server: write one such as http://127.0.0.1:8123"
        );
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cambium/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none());
        if credentials::is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let http = builder.build().context("the HTTP client cannot be set up")?;
        Ok(Self { http, base, token, reached: AtomicBool::new(false) })
    }

    /// The server's URL.
    pub const fn server(&self) -> &Url {
        &self.base
    }

    /// The URL of something in the API; each segment is escaped.
    pub fn url<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.base.clone();
        // Only URLs without a host cannot have segments, and `with_token` refuses those.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1"]).extend(segments);
        }
        url
    }

    /// The same for what belongs to a module.
    pub fn module_url<'a>(
        &self,
        module: &'a crate::domain::name::ModuleName,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Url {
        self.url(["modules"].into_iter().chain(module.as_str().split('/')).chain(segments))
    }

    /// Gets a value.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Failure> {
        self.decode(self.send(|| self.request(Method::GET, url.clone()).timeout(PATIENCE)).await?).await
    }

    /// Gets all items of a list, page by page.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn list<T: DeserializeOwned>(&self, mut url: Url, most: usize) -> Result<Vec<T>, Failure> {
        url.query_pairs_mut().append_pair("limit", PAGE);
        let mut items = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let mut page_url = url.clone();
            if let Some(after) = &after {
                page_url.query_pairs_mut().append_pair("after", after);
            }
            let page: Page<T> = self.get(page_url).await?;
            items.extend(page.items);
            after = page.next;
            if after.is_none() || items.len() >= most {
                items.truncate(most);
                return Ok(items);
            }
        }
    }

    /// Posts a value that changes something: sent again, it counts once.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, url: Url, body: &B) -> Result<T, Failure> {
        self.post_if(url, None, body).await
    }

    /// The same, done only when the resource is still at an ETag.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn post_if<B: Serialize, T: DeserializeOwned>(
        &self,
        url: Url,
        etag: Option<i64>,
        body: &B,
    ) -> Result<T, Failure> {
        let key = Uuid::now_v7().to_string();
        let make = || {
            let request = self.request(Method::POST, url.clone()).header("Idempotency-Key", &key);
            let request = match etag {
                Some(etag) => request.header("If-Match", format!("\"{etag}\"")),
                None => request,
            };
            request.json(body).timeout(PATIENCE)
        };
        self.decode(self.send(make).await?).await
    }

    /// Posts a question: nothing changes, or asking twice is harmless by itself.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn ask<B: Serialize, T: DeserializeOwned>(&self, url: Url, body: &B) -> Result<T, Failure> {
        let make = || self.request(Method::POST, url.clone()).json(body).timeout(PATIENCE);
        self.decode(self.send(make).await?).await
    }

    /// Puts a value; the answer may be empty.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn put<B: Serialize>(&self, url: Url, body: &B) -> Result<Response, Failure> {
        self.send(|| self.request(Method::PUT, url.clone()).json(body).timeout(PATIENCE)).await
    }

    /// Deletes.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn delete(&self, url: Url) -> Result<(), Failure> {
        self.send(|| self.request(Method::DELETE, url.clone()).timeout(PATIENCE)).await.map(|_| ())
    }

    /// A request with the token, not sent yet.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn send_once(&self, request: RequestBuilder) -> Result<Response, Failure> {
        self.try_once(request).await.map_err(|(failure, _)| failure)
    }

    /// The value of an answer.
    ///
    /// # Errors
    /// When it is not the value that was asked for.
    pub async fn decode<T: DeserializeOwned>(&self, response: Response) -> Result<T, Failure> {
        let bytes = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&bytes).map_err(|error| self.not_cambium(error.to_string()))
    }

    /// Sends a request that may be sent again, and again while the server is away.
    async fn send(&self, make: impl Fn() -> RequestBuilder) -> Result<Response, Failure> {
        let began = std::time::Instant::now();
        let mut pause = Duration::from_millis(100);
        loop {
            let (failure, told) = match self.try_once(make()).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let most = if self.reached.load(Ordering::Relaxed) { AWAY } else { ABSENT };
            if !failure.is_passing() || began.elapsed() >= most {
                return Err(failure);
            }
            tokio::time::sleep(told.unwrap_or(pause).min(AWAY)).await;
            pause = (pause * 2).min(Duration::from_secs(4));
        }
    }

    /// Sends it once; a failure comes with the time after which the server wants it again.
    async fn try_once(&self, request: RequestBuilder) -> Result<Response, (Failure, Option<Duration>)> {
        let response = request.send().await.map_err(|error| (self.unreachable(&error), None))?;
        self.reached.store(true, Ordering::Relaxed);
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let after = response.headers().get(RETRY_AFTER).and_then(seconds);
        Err((self.failure(status, response).await, after))
    }

    async fn failure(&self, status: StatusCode, response: Response) -> Failure {
        let is_problem = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
        match response.bytes().await {
            Ok(bytes) if is_problem => match serde_json::from_slice(&bytes) {
                Ok(problem) => Failure::Refused(Box::new(problem)),
                Err(error) => self.not_cambium(error.to_string()),
            },
            Ok(_) if matches!(status.as_u16(), 502..=504) => Failure::Unreachable {
                server: self.base.to_string(),
                why: format!("the way to it answers {status}"),
            },
            Ok(_) => self.not_cambium(status.to_string()),
            Err(error) => self.unreachable(&error),
        }
    }

    /// The failure of a broken or refused connection.
    pub fn unreachable(&self, error: &reqwest::Error) -> Failure {
        Failure::Unreachable { server: self.base.to_string(), why: innermost(error) }
    }

    /// The failure of a connection that stopped moving.
    pub fn broken(&self, why: impl Into<String>) -> Failure {
        Failure::Unreachable { server: self.base.to_string(), why: why.into() }
    }

    fn not_cambium(&self, what: impl fmt::Display) -> Failure {
        Failure::NotCambium { server: self.base.to_string(), what: terminal::plain(&what.to_string()) }
    }
}

fn seconds(value: &HeaderValue) -> Option<Duration> {
    value.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

/// The reason at the end of the chain says what happened; those before say only where.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
