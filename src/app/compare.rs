//! Two releases of a module, to be held against each other.

use super::{App, Caller, access};
use crate::domain::manifest::FileEntry;
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::domain::smoke::Report;
use crate::domain::verdict::Verdict;
use crate::error::{Code, Result};
use crate::store::releases::{self, Release};
use crate::store::smoke_runs::SmokeRun;
use crate::store::{pairs, smoke_runs};

/// A release with what a comparison looks at.
#[derive(Debug)]
pub struct Side {
    /// The release.
    pub release: Release,
    /// Its files.
    pub files: Vec<FileEntry>,
    /// What is known of it with what it attaches to; none when it attaches to nothing.
    pub verdict: Option<Verdict>,
    /// What the run that proved it reported, for those who may read all releases that took part.
    pub report: Option<Report>,
}

/// Two releases of a module, each by version or channel.
///
/// # Errors
/// `not_found` when one is not there or hidden, `invalid_version`.
pub async fn sides(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    from: &str,
    to: &str,
) -> Result<(Side, Side)> {
    let from = access::release(app, caller, module, from, Action::Read).await?;
    let to = access::release(app, caller, module, to, Action::Read).await?;
    let mut verdicts = pairs::worst(&app.pool, &caller.visible(), &[from.id, to.id]).await?;
    // Both may be the same release.
    let (one, other) = (verdicts.get(&from.id).copied(), verdicts.remove(&to.id));
    Ok((side(app, caller, from, one).await?, side(app, caller, to, other).await?))
}

async fn side(app: &App, caller: &Caller, release: Release, verdict: Option<Verdict>) -> Result<Side> {
    let files = releases::files(&app.pool, release.id).await?;
    let report = match smoke_runs::latest_of(&app.pool, release.id).await? {
        Some(run) if is_readable(app, caller, &run).await? => run.report,
        _ => None,
    };
    Ok(Side { release, files, verdict, report })
}

async fn is_readable(app: &App, caller: &Caller, run: &SmokeRun) -> Result<bool> {
    for id in [run.dependent_id, run.base_id, run.home_id].into_iter().flatten() {
        match access::release_by_id(app, caller, id).await {
            Ok(_) => {}
            Err(error) if error.code == Code::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}
