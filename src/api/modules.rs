//! Modules.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::etag;
use super::page::{Page, PageQuery};
use crate::app::{self, App, Caller, access};
use crate::domain::module::Kind;
use crate::domain::permission::Action;
use crate::error::{Code, Error, Result};
use crate::store::modules::{self, Filter, Listed, Module};

/// A named thing of one kind.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ModuleView {
    /// `namespace/name`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What its owners say of it.
    pub description: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<Module> for ModuleView {
    fn from(module: Module) -> Self {
        Self {
            name: module.name.to_string(),
            kind: module.kind,
            description: module.description,
            created_at: module.created_at,
        }
    }
}

/// A module in a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ModuleSummary {
    /// The module.
    #[serde(flatten)]
    pub module: ModuleView,
    /// Its highest version that may be used.
    pub latest_version: Option<String>,
    /// When that was published.
    pub latest_published_at: Option<DateTime<Utc>>,
    /// How many releases were published.
    pub releases: i64,
}

impl From<Listed> for ModuleSummary {
    fn from(listed: Listed) -> Self {
        Self {
            module: listed.module.into(),
            latest_version: listed.latest_version,
            latest_published_at: listed.latest_published_at,
            releases: listed.releases,
        }
    }
}

/// Which modules.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ModuleQuery {
    /// Part of the name, in any case.
    pub query: Option<String>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only in this namespace.
    pub namespace: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// How many items, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u16>,
}

/// A module to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "acme/minilm", "kind": "backbone", "description": "Sentence embeddings for every team"}))]
pub struct NewModule {
    /// `namespace/name`.
    pub name: String,
    /// backbone, adapter, head, decoder, bridge or router.
    #[schema(value_type = Kind)]
    pub kind: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
}

/// What may change of a module.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModuleChange {
    /// What it is for.
    pub description: String,
}

/// List modules.
///
/// By name, with the latest version of each.
#[utoipa::path(tag = "modules", params(ModuleQuery), responses((status = 200, body = Page<ModuleSummary>)))]
#[get("/modules")]
pub(super) async fn list_modules(
    app: Data<App>,
    caller: Caller,
    query: Query<ModuleQuery>,
) -> Result<Json<Page<ModuleSummary>>> {
    let ModuleQuery { query, kind, namespace, after, limit } = query.into_inner();
    let page = PageQuery { after, limit };
    let after: String = page.key()?.unwrap_or_default();
    let filter = Filter { query, kind, namespace };
    let rows = modules::list(&app.pool, &caller.visible(), &filter, &after, page.rows()?).await?;
    Ok(Json(page.page(rows, |listed| listed.module.name.to_string(), ModuleSummary::from)?))
}

/// Make a module.
///
/// Publishing the first release of one makes it too.
#[utoipa::path(tag = "modules", request_body = NewModule, responses((status = 201, body = ModuleView)))]
#[post("/modules")]
pub(super) async fn create_module(
    app: Data<App>,
    caller: Caller,
    body: Json<NewModule>,
) -> Result<HttpResponse> {
    let name = body.name.parse()?;
    let kind: Kind = body
        .kind
        .parse()
        .map_err(|e: crate::domain::module::UnknownKind| Error::new(Code::UnknownKind, e.to_string()))?;
    let module = app::modules::create(&app, &caller, &name, kind, &body.description).await?;
    let revision = module.revision;
    Ok(etag::respond_with(HttpResponse::Created(), revision, &ModuleView::from(module)))
}

/// Get a module.
///
/// Its ETag is for changing it.
#[utoipa::path(tag = "modules", responses((status = 200, body = ModuleView), (status = 304)))]
#[get("/modules/{namespace}/{name}")]
pub(super) async fn get_module(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let module = access::module(&app, &caller, &super::module_name(&path.0, &path.1)?, Action::Read).await?;
    let revision = module.revision;
    Ok(etag::respond(&request, revision, &ModuleView::from(module)))
}

/// Change a module.
///
/// With `If-Match` only when nobody else changed it since.
#[utoipa::path(tag = "modules", request_body = ModuleChange, responses((status = 200, body = ModuleView)))]
#[patch("/modules/{namespace}/{name}")]
pub(super) async fn change_module(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Json<ModuleChange>,
) -> Result<HttpResponse> {
    let name = super::module_name(&path.0, &path.1)?;
    let revision = etag::if_match(&request)?;
    let module = app::modules::describe(&app, &caller, &name, revision, &body.description).await?;
    let revision = module.revision;
    Ok(etag::respond_with(HttpResponse::Ok(), revision, &ModuleView::from(module)))
}
