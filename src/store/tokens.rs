//! API tokens: who they speak for, and for how long.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Tx, parse};
use crate::domain::digest::Digest;
use crate::domain::permission::Scope;
use crate::error::Result;

/// A token, without its text, which is stored nowhere.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id.
    pub id: Uuid,
    /// Whom it speaks for.
    pub actor_id: Uuid,
    /// That actor's name.
    pub actor: String,
    /// What its holder calls it.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    actor_id: Uuid,
    actor: String,
    name: String,
    namespaces: Option<Vec<String>>,
    actions: Option<Vec<String>>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Row {
    fn into_token(self) -> Result<Token> {
        fn all<T: std::str::FromStr>(words: Option<Vec<String>>) -> Result<Option<Vec<T>>> {
            words.map(|words| words.iter().map(|word| parse(word)).collect()).transpose()
        }
        Ok(Token {
            id: self.id,
            actor_id: self.actor_id,
            actor: self.actor,
            name: self.name,
            scope: Scope { namespaces: all(self.namespaces)?, actions: all(self.actions)? },
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        })
    }
}

/// Stores a token by the hash of its text.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, token: &Token, hash: &Digest) -> Result<()> {
    let namespaces: Option<Vec<String>> =
        token.scope.namespaces.as_ref().map(|names| names.iter().map(ToString::to_string).collect());
    let actions: Option<Vec<String>> =
        token.scope.actions.as_ref().map(|actions| actions.iter().map(ToString::to_string).collect());
    sqlx::query!(
        "INSERT INTO tokens (id, actor_id, name, hash, namespaces, actions, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        token.id,
        token.actor_id,
        token.name,
        hash.as_bytes().as_slice(),
        namespaces.as_deref(),
        actions.as_deref(),
        token.created_at,
        token.expires_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The token whose text has this hash, also when it is revoked or expired.
///
/// # Errors
/// When the database does not answer.
pub async fn by_hash(db: impl PgExecutor<'_>, hash: &Digest) -> Result<Option<Token>> {
    sqlx::query_as!(
        Row,
        "SELECT t.id, t.actor_id, a.name AS actor, t.name, t.namespaces, t.actions, t.created_at, t.expires_at,
                t.revoked_at
         FROM tokens t JOIN actors a ON a.id = t.actor_id WHERE t.hash = $1",
        hash.as_bytes().as_slice()
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_token)
    .transpose()
}

/// The token of that id, also when it is revoked or expired.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Token>> {
    sqlx::query_as!(
        Row,
        "SELECT t.id, t.actor_id, a.name AS actor, t.name, t.namespaces, t.actions, t.created_at, t.expires_at,
                t.revoked_at
         FROM tokens t JOIN actors a ON a.id = t.actor_id WHERE t.id = $1",
        id
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_token)
    .transpose()
}

/// The tokens of an actor, oldest first, behind `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_actor(db: impl PgExecutor<'_>, actor: Uuid, after: Uuid, limit: i64) -> Result<Vec<Token>> {
    sqlx::query_as!(
        Row,
        "SELECT t.id, t.actor_id, a.name AS actor, t.name, t.namespaces, t.actions, t.created_at, t.expires_at,
                t.revoked_at
         FROM tokens t JOIN actors a ON a.id = t.actor_id WHERE t.actor_id = $1 AND t.id > $2
         ORDER BY t.id LIMIT $3",
        actor,
        after,
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(Row::into_token)
    .collect()
}

/// Revokes a token; the answer is the token, or `None` when there is none of that id or it was revoked
/// before.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(tx: &mut Tx, id: Uuid) -> Result<Option<Token>> {
    sqlx::query_as!(
        Row,
        "UPDATE tokens t SET revoked_at = now() FROM actors a WHERE t.id = $1 AND t.revoked_at IS NULL AND a.id = t.actor_id
         RETURNING t.id, t.actor_id, a.name AS actor, t.name, t.namespaces, t.actions, t.created_at, t.expires_at,
                   t.revoked_at",
        id
    )
    .fetch_optional(&mut **tx)
    .await?
    .map(Row::into_token)
    .transpose()
}
