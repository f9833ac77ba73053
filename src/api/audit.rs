//! The audit log.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::page::{Page, PageQuery};
use crate::app::{App, Caller};
use crate::domain::name::ModuleName;
use crate::error::Result;
use crate::store::audit::{self, Entry, Filter};

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// In this namespace.
    namespace: Option<String>,
    /// By this actor.
    actor: Option<String>,
    /// With this subject, as `demo/minilm@1.0.0`.
    subject: Option<String>,
    /// With this action, as `release.submit`, or with a group of them, as `release`.
    action: Option<String>,
    /// Concerning this module: its own entries and those of its releases.
    module: Option<String>,
    /// Not before this time.
    since: Option<DateTime<Utc>>,
    /// Before this time.
    until: Option<DateTime<Utc>>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many items, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Who did what.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When.
    pub happened_at: DateTime<Utc>,
    /// Who; absent when it was the service itself.
    pub actor: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// In which namespace.
    pub namespace: Option<String>,
    /// Facts.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The request that did it.
    pub request_id: Option<String>,
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            happened_at: entry.happened_at,
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
            namespace: entry.namespace,
            detail: entry.detail,
            request_id: entry.request_id,
        }
    }
}

/// List audit entries.
///
/// Newest first: of the namespaces in which the caller has a role, and for those who read everything
/// also what concerns the whole registry.
#[utoipa::path(tag = "audit", params(AuditQuery), responses((status = 200, body = Page<AuditEntry>)))]
#[get("/audit")]
pub(super) async fn list_audit_entries(
    app: Data<App>,
    caller: Caller,
    query: Query<AuditQuery>,
) -> Result<Json<Page<AuditEntry>>> {
    caller.id()?;
    let AuditQuery { namespace, actor, subject, action, module, since, until, after, limit } =
        query.into_inner();
    let page = PageQuery { after, limit };
    let before: i64 = page.key()?.unwrap_or(i64::MAX);
    // Anything else names no module, but may be the subject of other entries.
    let module = module.map(|name| name.parse::<ModuleName>()).transpose()?;
    let filter = Filter { namespace, actor, subject, action, module, since, until };
    let rows = audit::list(&app.pool, &caller.visible(), &filter, before, page.rows()?).await?;
    Ok(Json(page.page(rows, |entry| entry.id, AuditEntry::from)?))
}
