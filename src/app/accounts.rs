//! Actors, their roles and their tokens.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, access};
use crate::domain::digest::Digest;
use crate::domain::name::NamespaceName;
use crate::domain::permission::{Action, Rights, Role, Scope};
use crate::error::{Code, Error, Result};
use crate::store::tokens::Token;
use crate::store::{actors, tokens};

/// What every token's text begins with, so that scanners for leaked secrets can tell it.
const PREFIX: &str = "cbm_";

/// No text of ours is longer, in bytes.
pub(super) const LONGEST_SECRET: usize = 200;

/// Makes the text of a token.
fn new_secret() -> String {
    format!("{PREFIX}{}", random_text())
}

/// 256 random bits as text.
pub(super) fn random_text() -> String {
    let bits: [u8; 32] = rand::random();
    BASE64_URL_SAFE_NO_PAD.encode(bits)
}

/// Who speaks with this text.
///
/// # Errors
/// `token_invalid` when nobody does or the token was revoked, `token_expired` when it ended.
pub async fn authenticate(app: &App, text: &str, request_id: &str, now: DateTime<Utc>) -> Result<Caller> {
    if !text.starts_with(PREFIX) || text.len() > LONGEST_SECRET {
        return Err(unknown_token());
    }
    let token = tokens::by_hash(&app.pool, &Digest::of(text.as_bytes())).await?;
    speaker(app, token.ok_or_else(unknown_token)?, request_id, now).await
}

fn unknown_token() -> Error {
    Error::new(Code::TokenInvalid, "The token is unknown or was revoked.")
}

/// Whom a token speaks for, with what it may do.
pub(super) async fn speaker(app: &App, token: Token, request_id: &str, now: DateTime<Utc>) -> Result<Caller> {
    if token.revoked_at.is_some() {
        return Err(unknown_token());
    }
    if let Some(end) = token.expires_at.filter(|end| *end <= now) {
        return Err(Error::new(
            Code::TokenExpired,
            format!("The token `{}` expired at {}.", token.name, end.to_rfc3339()),
        ));
    }
    let grants = actors::grants(&app.pool, token.actor_id).await?;
    Ok(Caller {
        actor: Some((token.actor_id, token.actor)),
        rights: Rights { grants, scope: token.scope },
        token: Some(token.id),
        expires_at: token.expires_at,
        session_ends_at: None,
        request_id: request_id.to_owned(),
    })
}

/// Makes the first admin when there is no actor yet, and says whether it did. Its token's text is
/// handed to `keep` before anything is committed: a crash between the two leaves a text that opens
/// nothing, never an admin whose token nobody has.
///
/// # Errors
/// When the database does not answer, or `keep` fails.
pub async fn found_registry(app: &App, keep: impl FnOnce(&str) -> Result<()>) -> Result<bool> {
    if actors::any(&app.pool).await? {
        return Ok(false);
    }
    let secret = new_secret();
    let mut tx = app.begin().await?;
    // Of servers that start together one founds the registry; the others then see it.
    actors::lock_founding(&mut tx).await?;
    if actors::any(&mut *tx).await? {
        return Ok(false);
    }
    let actor_id = Uuid::now_v7();
    actors::insert(&mut tx, actor_id, "admin", "person").await?;
    actors::set_role(&mut tx, actor_id, None, Role::Admin).await?;
    let token = Token {
        id: Uuid::now_v7(),
        actor_id,
        actor: "admin".into(),
        name: "first start".into(),
        scope: Scope::default(),
        created_at: Utc::now(),
        expires_at: None,
        revoked_at: None,
    };
    tokens::insert(&mut tx, &token, &Digest::of(secret.as_bytes())).await?;
    let founder = Caller { request_id: "first start".into(), ..Caller::default() };
    founder.audit(&mut tx, "registry.found", "admin", None, json!({})).await?;
    keep(&secret)?;
    tx.commit().await?;
    Ok(true)
}

/// Makes an actor; only for admins of the whole registry.
///
/// # Errors
/// `forbidden`, `invalid_name` or `already_exists`.
pub async fn create_actor(app: &App, caller: &Caller, name: &str, kind: &str) -> Result<actors::Actor> {
    caller.require(None, Action::Administer)?;
    // The same rules as for namespaces: actors stand in the same places.
    let name: NamespaceName = name.parse()?;
    let mut tx = app.begin().await?;
    actors::insert(&mut tx, Uuid::now_v7(), name.as_str(), kind).await?;
    let actor = actors::by_name(&mut *tx, name.as_str()).await?.ok_or_else(|| Error::not_found("actor"))?;
    caller.audit(&mut tx, "actor.create", name.as_str(), None, json!({ "kind": kind })).await?;
    tx.commit().await?;
    Ok(actor)
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whom it speaks for; the caller when absent.
    pub actor: Option<String>,
    /// What its holder calls it.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token; the answer has its text, which is stored nowhere. Everybody makes tokens for
/// themselves, none wider than the one they ask with; admins make them for others.
///
/// # Errors
/// `forbidden`, `not_found` for an unknown actor, `bad_request` for an end that is past.
pub async fn create_token(app: &App, caller: &Caller, new: NewToken) -> Result<(Token, String)> {
    let own = caller.id()?;
    let now = Utc::now();
    if new.name.trim().is_empty() || new.name.len() > 200 {
        return Err(Error::new(Code::BadRequest, "A token needs a name of at most 200 characters."));
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::new(Code::BadRequest, "`expires_at` is in the past."));
    }
    let (actor_id, actor) = match &new.actor {
        None => (own, caller.actor.as_ref().map(|(_, name)| name.clone()).unwrap_or_default()),
        Some(name) => {
            let actor = actors::by_name(&app.pool, name).await?;
            let actor = actor.ok_or_else(|| Error::not_found(format!("actor `{name}`")))?;
            if actor.id != own {
                caller.require(None, Action::Administer)?;
            }
            (actor.id, actor.name)
        }
    };
    if !caller.rights.scope.includes(&new.scope) {
        return Err(Error::new(Code::Forbidden, "A token cannot make one that may do more than itself.")
            .with_remedy("Name only namespaces and actions that this token has, or use a wider one."));
    }
    // A leaked token must not make one that lives on when it has ended.
    let expires_at = match (caller.expires_at, new.expires_at) {
        (Some(own), Some(wanted)) if wanted > own => {
            return Err(Error::new(Code::Forbidden, "A token cannot make one that outlives itself.")
                .with_remedy(format!("Ask for an end no later than {}.", own.to_rfc3339())));
        }
        (own, wanted) => wanted.or(own),
    };
    let secret = new_secret();
    let token = Token {
        id: Uuid::now_v7(),
        actor_id,
        actor,
        name: new.name,
        scope: new.scope,
        created_at: now,
        expires_at,
        revoked_at: None,
    };
    let mut tx = app.begin().await?;
    tokens::insert(&mut tx, &token, &Digest::of(secret.as_bytes())).await?;
    let detail = json!({ "token": token.id, "name": token.name, "scope": token.scope, "expires_at": token.expires_at });
    caller.audit(&mut tx, "token.create", &token.actor, None, detail).await?;
    tx.commit().await?;
    Ok((token, secret))
}

/// Revokes a token: one's own, or as an admin anybody's; none that may do more than the one that asks.
///
/// # Errors
/// `not_found` when there is none that the caller may revoke, `forbidden` for a wider one.
pub async fn revoke_token(app: &App, caller: &Caller, id: Uuid) -> Result<()> {
    let own = caller.id()?;
    let absent = || Error::not_found(format!("token {id}"));
    let mut tx = app.begin().await?;
    let token = tokens::revoke(&mut tx, id).await?.ok_or_else(absent)?;
    if token.actor_id != own && !caller.rights.allow(None, Action::Administer) {
        return Err(absent());
    }
    if !caller.rights.scope.includes(&token.scope) {
        return Err(Error::new(Code::Forbidden, "A token cannot revoke one that may do more than itself.")
            .with_remedy("Use a token that has all the namespaces and actions of the other."));
    }
    caller.audit(&mut tx, "token.revoke", &token.name, None, json!({ "token": id })).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives an actor a role in a namespace.
///
/// # Errors
/// `forbidden`, or `not_found` for an unknown namespace or actor.
pub async fn set_role(
    app: &App,
    caller: &Caller,
    namespace: &NamespaceName,
    actor: &str,
    role: Role,
) -> Result<()> {
    let namespace = access::namespace(app, caller, namespace, Action::Administer).await?;
    let mut tx = app.begin().await?;
    let holder = actors::by_name(&mut *tx, actor).await?;
    let holder = holder.ok_or_else(|| Error::not_found(format!("actor `{actor}`")))?;
    actors::set_role(&mut tx, holder.id, Some(namespace.id), role).await?;
    let detail = json!({ "actor": holder.name, "role": role });
    caller.audit(&mut tx, "role.set", &namespace.name, Some(namespace.id), detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an actor's role in a namespace away.
///
/// # Errors
/// `forbidden`, or `not_found` when there is no such role.
pub async fn remove_role(app: &App, caller: &Caller, namespace: &NamespaceName, actor: &str) -> Result<()> {
    let namespace = access::namespace(app, caller, namespace, Action::Administer).await?;
    let absent = || Error::not_found(format!("role of `{actor}` in `{}`", namespace.name));
    let mut tx = app.begin().await?;
    let holder = actors::by_name(&mut *tx, actor).await?.ok_or_else(absent)?;
    if !actors::remove_role(&mut tx, holder.id, namespace.id).await? {
        return Err(absent());
    }
    caller
        .audit(&mut tx, "role.remove", &namespace.name, Some(namespace.id), json!({ "actor": holder.name }))
        .await?;
    tx.commit().await?;
    Ok(())
}
