//! Pairs, the matrix, *can I deploy*, and the smoke runs behind them.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::page::{Page, PageQuery};
use crate::app::{App, Caller, access, deploy, pairs};
use crate::domain::compat::{Deployable, Facts};
use crate::domain::finding::Finding;
use crate::domain::module::Kind;
use crate::domain::permission::Action;
use crate::domain::smoke::{Report, Step};
use crate::domain::urgency::Urgency;
use crate::domain::verdict::Verdict;
use crate::error::{Code, Error, Result};
use crate::store::pairs::{Cell, MatrixKey, Pair};
use crate::store::smoke_runs;

/// Which pair.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PairQuery {
    /// What attaches: `namespace/name@version`, or `…@channel`.
    dependent: String,
    /// What it attaches to.
    base: String,
}

/// What is known of a pair.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PairView {
    /// What attaches.
    pub dependent: String,
    /// What kind it is.
    pub dependent_kind: Kind,
    /// What it attaches to.
    pub base: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The three facts that it follows from.
    pub facts: Facts,
    /// One reason each.
    pub findings: Vec<Finding>,
    /// The run that proved or refuted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smoke_run: Option<Uuid>,
    /// When a fact last changed.
    pub updated_at: DateTime<Utc>,
}

fn pair_view(pair: Pair, dependent: String, dependent_kind: Kind, base: String) -> PairView {
    PairView {
        dependent,
        dependent_kind,
        base,
        verdict: pair.verdict,
        facts: pair.facts,
        findings: pair.findings,
        smoke_run: pair.smoke_run_id,
        updated_at: pair.updated_at,
    }
}

/// Get what is known of a pair.
///
/// Declared (the range admits it), structural (names and shapes fit), behavioural (a smoke run proved
/// it): three facts and the verdict that follows.
#[utoipa::path(tag = "compatibility", params(PairQuery), responses((status = 200, body = PairView)))]
#[get("/compatibility")]
pub(super) async fn get_pair(
    app: Data<App>,
    caller: Caller,
    query: Query<PairQuery>,
) -> Result<Json<PairView>> {
    let (dependent, base, pair) = pairs::get(&app, &caller, &query.dependent, &query.base).await?;
    let pair = pair.ok_or_else(|| {
        Error::not_found(format!("pair of {} and {}", dependent.reference(), base.reference()))
            .with_remedy("The first has to require the module of the second, and both have to be published.")
    })?;
    Ok(Json(pair_view(pair, dependent.reference(), dependent.kind, base.reference())))
}

/// Get the matrix of a backbone and its dependents.
///
/// A cell for each release of it and each release that requires it, by dependent.
#[utoipa::path(tag = "compatibility", params(PageQuery), responses((status = 200, body = Page<PairView>)))]
#[get("/modules/{namespace}/{name}/matrix")]
pub(super) async fn get_matrix(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    page: Query<PageQuery>,
) -> Result<Json<Page<PairView>>> {
    let name = super::module_name(&path.0, &path.1)?;
    let key: Option<(String, Uuid, Uuid)> = page.key()?;
    let after = key.map(|(module, dependent, base)| MatrixKey { module, dependent, base });
    let (module, cells) = pairs::matrix(&app, &caller, &name, after.as_ref(), page.rows()?).await?;
    let key = |cell: &Cell| (cell.dependent.to_lowercase(), cell.pair.dependent_id, cell.pair.base_id);
    let view = |cell: Cell| {
        let kind = cell.dependent_kind.parse().unwrap_or(Kind::Adapter);
        let dependent = format!("{}@{}", cell.dependent, cell.dependent_version);
        pair_view(cell.pair, dependent, kind, format!("{}@{}", module.name, cell.base_version))
    };
    Ok(Json(page.page(cells, key, view)?))
}

/// A set of releases.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"releases": ["demo/minilm@1.0.0", "demo/sections@stable"]}))]
pub struct DeployRequest {
    /// Each `namespace/name@version`, or `…@channel`.
    pub releases: Vec<String>,
}

/// Ask whether releases can be deployed together.
///
/// `compatible` is yes, `incompatible` no, `unknown` not yet; with one finding a reason.
#[utoipa::path(tag = "compatibility", request_body = DeployRequest, responses((status = 200, body = Deployable)))]
#[post("/can-i-deploy")]
pub(super) async fn can_deploy(
    app: Data<App>,
    caller: Caller,
    body: Json<DeployRequest>,
) -> Result<Json<Deployable>> {
    Ok(Json(deploy::can_deploy(&app, &caller, &body.releases).await?))
}

/// A smoke run.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SmokeRunView {
    /// Its id.
    pub id: Uuid,
    /// What was put on the backbone; absent when a backbone ran alone.
    pub dependent: Option<String>,
    /// The backbone.
    pub base: Option<String>,
    /// `queued`, `running`, `finished` or `abandoned`.
    pub state: String,
    /// What the engine does, as long as it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// What it came to.
    pub verdict: Option<Verdict>,
    /// The report.
    pub report: Option<Report>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Get a smoke run and its report.
///
/// For those who may read all releases that took part.
#[utoipa::path(tag = "compatibility", responses((status = 200, body = SmokeRunView)))]
#[get("/smoke-runs/{id}")]
pub(super) async fn get_smoke_run(
    app: Data<App>,
    caller: Caller,
    id: Path<String>,
) -> Result<Json<SmokeRunView>> {
    let id = super::id(&id)?;
    let absent = || Error::not_found(format!("smoke run {id}"));
    let run = smoke_runs::by_id(&app.pool, id).await?.ok_or_else(absent)?;
    view(&app, &caller, run).await.map_err(|error| error.or_if_absent(absent)).map(Json)
}

/// Get the smoke run that proved a release.
///
/// Alone, or put on what it was made for. Runs on other backbones belong to those pairs.
#[utoipa::path(tag = "compatibility", responses((status = 200, body = SmokeRunView)))]
#[get("/modules/{namespace}/{name}/releases/{revision}/smoke-run")]
pub(super) async fn get_release_smoke_run(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String, String)>,
) -> Result<Json<SmokeRunView>> {
    let module = super::module_name(&path.0, &path.1)?;
    let release = access::release(&app, &caller, &module, &path.2, Action::Read).await?;
    let absent = || Error::not_found(format!("smoke run of {}", release.reference()));
    let run = smoke_runs::latest_of(&app.pool, release.id).await?.ok_or_else(absent)?;
    // That there was a run is no secret: a published release had one.
    let hidden = || {
        Error::new(
            Code::Forbidden,
            format!("The smoke run of {} is for those who may read all that took part.", release.reference()),
        )
        .with_remedy("Ask for a role in the namespace of what it attaches to.")
    };
    view(&app, &caller, run).await.map_err(|error| error.or_if_absent(hidden)).map(Json)
}

/// A run that is asked for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"dependent": "demo/sections@1.0.0", "base": "demo/minilm@stable"}))]
pub struct RunRequest {
    /// What attaches: `namespace/name@version`, or `…@channel`.
    pub dependent: String,
    /// What it attaches to.
    pub base: String,
}

/// Ask for the smoke run of a pair.
///
/// It goes ahead of all that nobody asked for, and is made even where the pair was proven before. One that waits
/// already is moved ahead; the answer is the run, to be followed at `/smoke-runs/{id}`. For those who may publish
/// in the namespace of either side.
#[utoipa::path(tag = "compatibility", request_body = RunRequest, responses((status = 202, body = SmokeRunView)))]
#[post("/smoke-runs")]
pub(super) async fn ask_for_run(
    app: Data<App>,
    caller: Caller,
    body: Json<RunRequest>,
) -> Result<HttpResponse> {
    let run = pairs::ask(&app, &caller, &body.dependent, &body.base).await?;
    Ok(HttpResponse::Accepted().json(view(&app, &caller, run).await?))
}

/// How far the proofs of what attaches to a release are.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ProgressView {
    /// Pairs that are proven.
    pub compatible: i64,
    /// Pairs of which nothing is known for sure, those included whose run waits.
    pub unknown: i64,
    /// Pairs that are refuted.
    pub incompatible: i64,
    /// Runs that wait, by why they are wanted.
    pub queued: BTreeMap<Urgency, i64>,
    /// Runs that are under way.
    pub running: i64,
}

/// Get how far the proofs of what attaches to a release are.
///
/// Counts of pairs by verdict, and of the runs that are still to be made.
#[utoipa::path(tag = "compatibility", responses((status = 200, body = ProgressView)))]
#[get("/modules/{namespace}/{name}/releases/{revision}/proofs")]
pub(super) async fn get_proofs(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String, String)>,
) -> Result<Json<ProgressView>> {
    let module = super::module_name(&path.0, &path.1)?;
    let (verdicts, runs) = pairs::progress(&app, &caller, &module, &path.2).await?;
    let count = |verdict: Verdict| verdicts.get(&verdict).copied().unwrap_or_default();
    Ok(Json(ProgressView {
        compatible: count(Verdict::Compatible),
        unknown: count(Verdict::Unknown),
        incompatible: count(Verdict::Incompatible),
        queued: runs.queued,
        running: runs.running,
    }))
}

pub(super) async fn view(app: &App, caller: &Caller, run: smoke_runs::SmokeRun) -> Result<SmokeRunView> {
    let dependent = name(app, caller, run.dependent_id).await?;
    let base = name(app, caller, run.base_id).await?;
    name(app, caller, run.home_id).await?;
    Ok(SmokeRunView {
        id: run.id,
        dependent,
        base,
        state: run.state,
        step: run.step,
        verdict: run.verdict,
        report: run.report,
        started_at: run.started_at,
        finished_at: run.finished_at,
    })
}

/// The reference of a release that the caller may read.
async fn name(app: &App, caller: &Caller, id: Option<Uuid>) -> Result<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    Ok(Some(access::release_by_id(app, caller, id).await?.reference()))
}
