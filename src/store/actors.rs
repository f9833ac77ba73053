//! People and machines, and their roles.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Tx, constraint, parse};
use crate::domain::permission::{Grant, Role};
use crate::error::Result;

/// Somebody who acts.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique without case.
    pub name: String,
    /// `person` or `machine`.
    pub kind: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Makes an actor.
///
/// # Errors
/// `already_exists` when the name is taken.
pub async fn insert(tx: &mut Tx, id: Uuid, name: &str, kind: &str) -> Result<()> {
    sqlx::query!("INSERT INTO actors (id, name, kind) VALUES ($1, $2, $3)", id, name, kind)
        .execute(&mut **tx)
        .await
        .map_err(constraint::refusal)?;
    Ok(())
}

/// The actor of that name.
///
/// # Errors
/// When the database does not answer.
pub async fn by_name(db: impl PgExecutor<'_>, name: &str) -> Result<Option<Actor>> {
    let actor = sqlx::query_as!(
        Actor,
        "SELECT id, name, kind, created_at FROM actors WHERE lower(name) = lower($1)",
        name
    );
    Ok(actor.fetch_optional(db).await?)
}

/// Whether there is any actor: the registry was founded.
///
/// # Errors
/// When the database does not answer.
pub async fn any(db: impl PgExecutor<'_>) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM actors) AS "any!""#).fetch_one(db).await?)
}

/// Makes other servers that would found the registry wait until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_founding(tx: &mut Tx) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('found registry', 0))")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Actors by name, behind `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: impl PgExecutor<'_>, after: &str, limit: i64) -> Result<Vec<Actor>> {
    let actors = sqlx::query_as!(
        Actor,
        "SELECT id, name, kind, created_at FROM actors WHERE lower(name) > lower($1)
         ORDER BY lower(name) LIMIT $2",
        after,
        limit
    );
    Ok(actors.fetch_all(db).await?)
}

/// All roles of an actor.
///
/// # Errors
/// When the database does not answer.
pub async fn grants(db: impl PgExecutor<'_>, actor: Uuid) -> Result<Vec<Grant>> {
    sqlx::query!(
        r#"SELECT n.name AS "namespace?", r.role AS "role!" FROM roles r
           LEFT JOIN namespaces n ON n.id = r.namespace_id WHERE r.actor_id = $1"#,
        actor
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let namespace = row.namespace.as_deref().map(parse).transpose()?;
        Ok(Grant { namespace, role: parse::<Role>(&row.role)? })
    })
    .collect()
}

/// One role of a namespace, with its holder.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The actor's name.
    pub actor: String,
    /// Its role.
    pub role: String,
}

/// Who has a role in a namespace itself (roles everywhere are not listed).
///
/// # Errors
/// When the database does not answer.
pub async fn holders(db: impl PgExecutor<'_>, namespace: Uuid) -> Result<Vec<Holder>> {
    let holders = sqlx::query_as!(
        Holder,
        "SELECT a.name AS actor, r.role FROM roles r JOIN actors a ON a.id = r.actor_id
         WHERE r.namespace_id = $1 ORDER BY lower(a.name)",
        namespace
    );
    Ok(holders.fetch_all(db).await?)
}

/// Gives an actor a role in a namespace, or everywhere; it replaces the one held there before.
///
/// # Errors
/// When the database does not answer.
pub async fn set_role(tx: &mut Tx, actor: Uuid, namespace: Option<Uuid>, role: Role) -> Result<()> {
    sqlx::query!(
        "INSERT INTO roles (id, actor_id, namespace_id, role) VALUES ($1, $2, $3, $4)
         ON CONFLICT ON CONSTRAINT roles_actor_namespace_unique DO UPDATE SET role = excluded.role",
        Uuid::now_v7(),
        actor,
        namespace,
        role.as_str()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the role in a namespace from an actor; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_role(tx: &mut Tx, actor: Uuid, namespace: Uuid) -> Result<bool> {
    let done = sqlx::query!("DELETE FROM roles WHERE actor_id = $1 AND namespace_id = $2", actor, namespace)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() > 0)
}
