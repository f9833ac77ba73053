//! Two releases of a module side by side.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::releases::ReleaseSummary;
use crate::app::compare::{self, Side};
use crate::app::{App, Caller};
use crate::domain::compare::{
    self as domain, FileChange, FindingsChange, InterfaceChange, RunPair, ValueChange,
};
use crate::domain::contract::{self, Appraisal, Contract};
use crate::domain::interface::Interface;
use crate::error::Result;

/// Which two.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CompareQuery {
    /// A version or a channel.
    pub from: String,
    /// A version or a channel.
    pub to: String,
}

/// Two releases side by side.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The first.
    pub from: ReleaseSummary,
    /// The second.
    pub to: ReleaseSummary,
    /// What differs of the manifest, but for the interface and the version.
    pub manifest: Vec<ValueChange>,
    /// What became of the interface.
    pub interface: InterfaceChange,
    /// What the changes of the contract demand of the version, and what it gives.
    pub contract: Appraisal,
    /// Files of both, by path.
    pub files: Vec<FileChange>,
    /// What became of the findings.
    pub findings: FindingsChange,
    /// The smoke runs that proved them.
    pub runs: RunPair,
}

fn promised<'a>(side: &'a Side, interface: &'a Interface) -> Contract<'a> {
    Contract { interface, requires: &side.release.manifest.requires }
}

/// Compare two releases of a module.
///
/// Manifest, interface, what its changes demand of the version, files, findings and smoke runs.
#[utoipa::path(tag = "releases", params(CompareQuery), responses((status = 200, body = Comparison)))]
#[get("/modules/{namespace}/{name}/compare")]
pub(super) async fn compare_releases(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    query: Query<CompareQuery>,
) -> Result<Json<Comparison>> {
    let module = super::module_name(&path.0, &path.1)?;
    let (from, to) = compare::sides(&app, &caller, &module, &query.from, &query.to).await?;
    let interface = |side: &Side| side.release.interface.clone().unwrap_or_default();
    Ok(Json(Comparison {
        manifest: domain::manifests(&from.release.manifest, &to.release.manifest)?,
        interface: domain::interfaces(&interface(&from), &interface(&to)),
        contract: contract::appraise(
            (promised(&from, &interface(&from)), &from.release.version),
            (promised(&to, &interface(&to)), &to.release.version),
        ),
        files: domain::files(&from.files, &to.files),
        findings: domain::findings(&from.release.findings, &to.release.findings),
        runs: domain::runs(from.report, to.report),
        from: ReleaseSummary::new(from.release, from.verdict),
        to: ReleaseSummary::new(to.release, to.verdict),
    }))
}
