//! Modules.

use std::collections::HashMap;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::etag;
use super::page::{Page, PageQuery};
use crate::app::{self, App, Caller, access};
use crate::domain::finding::excerpt;
use crate::domain::module::Kind;
use crate::domain::permission::Action;
use crate::domain::release::State;
use crate::domain::verdict::Verdict;
use crate::error::{Code, Error, Result};
use crate::store::modules::{self, Filter, Listed, Module};
use crate::store::pairs;

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
    /// The state of its highest version that was ever published: it tells when the newest is yanked or
    /// quarantined.
    pub state: Option<State>,
    /// Tasks of its latest release, in the Hub's words.
    pub tasks: Vec<String>,
    /// Modules that its latest release attaches to, and the model of another place that it comes from.
    pub bases: Vec<String>,
    /// What is known of its latest release with what it attaches to; absent when it attaches to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

impl ModuleSummary {
    fn new(listed: Listed, verdict: Option<Verdict>) -> Self {
        Self {
            module: listed.module.into(),
            latest_version: listed.latest_version,
            latest_published_at: listed.latest_published_at,
            releases: listed.releases,
            state: listed.state,
            tasks: listed.tasks,
            bases: listed.bases,
            verdict,
        }
    }
}

/// Which modules, of a list or to be counted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ModuleQuery {
    /// Part of the name, of the description or of a task, in any case.
    pub query: Option<String>,
    /// Only of these kinds, parted by commas.
    pub kind: Option<String>,
    /// Only in these namespaces, parted by commas.
    pub namespace: Option<String>,
    /// Only with one of these tasks, parted by commas.
    pub task: Option<String>,
    /// Only with one of these `bases`, parted by commas.
    pub base: Option<String>,
    /// Only where the highest published version is in one of these states, parted by commas; `none` for
    /// modules that have no published release.
    pub state: Option<String>,
}

impl ModuleQuery {
    fn filter(self) -> Result<Filter> {
        Ok(Filter {
            query: self.query.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            kinds: words(self.kind).iter().map(|word| kind(word)).collect::<Result<_>>()?,
            namespaces: words(self.namespace),
            tasks: words(self.task),
            bases: words(self.base),
            states: words(self.state).iter().map(|word| state(word)).collect::<Result<_>>()?,
        })
    }
}

/// The words of a list that commas part.
fn words(list: Option<String>) -> Vec<String> {
    let list = list.unwrap_or_default();
    list.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn kind(word: &str) -> Result<Kind> {
    word.parse().map_err(|_| unknown("kind of module", word, Kind::ALL.map(Kind::as_str).as_slice()))
}

fn state(word: &str) -> Result<Option<State>> {
    const NONE: &str = "none";
    if word == NONE {
        return Ok(None);
    }
    let published = || State::ALL.into_iter().filter(|state| state.was_published());
    published().find(|state| state.as_str() == word).map(Some).ok_or_else(|| {
        let known: Vec<&str> = published().map(State::as_str).chain([NONE]).collect();
        unknown("state of a published release", word, &known)
    })
}

fn unknown(what: &str, word: &str, known: &[&str]) -> Error {
    Error::new(Code::BadRequest, format!("`{}` is no {what}.", excerpt(word)))
        .with_remedy(format!("Use {}; several are parted by commas.", known.join(", ")))
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
#[utoipa::path(tag = "modules", params(ModuleQuery, PageQuery), responses((status = 200, body = Page<ModuleSummary>)))]
#[get("/modules")]
pub(super) async fn list_modules(
    app: Data<App>,
    caller: Caller,
    query: Query<ModuleQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<ModuleSummary>>> {
    let (filter, visible) = (query.into_inner().filter()?, caller.visible());
    let after: String = page.key()?.unwrap_or_default();
    let rows = modules::list(&app.pool, &visible, &filter, &after, page.rows()?).await?;
    let latest: Vec<Uuid> = rows.iter().filter_map(|listed| listed.latest_release_id).collect();
    let mut verdicts = pairs::worst(&app.pool, &visible, &latest).await?;
    let view = |listed: Listed| {
        let verdict = listed.latest_release_id.and_then(|id| verdicts.remove(&id));
        ModuleSummary::new(listed, verdict)
    };
    Ok(Json(page.page(rows, |listed| listed.module.name.to_string(), view)?))
}

/// How many modules there are for each value that a list can be narrowed to. Each facet counts under the
/// other filters, not under its own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Facets {
    /// Modules under all filters.
    pub total: i64,
    /// By kind.
    pub kinds: Vec<FacetCount>,
    /// By namespace, the most first, at most 50.
    pub namespaces: Vec<FacetCount>,
    /// By task, the most first, at most 50.
    pub tasks: Vec<FacetCount>,
    /// By what they attach to or come from, the most first, at most 50.
    pub bases: Vec<FacetCount>,
    /// By state of the highest published version; `none` for modules that have none.
    pub states: Vec<FacetCount>,
}

/// A value, and how many modules have it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FacetCount {
    /// The value, as the filter takes it.
    pub value: String,
    /// The modules.
    pub count: i64,
}

/// Count modules by facet.
///
/// Under the same filters as the list.
#[utoipa::path(tag = "modules", params(ModuleQuery), responses((status = 200, body = Facets)))]
#[get("/module-facets")]
pub(super) async fn get_facets(
    app: Data<App>,
    caller: Caller,
    query: Query<ModuleQuery>,
) -> Result<Json<Facets>> {
    let filter = query.into_inner().filter()?;
    let mut counted: HashMap<String, Vec<FacetCount>> = HashMap::new();
    for one in modules::count(&app.pool, &caller.visible(), &filter).await? {
        counted.entry(one.facet).or_default().push(FacetCount { value: one.value, count: one.count });
    }
    let mut facet = |name: &str| counted.remove(name).unwrap_or_default();
    Ok(Json(Facets {
        total: facet("total").first().map_or(0, |total| total.count),
        kinds: facet("kind"),
        namespaces: facet("namespace"),
        tasks: facet("task"),
        bases: facet("base"),
        states: facet("state"),
    }))
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
