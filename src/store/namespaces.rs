//! Namespaces.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Tx, constraint};
use crate::error::Result;

/// An owner of modules.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique without case.
    pub name: String,
    /// `public` or `private`.
    pub visibility: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Namespace {
    /// Whether everybody may see it.
    pub fn is_public(&self) -> bool {
        self.visibility == "public"
    }
}

/// Makes a namespace.
///
/// # Errors
/// `already_exists` when the name is taken.
pub async fn insert(tx: &mut Tx, id: Uuid, name: &str, visibility: &str) -> Result<()> {
    sqlx::query!("INSERT INTO namespaces (id, name, visibility) VALUES ($1, $2, $3)", id, name, visibility)
        .execute(&mut **tx)
        .await
        .map_err(constraint::refusal)?;
    Ok(())
}

/// Changes who may see it.
///
/// # Errors
/// When the database does not answer.
pub async fn set_visibility(tx: &mut Tx, id: Uuid, visibility: &str) -> Result<()> {
    sqlx::query!("UPDATE namespaces SET visibility = $2 WHERE id = $1", id, visibility)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The namespace of that name.
///
/// # Errors
/// When the database does not answer.
pub async fn by_name(db: impl PgExecutor<'_>, name: &str) -> Result<Option<Namespace>> {
    let namespace = sqlx::query_as!(
        Namespace,
        "SELECT id, name, visibility, created_at FROM namespaces WHERE lower(name) = lower($1)",
        name
    );
    Ok(namespace.fetch_optional(db).await?)
}

/// Namespaces by name, behind `after`: the public ones and those in `also`, or all.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: impl PgExecutor<'_>,
    visible: &super::modules::Visible,
    after: &str,
    limit: i64,
) -> Result<Vec<Namespace>> {
    let namespaces = sqlx::query_as!(
        Namespace,
        "SELECT id, name, visibility, created_at FROM namespaces
         WHERE lower(name) > lower($1) AND ($2 OR visibility = 'public' OR lower(name) = ANY($3))
         ORDER BY lower(name) LIMIT $4",
        after,
        visible.everything,
        &visible.namespaces,
        limit
    );
    Ok(namespaces.fetch_all(db).await?)
}
