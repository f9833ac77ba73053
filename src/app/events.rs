//! Events: recorded with each change. Who follows them is told by [`super::news`].

use serde_json::{Value, json};
use uuid::Uuid;

use super::Caller;
use crate::domain::permission::Action;
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::Tx;
use crate::store::events::{self, Audience, NewEvent};
use crate::store::modules::Module;
use crate::store::parties::Party;
use crate::store::releases::Release;

/// Records what happened to a release.
pub(crate) async fn release(
    tx: &mut Tx,
    actor: Option<Uuid>,
    kind: &str,
    release: &Release,
    data: Value,
) -> Result<()> {
    let event = NewEvent {
        kind,
        namespace: release.namespace_id,
        // Who may only read does not learn of attempts that were refused.
        for_publishers: kind == "release.rejected",
        module: release.module.as_str(),
        version: Some(release.version.to_string()),
        base_module: None,
        base_namespace: None,
        actor,
        data,
    };
    events::insert(tx, &[event]).await
}

/// Records that the verdicts of pairs were found anew.
pub(crate) async fn pairs(tx: &mut Tx, judged: &[(&Party, &Party, Verdict)]) -> Result<()> {
    let event = |&(dependent, base, verdict)| pair(dependent, base, verdict);
    let events: Vec<NewEvent<'_>> = judged.iter().map(event).collect();
    events::insert(tx, &events).await
}

fn pair<'a>(dependent: &'a Party, base: &'a Party, verdict: Verdict) -> NewEvent<'a> {
    NewEvent {
        kind: "pair.judged",
        namespace: dependent.namespace_id,
        for_publishers: false,
        module: dependent.module.as_str(),
        version: Some(dependent.version.to_string()),
        base_module: Some(base.module.as_str()),
        base_namespace: Some(base.namespace_id),
        actor: None,
        data: json!({ "base": base.reference(), "verdict": verdict }),
    }
}

/// Records what happened to a module as a whole, or to one of its channels.
pub(crate) async fn module(
    tx: &mut Tx,
    caller: &Caller,
    kind: &str,
    module: &Module,
    data: Value,
) -> Result<()> {
    let event = NewEvent {
        kind,
        namespace: module.namespace_id,
        for_publishers: false,
        module: module.name.as_str(),
        version: None,
        base_module: None,
        base_namespace: None,
        actor: caller.actor.as_ref().map(|(id, _)| *id),
        data,
    };
    events::insert(tx, &[event]).await
}

impl Caller {
    /// What the caller may read, and where it may publish.
    pub fn audience(&self) -> Audience {
        Audience { readable: self.visible(), publishable: self.reach(Action::Publish) }
    }
}
