//! The rules that contracts are judged by.

use actix_web::get;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::contract::{Bump, RULES, Rule};
use crate::domain::finding::Severity;

/// A rule of contracts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "output_removed", "bump": "major", "severity": "error",
    "message": "The output `{name}` is gone: whoever reads it finds nothing.", "remedy": "Keep giving it.",
}))]
pub struct RuleView {
    /// Its stable id, which findings name.
    pub id: &'static str,
    /// What such a change demands of the version.
    pub bump: Bump,
    /// What it weighs where the version does not give that.
    pub severity: Severity,
    /// What happened; `{name}` stands for the place.
    pub message: &'static str,
    /// What to do if it was not meant.
    pub remedy: &'static str,
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> Self {
        let Rule { id, bump, severity, message, remedy, .. } = *rule;
        Self { id, bump, severity, message, remedy }
    }
}

/// List the rules of contracts.
///
/// What each change of an interface demands of the next version.
#[utoipa::path(tag = "compatibility", responses((status = 200, body = Vec<RuleView>)))]
#[get("/rules")]
pub(super) async fn list_rules() -> Json<Vec<RuleView>> {
    Json(RULES.iter().map(RuleView::from).collect())
}
