//! The only SQL: PostgreSQL through checked queries, an aggregate a file.
//!
//! Functions that read take any executor; those that write take the transaction of their use case.

pub mod actors;
pub mod audit;
pub mod blobs;
pub mod channels;
pub mod constraint;
pub mod drafts;
pub mod events;
pub mod grid;
pub mod idempotency;
pub mod jobs;
pub mod lineage;
pub mod modules;
pub mod namespaces;
pub mod overview;
pub mod pairs;
pub mod parties;
pub mod queued_runs;
pub mod releases;
pub mod sessions;
pub mod smoke_runs;
pub mod states;
pub mod tokens;
pub mod uploads;
pub mod workers;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};

use crate::domain::digest::Digest;
use crate::domain::release::State;
use crate::domain::verdict::Verdict;
use crate::error::{Error, Result};

/// The transaction of a use case.
pub type Tx = Transaction<'static, Postgres>;

/// Connects lazily: the server starts, and answers 503, while the database is away.
///
/// # Errors
/// When the URL cannot be read.
pub fn connect(url: &str, connections: u32) -> Result<PgPool> {
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with(options.application_name("cambium"));
    Ok(pool)
}

/// Brings the schema up to date, the job queue's too.
///
/// # Errors
/// When the database does not answer or holds a schema that is not ours.
pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    sqlx::migrate!().run(pool).await?;
    jobs::migrate(pool).await
}

/// Reads a digest that a column's check keeps at 32 bytes.
fn digest(bytes: &[u8]) -> Result<Digest> {
    let bytes = bytes.try_into().map_err(|_| inconsistent("a digest has 32 bytes"))?;
    Ok(Digest::from_bytes(bytes))
}

/// Reads a verdict that a column's check keeps to the known words.
fn verdict(word: &str) -> Result<Verdict> {
    match word {
        "compatible" => Ok(Verdict::Compatible),
        "unknown" => Ok(Verdict::Unknown),
        "incompatible" => Ok(Verdict::Incompatible),
        _ => Err(inconsistent("a verdict is compatible, unknown or incompatible")),
    }
}

/// Reads a release's state that a column's check keeps to the known words.
fn state(word: &str) -> Result<State> {
    word.parse().map_err(|()| inconsistent(format!("there is no state `{word}`")))
}

/// Reads a stored text as the type that it was written from.
fn parse<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| inconsistent(format!("`{text}` was stored as a {}", std::any::type_name::<T>())))
}

/// The database holds what this program never writes.
fn inconsistent(what: impl Into<String>) -> Error {
    Error::internal(format!("the database is inconsistent: {}", what.into()))
}

/// The inclusive upper bound of a keyset page: one row more tells whether there is a next page.
pub const fn page_limit(limit: u16) -> i64 {
    limit as i64 + 1
}
