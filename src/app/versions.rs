//! Whether a version gives what the changes since the release before it demand.

use crate::domain::contract::{self, Contract};
use crate::domain::finding::Finding;
use crate::domain::interface::Interface;
use crate::error::Result;
use crate::store::Tx;
use crate::store::releases::{self, Release};

/// Every change since the release before that the version is too small for; none for a first release.
///
/// # Errors
/// When the database does not answer.
pub async fn check(tx: &mut Tx, release: &Release, interface: &Interface) -> Result<Vec<Finding>> {
    let versions = releases::versions(&mut **tx, release.module_id).await?;
    let healthy = versions.iter().filter(|(_, healthy)| *healthy).map(|(version, _)| version);
    let Some(baseline) = contract::baseline(&release.version, healthy) else { return Ok(Vec::new()) };
    let Some(before) = releases::by_version(&mut **tx, release.module_id, baseline).await? else {
        return Ok(Vec::new());
    };
    // A release from before interfaces were kept promised none.
    let Some(promised) = &before.interface else { return Ok(Vec::new()) };
    let demands = contract::demand(
        Contract { interface: promised, requires: &before.manifest.requires },
        Contract { interface, requires: &release.manifest.requires },
    );
    // Its own version is taken by itself.
    let others = versions.iter().map(|(version, _)| version).filter(|version| **version != release.version);
    let taken: Vec<_> = others.cloned().collect();
    Ok(contract::judge(&demands, baseline, &release.version, &taken).0)
}
