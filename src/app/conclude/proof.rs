//! What follows from the run of a pair.

use serde_json::json;
use uuid::Uuid;

use super::pairing::{self, Both};
use super::service;
use crate::app::App;
use crate::domain::smoke::Report;
use crate::domain::urgency::Urgency;
use crate::error::{Error, Result};
use crate::store::pairs::{self, Proof, Proven};
use crate::store::queued_runs::{self, Wanted};
use crate::store::releases::Release;
use crate::store::smoke_runs::{self, SmokeRun};
use crate::store::{Tx, namespaces};

/// What a proof of a pair would be filed under, and what was proven of the same contents meanwhile; `None` where
/// one of both may not be used any more, or does not require the other.
///
/// # Errors
/// When the database does not answer.
pub async fn known(
    app: &App,
    dependent: &Release,
    base: &Release,
) -> Result<Option<(Proof, Option<Proven>)>> {
    let mut tx = app.begin().await?;
    let Some(both) = Both::of(&mut tx, dependent.id, &base.module, base.id).await? else { return Ok(None) };
    let proof = both.side().proof()?;
    let proven = pairs::proven(&mut *tx, &[proof]).await?.remove(&proof);
    Ok(Some((proof, proven)))
}

/// Queues the run of a pair that somebody asks for; the answer is that run, or the one that is under way.
///
/// # Errors
/// When the database does not answer; `not_found` where the first does not require the second.
pub async fn ask(tx: &mut Tx, dependent: &Release, base: &Release) -> Result<SmokeRun> {
    let absent = || Error::not_found(format!("pair of {} and {}", dependent.reference(), base.reference()));
    let both = Both::of(tx, dependent.id, &base.module, base.id).await?.ok_or_else(absent)?;
    let wanted = Wanted { urgency: Urgency::Asked, ..pairing::run_of(&both.side()) };
    pairing::queue(tx, &[wanted]).await?;
    smoke_runs::wanted(&mut **tx, dependent.id, base.id).await?.ok_or_else(absent)
}

/// Brings a pair up to date with what was proven of the same contents; its own run is not needed then.
///
/// # Errors
/// When the database does not answer; then nothing has happened.
pub async fn settle(
    app: &App,
    dependent: &Release,
    base: &Release,
    run: Uuid,
    proven: &Proven,
) -> Result<()> {
    let mut tx = app.begin().await?;
    pairs::lock_module(&mut tx, base.module.as_str()).await?;
    if let Some(both) = Both::of(&mut tx, dependent.id, &base.module, base.id).await? {
        pairing::judge(&mut tx, &[both.side()], |_| Some(proven.clone())).await?;
    }
    queued_runs::forget(&mut *tx, run).await?;
    tx.commit().await?;
    Ok(())
}

/// Records what the run of a pair proved.
///
/// # Errors
/// When the database does not answer; then nothing has happened.
pub async fn pair_proof(
    app: &App,
    dependent: &Release,
    base: &Release,
    run: Uuid,
    report: &Report,
) -> Result<()> {
    let mut tx = app.begin().await?;
    pairs::lock_module(&mut tx, base.module.as_str()).await?;
    smoke_runs::finish(&mut tx, run, report).await?;
    let proven = Proven::of(run, report);
    // What was taken from use meanwhile is paired anew when it comes back.
    if let Some(both) = Both::of(&mut tx, dependent.id, &base.module, base.id).await? {
        pairing::proof_of(&mut tx, &both.side(), &proven).await?;
        pairing::judge(&mut tx, &[both.side()], |_| Some(proven.clone())).await?;
    }
    // The log is read by those of the dependent's namespace; its manifest tells them the base's name only.
    let namespace = namespaces::by_name(&mut *tx, base.module.namespace().as_str()).await?;
    let open = base.namespace_id == dependent.namespace_id || namespace.is_some_and(|n| n.is_public());
    let on = if open { base.reference() } else { base.module.to_string() };
    let subject = format!("{} on {on}", dependent.reference());
    let detail = json!({ "verdict": report.verdict, "smoke_run": run });
    service().audit(&mut tx, "pair.prove", &subject, Some(dependent.namespace_id), detail).await?;
    tx.commit().await?;
    Ok(())
}
