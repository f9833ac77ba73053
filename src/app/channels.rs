//! Channels: pointed at a release, rolled back to a healthy one.

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, access, events, reason};
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::domain::release::State;
use crate::domain::rollback::{self, Candidate, PassedOver};
use crate::domain::verdict::Verdict;
use crate::domain::version::Version;
use crate::error::{Code, Error, Result};
use crate::store::channels::{self, Channel, NewMove, Shown};
use crate::store::modules::Module;
use crate::store::releases::{self, Release};
use crate::store::states;
use crate::store::{Tx, pairs};

/// A channel's name is a word that cannot be taken for a version.
fn check_name(name: &str) -> Result<()> {
    let good = (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'));
    if good {
        return Ok(());
    }
    Err(Error::new(
        Code::InvalidName,
        format!("`{}` cannot name a channel.", name.chars().take(80).collect::<String>()),
    )
    .with_remedy("Begin with a lower-case letter; then a-z, 0-9, `-`, `_` and `.`, at most 64 characters."))
}

/// A channel of a module, to be read.
///
/// # Errors
/// `not_found`.
pub async fn get(app: &App, caller: &Caller, module: &ModuleName, name: &str) -> Result<Shown> {
    let module = access::module(app, caller, module, Action::Read).await?;
    channels::by_name(&app.pool, module.id, name).await?.ok_or_else(|| absent(&module, name))
}

fn absent(module: &Module, name: &str) -> Error {
    Error::not_found(format!("channel `{name}` of `{}`", module.name))
}

/// Points a channel at a release, making the channel when it is new. With `generation` only when it
/// has not moved since; 0 means that it has to be new.
///
/// # Errors
/// `release_unhealthy`, `precondition_failed`, `reason_missing`, `not_found`, `forbidden`.
pub async fn point(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    name: &str,
    version: &Version,
    why: &str,
    generation: Option<i64>,
) -> Result<Shown> {
    let module = access::module(app, caller, module, Action::Operate).await?;
    check_name(name)?;
    let why = reason(why)?;
    let mut tx = app.begin().await?;
    // No standing changes between the look at the release and the move.
    states::lock_standings(&mut tx, false).await?;
    let channel = lock_or_make(&mut tx, &module, name).await?;
    check_generation(&channel, generation)?;
    let release = releases::by_version(&mut *tx, module.id, version).await?;
    let release =
        release.ok_or_else(|| Error::not_found(format!("release {version} of `{}`", module.name)))?;
    if !release.state.is_healthy() {
        return Err(unhealthy(&release));
    }
    if channel.release_id != Some(release.id) {
        let new = NewMove { action: "point", to: Some(release.id), reason: why, actor: caller.id()? };
        apply(&mut tx, caller, &module, &channel, new, Some(&release)).await?;
    }
    let shown = channels::by_name(&mut *tx, module.id, name).await?.ok_or_else(|| absent(&module, name))?;
    tx.commit().await?;
    Ok(shown)
}

async fn lock_or_make(tx: &mut Tx, module: &Module, name: &str) -> Result<Channel> {
    if let Some(channel) = channels::lock(tx, module.id, name).await? {
        return Ok(channel);
    }
    channels::insert(tx, Uuid::now_v7(), module.id, name).await?;
    channels::lock(tx, module.id, name).await?.ok_or_else(|| absent(module, name))
}

fn check_generation(channel: &Channel, generation: Option<i64>) -> Result<()> {
    match generation {
        Some(generation) if generation != channel.generation => Err(Error::new(
            Code::PreconditionFailed,
            format!("The channel `{}` has moved meanwhile: it is at {}.", channel.name, channel.generation),
        )),
        _ => Ok(()),
    }
}

fn unhealthy(release: &Release) -> Error {
    let why = release.state_reason.as_deref().unwrap_or("it was never published");
    Error::new(Code::ReleaseUnhealthy, format!("{} is {}: {why}.", release.reference(), release.state))
}

async fn apply(
    tx: &mut Tx,
    caller: &Caller,
    module: &Module,
    channel: &Channel,
    new: NewMove<'_>,
    to: Option<&Release>,
) -> Result<Channel> {
    let generation = channels::make_move(tx, channel, new).await?;
    let to_version = to.map(|release| release.version.to_string());
    let detail = json!({
        "channel": channel.name, "action": new.action, "from": channel.version, "to": to_version, "generation": generation,
        "reason": new.reason,
    });
    let action = format!("channel.{}", new.action);
    caller.audit(tx, &action, module.name.as_str(), Some(module.namespace_id), detail.clone()).await?;
    events::module(tx, caller, "channel.moved", module, detail).await?;
    Ok(Channel { release_id: new.to, version: to_version, generation, ..channel.clone() })
}

/// What a rollback would do.
#[derive(Debug)]
pub struct Plan {
    /// The channel as it is.
    pub channel: Channel,
    /// The release that it would point at.
    pub target: Release,
    /// What is known of that release with what it attaches to; none when it attaches to nothing.
    pub verdict: Option<Verdict>,
    /// Releases that were passed over, with the reason.
    pub passed_over: Vec<(String, String)>,
}

/// Plans a rollback: to a named release, or to the last one that is healthy.
///
/// # Errors
/// `no_healthy_target`, `release_unhealthy`, `not_found`, `forbidden`.
pub async fn plan_rollback(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    name: &str,
    to: Option<&Version>,
) -> Result<Plan> {
    let module = access::module(app, caller, module, Action::Operate).await?;
    let mut tx = app.begin().await?;
    let plan = plan(&mut tx, &module, name, to).await?;
    tx.rollback().await?;
    Ok(plan)
}

/// Rolls a channel back. The plan is made anew in the transaction that applies it.
///
/// # Errors
/// As [`plan_rollback`], and `precondition_failed`, `reason_missing`.
pub async fn roll_back(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    name: &str,
    to: Option<&Version>,
    why: &str,
    generation: Option<i64>,
) -> Result<(Channel, Plan)> {
    let module = access::module(app, caller, module, Action::Operate).await?;
    let why = reason(why)?;
    let mut tx = app.begin().await?;
    let plan = plan(&mut tx, &module, name, to).await?;
    check_generation(&plan.channel, generation)?;
    let new = NewMove { action: "roll_back", to: Some(plan.target.id), reason: why, actor: caller.id()? };
    let channel = apply(&mut tx, caller, &module, &plan.channel, new, Some(&plan.target)).await?;
    tx.commit().await?;
    Ok((channel, plan))
}

async fn plan(tx: &mut Tx, module: &Module, name: &str, to: Option<&Version>) -> Result<Plan> {
    states::lock_standings(tx, false).await?;
    let channel = channels::lock(tx, module.id, name).await?.ok_or_else(|| absent(module, name))?;
    if let Some(version) = to {
        let release = releases::by_version(&mut **tx, module.id, version).await?;
        let target =
            release.ok_or_else(|| Error::not_found(format!("release {version} of `{}`", module.name)))?;
        let verdict = pairs::worst_of(&mut **tx, target.id).await?;
        return match candidate(&target, verdict).check() {
            Ok(()) => Ok(Plan { channel, target, verdict, passed_over: Vec::new() }),
            Err(PassedOver::State(_)) => Err(unhealthy(&target)),
            Err(PassedOver::Refuted) => Err(Error::new(
                Code::ReleaseUnhealthy,
                format!("{} was proven not to work with what it attaches to.", target.reference()),
            )),
        };
    }
    let (target, passed_over) = last_healthy(tx, &channel).await?;
    let target = target.ok_or_else(|| {
        Error::new(
            Code::NoHealthyTarget,
            format!(
                "The channel `{name}` of `{}` never pointed at another release that is healthy today.",
                module.name
            ),
        )
    })?;
    let verdict = pairs::worst_of(&mut **tx, target.id).await?;
    Ok(Plan { channel, target, verdict, passed_over })
}

fn candidate(release: &Release, verdict: Option<Verdict>) -> Candidate<Uuid> {
    let verdict = verdict.unwrap_or(Verdict::Compatible);
    Candidate { release: release.id, state: release.state, verdict }
}

/// The release that the channel pointed at last, other than now, that is healthy; and those passed over
/// before it.
async fn last_healthy(tx: &mut Tx, channel: &Channel) -> Result<(Option<Release>, Vec<(String, String)>)> {
    let mut candidates = Vec::new();
    let mut seen = Vec::new();
    for id in channels::pointed_at(&mut **tx, channel.id).await? {
        if Some(id) == channel.release_id {
            continue;
        }
        if let Some(release) = releases::by_id(&mut **tx, id).await? {
            let verdict = pairs::worst_of(&mut **tx, release.id).await?;
            candidates.push(candidate(&release, verdict));
            seen.push(release);
        }
    }
    let (chosen, passed_over) = rollback::choose(&candidates);
    let named = |id: Uuid| seen.iter().find(|release| release.id == id);
    let passed_over = passed_over
        .into_iter()
        .filter_map(|(id, why)| {
            let why = match why {
                PassedOver::State(state) => format!("it is {state}"),
                PassedOver::Refuted => "it was proven not to work with what it attaches to".to_owned(),
            };
            Some((named(id)?.version.to_string(), why))
        })
        .collect();
    Ok((chosen.and_then(|id| named(id).cloned()), passed_over))
}

/// Moves every channel away from a release that is being quarantined: back to the last healthy one,
/// or to nothing.
pub(super) async fn evacuate(
    tx: &mut Tx,
    caller: &Caller,
    module: &Module,
    release: &Release,
    why: &str,
) -> Result<()> {
    debug_assert_eq!(release.state, State::Quarantined);
    for channel in channels::lock_pointing_at(tx, release.id).await? {
        let (target, _) = last_healthy(tx, &channel).await?;
        let to = target.as_ref().map(|target| target.id);
        let new = NewMove { action: "quarantine", to, reason: why, actor: caller.id()? };
        apply(tx, caller, module, &channel, new, target.as_ref()).await?;
    }
    Ok(())
}
