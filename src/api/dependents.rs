//! What attaches to a module, and how often it is updated itself.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::{Page, PageQuery};
use crate::app::{App, Caller, access};
use crate::domain::cadence::Cadence;
use crate::domain::module::Kind;
use crate::domain::permission::Action;
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::modules::{self, Attached};
use crate::store::releases;

/// A module that attaches to another.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Dependent {
    /// Its name.
    pub module: String,
    /// What it is.
    pub kind: Kind,
    /// Its highest version that may be used.
    pub version: String,
    /// The range of the other's versions that this version admits.
    pub range: String,
    /// The other's highest version that may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_version: Option<String>,
    /// The verdict of this version with that one; absent when they were never paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

impl From<Attached> for Dependent {
    fn from(attached: Attached) -> Self {
        Self {
            module: attached.module,
            kind: attached.kind,
            version: attached.version,
            range: attached.range,
            base_version: attached.base_version,
            verdict: attached.verdict,
        }
    }
}

/// List what attaches to a module.
///
/// By name, each with its highest version that may be used and what is known of it with the highest of
/// this one.
#[utoipa::path(tag = "modules", params(PageQuery), responses((status = 200, body = Page<Dependent>)))]
#[get("/modules/{namespace}/{name}/dependents")]
pub(super) async fn list_dependents(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Dependent>>> {
    let module = access::module(&app, &caller, &super::module_name(&path.0, &path.1)?, Action::Read).await?;
    let after: String = page.key()?.unwrap_or_default();
    let rows = modules::attached(&app.pool, &caller.visible(), &module, &after, page.rows()?).await?;
    Ok(Json(page.page(rows, |attached| attached.module.clone(), Dependent::from)?))
}

/// Get how often a module is updated.
#[utoipa::path(tag = "modules", responses((status = 200, body = Cadence)))]
#[get("/modules/{namespace}/{name}/cadence")]
pub(super) async fn get_cadence(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<Json<Cadence>> {
    let module = access::module(&app, &caller, &super::module_name(&path.0, &path.1)?, Action::Read).await?;
    let published = releases::publication_times(&app.pool, module.id).await?;
    Ok(Json(Cadence::of(published, Utc::now())))
}
