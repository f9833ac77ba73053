//! Use cases: each checks who asks, opens a transaction, changes what it is for, writes it into the
//! audit log, queues what follows, and commits.

pub mod access;
pub mod accounts;
pub mod channels;
pub mod compare;
pub mod conclude;
pub mod deploy;
pub mod drafts;
pub mod events;
pub mod housekeeping;
pub mod lineage;
pub mod modules;
pub mod namespaces;
pub mod news;
pub mod overview;
pub mod pairs;
pub mod sessions;
pub mod standing;
pub mod uploads;
pub mod versions;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use self::news::News;
use crate::blobs::Blobs;
use crate::domain::permission::Rights;
use crate::error::{Code, Error, Result};
use crate::store::{Tx, audit};

/// What use cases work with.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub pool: PgPool,
    /// The bytes.
    pub blobs: Blobs,
    /// Tells when there are new events.
    pub news: News,
}

impl App {
    /// The application on a database and a store.
    pub fn new(pool: PgPool, blobs: Blobs) -> Self {
        Self { pool, blobs, news: News::default() }
    }

    /// Begins the transaction of a use case.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(self.pool.begin().await?)
    }
}

/// Who asks.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The actor and its name; none asked without a token.
    pub actor: Option<(Uuid, String)>,
    /// What it may do.
    pub rights: Rights,
    /// The token that it speaks with.
    pub token: Option<Uuid>,
    /// When that token ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the session ends, where it speaks through one.
    pub session_ends_at: Option<DateTime<Utc>>,
    /// Id of the request, for the audit log.
    pub request_id: String,
}

impl Caller {
    /// The actor's id.
    ///
    /// # Errors
    /// `unauthenticated` when nobody signed in.
    pub fn id(&self) -> Result<Uuid> {
        self.actor
            .as_ref()
            .map(|(id, _)| *id)
            .ok_or_else(|| Error::new(Code::Unauthenticated, "This needs a token, and the request has none."))
    }

    /// Writes what was done into the audit log.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        action: &str,
        subject: &str,
        namespace: Option<Uuid>,
        detail: Value,
    ) -> Result<()> {
        let entry = audit::NewEntry {
            actor: self.actor.as_ref().map(|(id, _)| *id),
            action,
            subject,
            namespace,
            detail,
            request_id: Some(&self.request_id),
        };
        audit::insert(tx, &entry).await
    }
}

/// A reason that somebody has to give: not blank, at most 2,000 characters.
pub(crate) fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::new(Code::ReasonMissing, "The reason is empty."));
    }
    if text.chars().count() > 2000 {
        return Err(Error::new(Code::TooLarge, "The reason is longer than 2,000 characters."));
    }
    Ok(text)
}
