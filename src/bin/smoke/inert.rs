//! Adapters that apply only in part: some of what they target gets a change of exactly nothing.

use cambium::domain::finding::{Finding, Severity};

use crate::adapter::Adapter;
use crate::outcome::{Outcome, from_torch, listed};
use crate::part::{LoadedAdapter, Method};

/// Notes each adapter of which a part does nothing; `fitted` are the loaded ones on the network.
pub fn judge(loaded: &[LoadedAdapter], fitted: &[Adapter], outcome: &mut Outcome) {
    for (loaded, adapter) in loaded.iter().zip(fitted) {
        let places = match places(adapter) {
            Ok(places) => places,
            Err(error) => {
                let finding = from_torch(&loaded.name, &error).with_severity(Severity::Warning);
                outcome.findings.push(finding);
                continue;
            }
        };
        outcome.findings.extend(finding(&loaded.name, &loaded.method, adapter, &places));
    }
}

/// A module of the network or a joint, and whether the adapter leaves it as it is.
type Place<'a> = (&'a str, bool);

fn places(adapter: &Adapter) -> Result<Vec<Place<'_>>, tch::TchError> {
    let updates = adapter.updates.iter().map(|(path, update)| Ok((path.as_str(), update.does_nothing()?)));
    let bottlenecks =
        adapter.bottlenecks.iter().map(|(path, bottleneck)| Ok((path.as_str(), bottleneck.does_nothing()?)));
    updates.chain(bottlenecks).collect()
}

fn finding(name: &str, method: &Method, adapter: &Adapter, places: &[Place<'_>]) -> Option<Finding> {
    let idle: Vec<&str> = places.iter().filter(|(_, idle)| *idle).map(|(path, _)| *path).collect();
    let (count, all) = (idle.len(), places.len());
    // One that does nothing at all is refused by its effect; with modules of its own it has another.
    if count == 0 || count == all && adapter.replaced.is_empty() {
        return None;
    }
    let share = 100.0 * count as f64 / all as f64;
    let message = format!(
        "{count} of the {all} places that {name} targets ({share:.0} %) get a change of exactly nothing: {}.{}",
        listed(idle.iter().copied()),
        beyond(places).map(|layer| format!(" From layer {layer} on nothing acts.")).unwrap_or_default(),
    );
    let pruned = matches!(method, Method::Peft(config, _) if config.peft_type == "ADALORA");
    let remedy = if pruned {
        "Nothing, if the training gave these places no rank; else look whether their gradients reached them."
    } else {
        "Look whether training reached these places (frozen layers, an interrupted run, a merge of two adapters), or \
         leave them out of the config's targets."
    };
    let finding =
        Finding::warning("adapter_partly_inert", name, message, remedy).with_change(all, all - count);
    Some(if pruned { finding.with_severity(Severity::Info) } else { finding })
}

/// The layer from which on nothing acts, where all that does nothing lies there, and something before it acts.
fn beyond(places: &[Place<'_>]) -> Option<u64> {
    let layer = |path: &str| path.split('.').find_map(|part| part.parse::<u64>().ok());
    let of = |which: bool| places.iter().filter(move |(_, idle)| *idle == which).map(|(path, _)| layer(path));
    let acting: Option<Vec<u64>> = of(false).collect();
    let idle: Option<Vec<u64>> = of(true).collect();
    let last = acting?.into_iter().max()?;
    let first = idle?.into_iter().min()?;
    (first > last).then_some(first)
}
