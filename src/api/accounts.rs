//! Actors, roles and tokens.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::page::{Page, PageQuery};
use crate::app::accounts::{self, NewToken};
use crate::app::{App, Caller, access, news};
use crate::domain::permission::{Action, Role, Scope};
use crate::error::{Code, Error, Result};
use crate::store::{actors, tokens};

/// Who asks, and what they may do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    /// The actor; absent when nobody signed in.
    pub actor: Option<String>,
    /// Its roles.
    pub roles: Vec<RoleView>,
    /// What the token narrows these to.
    pub scope: Scope,
    /// What may be done where: roles and scope taken together. Reading what is public is not listed.
    pub permissions: Vec<Permission>,
    /// When the session or the token ends; absent for a token without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Events that come later are news: who follows them with this as `after` misses none.
    pub events_after: String,
}

/// What may be done in one namespace, or everywhere.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Permission {
    /// The namespace; absent for the whole registry and every namespace in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The actions.
    pub actions: Vec<Action>,
}

/// A role in a namespace.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleView {
    /// The namespace; absent for a role everywhere.
    pub namespace: Option<String>,
    /// The role.
    pub role: Role,
}

/// Tell who asks.
///
/// The actor that the token speaks for, its roles, and what the token narrows them to.
#[utoipa::path(tag = "accounts", responses((status = 200, body = Identity)))]
#[get("/whoami")]
pub(super) async fn get_identity(app: Data<App>, caller: Caller) -> Result<Json<Identity>> {
    identity(&app, &caller).await.map(Json)
}

/// Who a caller is and what it may do.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn identity(app: &App, caller: &Caller) -> Result<Identity> {
    let roles = caller.rights.grants.iter().map(|grant| RoleView {
        namespace: grant.namespace.as_ref().map(ToString::to_string),
        role: grant.role,
    });
    Ok(Identity {
        actor: caller.actor.as_ref().map(|(_, name)| name.clone()),
        roles: roles.collect(),
        scope: caller.rights.scope.clone(),
        permissions: caller
            .rights
            .permissions()
            .into_iter()
            .map(|(namespace, actions)| Permission { namespace: namespace.map(|n| n.to_string()), actions })
            .collect(),
        expires_at: caller.session_ends_at.or(caller.expires_at),
        events_after: super::events::id(news::now(app).await?),
    })
}

/// What kind of actor it is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A human being.
    Person,
    /// A pipeline, a serving system, another service.
    Machine,
}

/// An actor to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "ci-training", "kind": "machine"}))]
pub struct NewActor {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ActorKind,
}

/// Somebody who acts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ActorView {
    /// Its name.
    pub name: String,
    /// `person` or `machine`.
    pub kind: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<actors::Actor> for ActorView {
    fn from(actor: actors::Actor) -> Self {
        Self { name: actor.name, kind: actor.kind, created_at: actor.created_at }
    }
}

/// Make an actor.
///
/// Only for admins of the whole registry.
#[utoipa::path(tag = "accounts", request_body = NewActor, responses((status = 201, body = ActorView)))]
#[post("/actors")]
pub(super) async fn create_actor(
    app: Data<App>,
    caller: Caller,
    body: Json<NewActor>,
) -> Result<HttpResponse> {
    let kind = match body.kind {
        ActorKind::Person => "person",
        ActorKind::Machine => "machine",
    };
    let actor = accounts::create_actor(&app, &caller, &body.name, kind).await?;
    Ok(HttpResponse::Created().json(ActorView::from(actor)))
}

/// List actors.
///
/// By name. For everybody with a token.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, body = Page<ActorView>)))]
#[get("/actors")]
pub(super) async fn list_actors(
    app: Data<App>,
    caller: Caller,
    page: Query<PageQuery>,
) -> Result<Json<Page<ActorView>>> {
    caller.id()?;
    let after: String = page.key()?.unwrap_or_default();
    let rows = actors::list(&app.pool, &after, page.rows()?).await?;
    Ok(Json(page.page(rows, |actor| actor.name.clone(), ActorView::from)?))
}

/// A token to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "nightly publishing", "actor": "ci-training", "scope": {"namespaces": ["acme"], "actions": ["read", "publish"]}, "expires_at": "2027-06-30T00:00:00Z"}))]
pub struct TokenRequest {
    /// What its holder calls it.
    pub name: String,
    /// Whom it speaks for; the caller when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What it may be used for; everything its actor may do when absent.
    #[serde(default)]
    pub scope: Scope,
    /// When it ends; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Its id.
    pub id: Uuid,
    /// Whom it speaks for.
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
    /// Its text: only in the answer to making it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl From<tokens::Token> for TokenView {
    fn from(token: tokens::Token) -> Self {
        Self {
            id: token.id,
            actor: token.actor,
            name: token.name,
            scope: token.scope,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            token: None,
        }
    }
}

/// Make a token.
///
/// For oneself, none wider than the token that asks; admins make them for others. Its text is in
/// this answer and nowhere else.
#[utoipa::path(tag = "accounts", request_body = TokenRequest, responses((status = 201, body = TokenView)))]
#[post("/tokens")]
pub(super) async fn create_token(
    app: Data<App>,
    caller: Caller,
    body: Json<TokenRequest>,
) -> Result<HttpResponse> {
    let TokenRequest { name, actor, scope, expires_at } = body.into_inner();
    let (token, secret) =
        accounts::create_token(&app, &caller, NewToken { actor, name, scope, expires_at }).await?;
    let mut view = TokenView::from(token);
    view.token = Some(secret);
    Ok(HttpResponse::Created().json(view))
}

/// List one's own tokens.
///
/// Oldest first, expired and revoked ones too.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, body = Page<TokenView>)))]
#[get("/tokens")]
pub(super) async fn list_tokens(
    app: Data<App>,
    caller: Caller,
    page: Query<PageQuery>,
) -> Result<Json<Page<TokenView>>> {
    let after: Uuid = page.key()?.unwrap_or_default();
    let rows = tokens::of_actor(&app.pool, caller.id()?, after, page.rows()?).await?;
    Ok(Json(page.page(rows, |token| token.id, TokenView::from)?))
}

/// Revoke a token.
///
/// One's own, or as an admin of the registry anybody's.
#[utoipa::path(tag = "accounts", responses((status = 204)))]
#[delete("/tokens/{id}")]
pub(super) async fn revoke_token(app: Data<App>, caller: Caller, id: Path<String>) -> Result<HttpResponse> {
    let id = super::id(&id)?;
    accounts::revoke_token(&app, &caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who has which role.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Holder {
    /// The actor.
    pub actor: String,
    /// Its role.
    pub role: Role,
}

/// A role to be given.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "publisher"}))]
pub struct RoleRequest {
    /// The role.
    pub role: Role,
}

/// List who has a role in a namespace.
///
/// Roles everywhere are not listed.
#[utoipa::path(tag = "accounts", responses((status = 200, body = Vec<Holder>)))]
#[get("/namespaces/{namespace}/roles")]
pub(super) async fn list_roles(
    app: Data<App>,
    caller: Caller,
    namespace: Path<String>,
) -> Result<Json<Vec<Holder>>> {
    caller.id()?;
    let namespace = access::namespace(&app, &caller, &namespace.parse()?, Action::Read).await?;
    let holders = actors::holders(&app.pool, namespace.id).await?;
    let views = holders.into_iter().map(|holder| {
        let role = holder.role.parse().map_err(Error::internal)?;
        Ok(Holder { actor: holder.actor, role })
    });
    Ok(Json(views.collect::<Result<_>>()?))
}

/// Give an actor a role in a namespace.
///
/// It replaces the one held there before. Only for admins of the namespace.
#[utoipa::path(tag = "accounts", request_body = RoleRequest, responses((status = 204)))]
#[put("/namespaces/{namespace}/roles/{actor}")]
pub(super) async fn set_role(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    body: Json<RoleRequest>,
) -> Result<HttpResponse> {
    let (namespace, actor) = path.into_inner();
    accounts::set_role(&app, &caller, &namespace.parse()?, &actor, body.role).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take an actor's role in a namespace away.
///
/// Only for admins of the namespace.
#[utoipa::path(tag = "accounts", responses((status = 204)))]
#[delete("/namespaces/{namespace}/roles/{actor}")]
pub(super) async fn remove_role(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (namespace, actor) = path.into_inner();
    if caller.actor.as_ref().is_some_and(|(_, own)| own.eq_ignore_ascii_case(&actor)) {
        return Err(Error::new(Code::StateConflict, "Nobody takes their own role away.")
            .with_remedy("Ask another admin."));
    }
    accounts::remove_role(&app, &caller, &namespace.parse()?, &actor).await?;
    Ok(HttpResponse::NoContent().finish())
}
