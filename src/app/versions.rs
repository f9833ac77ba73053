//! Whether a version gives what the changes since the release before it demand.

use crate::domain::contract::{self, Bump, Contract, Demand};
use crate::domain::finding::Finding;
use crate::domain::interface::Interface;
use crate::domain::module::Kind;
use crate::domain::smoke::Report;
use crate::domain::version::Version;
use crate::error::Result;
use crate::store::Tx;
use crate::store::releases::{self, Release};

/// The release before one, and what the way from it demands.
#[derive(Debug)]
pub struct Before {
    /// The release that it is held against.
    pub release: Release,
    demands: Vec<Demand>,
    /// Versions of the module that are taken by others.
    taken: Vec<Version>,
}

/// The release before, where there is one that promised something.
///
/// # Errors
/// When the database does not answer.
pub async fn before(tx: &mut Tx, release: &Release, interface: &Interface) -> Result<Option<Before>> {
    let versions = releases::versions(&mut **tx, release.module_id).await?;
    let healthy = versions.iter().filter(|(_, healthy)| *healthy).map(|(version, _)| version);
    let Some(baseline) = contract::baseline(&release.version, healthy) else { return Ok(None) };
    let Some(before) = releases::by_version(&mut **tx, release.module_id, baseline).await? else {
        return Ok(None);
    };
    // A release from before interfaces were kept promised none.
    let Some(promised) = &before.interface else { return Ok(None) };
    let demands = contract::demand(
        Contract { interface: promised, requires: &before.manifest.requires },
        Contract { interface, requires: &release.manifest.requires },
    );
    // Its own version is taken by itself.
    let others =
        versions.into_iter().map(|(version, _)| version).filter(|version| *version != release.version);
    let taken = others.collect();
    Ok(Some(Before { release: before, demands, taken }))
}

impl Before {
    /// Every change that the version is too small for; `run` is that of the release, if it was made.
    pub fn judge(&self, version: &Version, run: Option<&Report>) -> Vec<Finding> {
        let mut demands = self.demands.clone();
        demands.extend(run.and_then(contract::measured));
        contract::judge(&demands, &self.release.version, version, &self.taken).0
    }

    /// Whether what a backbone gives has to be held against the release before: where everything fits that did,
    /// and its version says that it still works, only running both tells.
    pub fn has_to_be_measured(&self, release: &Release) -> bool {
        release.kind == Kind::Backbone
            && Bump::between(&self.release.version, &release.version) < Bump::Major
            && self.judge(&release.version, None).is_empty()
    }
}
