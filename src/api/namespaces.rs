//! Namespaces.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::{Page, PageQuery};
use crate::app::{self, App, Caller, access};
use crate::domain::permission::Action;
use crate::error::Result;
use crate::store::namespaces;

/// Who may see what is in a namespace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Whoever reaches the server.
    #[default]
    Public,
    /// Those with a role in it.
    Private,
}

/// An owner of modules.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct NamespaceView {
    /// Its name.
    pub name: String,
    /// Who may see what is in it.
    pub visibility: Visibility,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<namespaces::Namespace> for NamespaceView {
    fn from(namespace: namespaces::Namespace) -> Self {
        let visibility = if namespace.is_public() { Visibility::Public } else { Visibility::Private };
        Self { name: namespace.name, visibility, created_at: namespace.created_at }
    }
}

/// A namespace to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "acme", "visibility": "private"}))]
pub struct NewNamespace {
    /// Its name.
    pub name: String,
    /// Who may see what is in it.
    #[serde(default)]
    pub visibility: Visibility,
}

/// What may change of a namespace.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamespaceChange {
    /// Who may see what is in it.
    pub visibility: Visibility,
}

/// List namespaces.
///
/// By name; private ones only for those with a role in them.
#[utoipa::path(tag = "modules", params(PageQuery), responses((status = 200, body = Page<NamespaceView>)))]
#[get("/namespaces")]
pub(super) async fn list_namespaces(
    app: Data<App>,
    caller: Caller,
    page: Query<PageQuery>,
) -> Result<Json<Page<NamespaceView>>> {
    let after: String = page.key()?.unwrap_or_default();
    let rows = namespaces::list(&app.pool, &caller.visible(), &after, page.rows()?).await?;
    Ok(Json(page.page(rows, |namespace| namespace.name.clone(), NamespaceView::from)?))
}

/// Make a namespace.
///
/// Only for admins of the whole registry; its maker becomes its admin.
#[utoipa::path(tag = "modules", request_body = NewNamespace, responses((status = 201, body = NamespaceView)))]
#[post("/namespaces")]
pub(super) async fn create_namespace(
    app: Data<App>,
    caller: Caller,
    body: Json<NewNamespace>,
) -> Result<HttpResponse> {
    let private = body.visibility == Visibility::Private;
    let namespace = app::namespaces::create(&app, &caller, &body.name.parse()?, private).await?;
    Ok(HttpResponse::Created().json(NamespaceView::from(namespace)))
}

/// Get a namespace.
///
/// A private one is only there for those with a role in it.
#[utoipa::path(tag = "modules", responses((status = 200, body = NamespaceView)))]
#[get("/namespaces/{namespace}")]
pub(super) async fn get_namespace(
    app: Data<App>,
    caller: Caller,
    name: Path<String>,
) -> Result<Json<NamespaceView>> {
    let namespace = access::namespace(&app, &caller, &name.parse()?, Action::Read).await?;
    Ok(Json(namespace.into()))
}

/// Change a namespace.
///
/// Only for its admins.
#[utoipa::path(tag = "modules", request_body = NamespaceChange, responses((status = 200, body = NamespaceView)))]
#[patch("/namespaces/{namespace}")]
pub(super) async fn change_namespace(
    app: Data<App>,
    caller: Caller,
    name: Path<String>,
    body: Json<NamespaceChange>,
) -> Result<Json<NamespaceView>> {
    let private = body.visibility == Visibility::Private;
    let namespace = app::namespaces::set_private(&app, &caller, &name.parse()?, private).await?;
    Ok(Json(namespace.into()))
}
