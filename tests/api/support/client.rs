//! Somebody who uses the API.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Content;
use super::content::digest_of;

/// Seconds to wait for a verification.
const PATIENCE: u64 = 120;

#[derive(Clone)]
pub struct Client {
    pub http: reqwest::Client,
    /// `http://host:port`.
    pub base: String,
    pub token: Option<String>,
}

/// An answer that came whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Client {
    /// The same somebody with another token, or with none.
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Announces bytes; the answer says where to send them.
    pub async fn begin_upload(&self, bytes: &[u8]) -> Value {
        self.post("/uploads", json!({"digest": digest_of(bytes), "size": bytes.len()})).await.ok()
    }

    pub async fn send_bytes(&self, upload: &str, offset: usize, bytes: &[u8]) -> Answer {
        let request = self.request(Method::PATCH, &format!("/uploads/{upload}"));
        send(request.header("Upload-Offset", offset).body(bytes.to_vec())).await
    }

    /// Uploads bytes, whoever else does so at the same time.
    pub async fn upload(&self, bytes: &[u8]) {
        for _ in 0..100 {
            let begun = self.begin_upload(bytes).await;
            if begun["complete"] == true {
                return;
            }
            let offset = usize::try_from(begun["offset"].as_u64().unwrap()).unwrap();
            let answer = self.send_bytes(begun["id"].as_str().unwrap(), offset, &bytes[offset..]).await;
            match answer.status {
                200 => assert_eq!(answer.ok()["complete"], true),
                // Somebody else was faster.
                404 | 409 => {}
                _ => panic!("{answer:?}"),
            }
        }
        panic!("the upload came to no end");
    }

    pub async fn draft(&self, content: &Content) -> Value {
        self.post("/drafts", content.draft()).await.ok()
    }

    /// Drafts, uploads and submits; the answer is the release being verified.
    pub async fn submit(&self, content: &Content) -> Value {
        let draft = self.draft(content).await;
        for bytes in content.files.values() {
            self.upload(bytes).await;
        }
        self.post(&format!("/drafts/{}/submit", id(&draft)), json!({})).await.ok()
    }

    /// Waits until a verification has ended.
    pub async fn verdict(&self, draft: &str) -> Value {
        let begun = std::time::Instant::now();
        loop {
            let release = self.get(&format!("/drafts/{draft}?wait=5")).await.ok();
            if release["state"] != "verifying" {
                return release;
            }
            assert!(begun.elapsed().as_secs() < PATIENCE, "the verification came to no end: {release}");
        }
    }

    /// The whole way to `published` or `rejected`.
    pub async fn publish(&self, content: &Content) -> Value {
        let submitted = self.submit(content).await;
        self.verdict(id(&submitted)).await
    }

    pub async fn published(&self, content: &Content) -> Value {
        let release = self.publish(content).await;
        assert_eq!(release["state"], "published", "{:#}", release["findings"]);
        release
    }

    /// The rules that refused a release.
    pub async fn refused(&self, content: &Content) -> Vec<String> {
        let release = self.publish(content).await;
        assert_eq!(release["state"], "rejected", "{release:#}");
        errors(&release)
    }
}

/// Rules of the findings that refuse, sorted.
pub fn errors(view: &Value) -> Vec<String> {
    let findings = view["findings"].as_array().unwrap().iter();
    let mut rules: Vec<String> = findings
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

pub fn id(view: &Value) -> &str {
    view["id"].as_str().unwrap_or_else(|| panic!("no id in {view}"))
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.expect("a whole answer").to_vec() }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body of a success.
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem of a refusal with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some(code), Some(status.into())));
        for member in ["type", "title", "detail", "remedy"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "no {member}: {problem}");
        }
        assert!(self.headers.contains_key("x-request-id"));
        problem
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }
}
