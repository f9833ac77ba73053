//! *Can I deploy these together?*

use std::collections::HashMap;

use super::{App, Caller, access};
use crate::domain::compat::{self, Deployable, KnownPair, Member};
use crate::error::{Code, Error, Result};
use crate::store::pairs;
use crate::store::releases::Release;

/// The most releases in one question.
const MOST_MEMBERS: usize = 200;

/// Answers for a set of releases, named as `namespace/name@version` or `…@channel`.
///
/// # Errors
/// `not_found` for a release that is not there or hidden, `bad_request` for an empty set.
pub async fn can_deploy(app: &App, caller: &Caller, references: &[String]) -> Result<Deployable> {
    if references.is_empty() || references.len() > MOST_MEMBERS {
        return Err(Error::new(Code::BadRequest, format!("Name 1 to {MOST_MEMBERS} releases.")));
    }
    let mut releases: Vec<Release> = Vec::with_capacity(references.len());
    for reference in references {
        releases.push(access::reference(app, caller, reference).await?);
    }
    let ids: Vec<_> = releases.iter().map(|release| release.id).collect();
    let known: HashMap<_, _> = pairs::among(&app.pool, &ids)
        .await?
        .into_iter()
        .map(|pair| {
            ((pair.dependent_id, pair.base_id), KnownPair { verdict: pair.verdict, findings: pair.findings })
        })
        .collect();
    let members: Vec<Member> = releases.into_iter().map(member).collect();
    Ok(compat::can_deploy(&members, |dependent, base| known.get(&(ids[dependent], ids[base])).cloned()))
}

fn member(release: Release) -> Member {
    Member {
        module: release.module,
        version: release.version,
        state: release.state,
        state_reason: release.state_reason,
        digest: release.digest,
        requires: release.manifest.requires,
    }
}
