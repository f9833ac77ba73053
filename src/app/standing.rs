//! The standing of published releases: deprecated, yanked, quarantined, restored.

use serde_json::json;

use super::{App, Caller, access, channels, conclude, events, reason};
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::domain::release::Standing;
use crate::error::{Code, Error, Result};
use crate::store::modules;
use crate::store::releases::{self, Release};
use crate::store::states;

/// A change of standing.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// What is asked for.
    pub standing: Standing,
    /// Why; it stays visible.
    pub reason: &'a str,
    /// What to use instead.
    pub replacement: Option<&'a str>,
    /// Only when the release is still at this revision.
    pub revision: Option<i64>,
}

/// Changes the standing of a release. Quarantine moves every channel away in the same transaction.
///
/// # Errors
/// `state_conflict`, `precondition_failed`, `reason_missing`, `forbidden`, `not_found`.
pub async fn change(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    version: &str,
    change: Change<'_>,
) -> Result<Release> {
    let action = match change.standing {
        Standing::Deprecate | Standing::Yank => Action::Operate,
        Standing::Quarantine | Standing::Restore => Action::Review,
    };
    let why = reason(change.reason)?;
    let release = access::release(app, caller, module, version, action).await?;
    let module = access::module(app, caller, module, action).await?;
    let mut tx = app.begin().await?;
    states::lock_standings(&mut tx, true).await?;
    let release = releases::lock(&mut tx, release.id).await?.unwrap_or(release);
    let state =
        release.state.change(change.standing).map_err(|wanted| access::wrong_state(&release, wanted))?;
    let revision = change.revision.unwrap_or(release.revision);
    if !states::set_state(&mut tx, release.id, revision, state, why, change.replacement).await? {
        return Err(Error::new(
            Code::PreconditionFailed,
            format!("{} was changed meanwhile.", release.reference()),
        ));
    }
    let detail =
        json!({ "from": release.state, "to": state, "reason": why, "replacement": change.replacement });
    let verb = format!("release.{}", change.standing.as_str());
    caller.audit(&mut tx, &verb, &release.reference(), Some(module.namespace_id), detail).await?;
    let changed = releases::by_id(&mut *tx, release.id).await?.unwrap_or(release);
    let kind = format!("release.{}", change.standing.done());
    let actor = caller.actor.as_ref().map(|(id, _)| *id);
    events::release(&mut tx, actor, &kind, &changed, json!({ "reason": why })).await?;
    if change.standing == Standing::Quarantine {
        channels::evacuate(&mut tx, caller, &module, &changed, why).await?;
    }
    modules::summarise(&mut tx, module.id).await?;
    if change.standing == Standing::Restore {
        conclude::pair_anew(&mut tx, &changed).await?;
    }
    tx.commit().await?;
    Ok(changed)
}
