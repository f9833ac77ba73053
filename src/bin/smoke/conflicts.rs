//! What two adapters cannot both bring to one network.

use std::collections::{BTreeMap, BTreeSet};

use cambium::domain::finding::Finding;
use tch::Tensor;

use crate::adapter::{Adapter, Update};
use crate::outcome::listed;

/// The findings about adapters of these names that exclude each other: one for each pair and cause.
pub fn conflicts(adapters: &[(&str, &Adapter)]) -> Vec<Finding> {
    let pairs = adapters
        .iter()
        .enumerate()
        .flat_map(|(at, first)| adapters[..at].iter().map(move |second| (second, first)));
    pairs.flat_map(|(first, second)| between(*first, *second)).collect()
}

fn between((first, a): (&str, &Adapter), (second, b): (&str, &Adapter)) -> Vec<Finding> {
    let mut causes = vec![];
    let saved = replaced(a, b);
    if !saved.is_empty() {
        let saved = saved.iter().map(String::as_str);
        causes.push((
            format!("bring {} whole, and there is only one place for it", listed(saved)),
            "Use one of them, or train them on one backbone whose own parameters these are.",
        ));
    }
    if a.prompt.is_some() && b.prompt.is_some() {
        causes.push((
            "put virtual tokens in front of the input, and what was trained to be first would not be"
                .to_owned(),
            "Use one of them, or train one on the backbone together with the other.",
        ));
    }
    let (scaled, also) = (magnified(a, b), magnified(b, a));
    let scaled: BTreeSet<&str> = scaled.union(&also).copied().collect();
    if !scaled.is_empty() {
        causes.push((
            format!(
                "change {}, where one of them is DoRA: it scales each row of the weight to a length that the \
                 other one changes",
                listed(scaled)
            ),
            "Use one of them, or merge one into the backbone and train the other on that.",
        ));
    }
    let joints = |adapter: &Adapter| adapter.bottlenecks.iter().map(|(path, _)| path.clone()).collect();
    let (a_joints, b_joints): (BTreeSet<String>, BTreeSet<String>) = (joints(a), joints(b));
    let joints = common(&a_joints, &b_joints);
    if !joints.is_empty() {
        causes.push((
            format!("have a bottleneck at {}, and their order was never trained", listed(joints)),
            "Use one of them; a stack that was trained as one can be exported as TorchScript.",
        ));
    }
    let finding = |(what, remedy): (String, &str)| {
        let message = format!("{first} and {second} cannot be on one backbone at once: both {what}.");
        Finding::error("adapters_conflict", format!("{first}, {second}"), message, remedy)
    };
    causes.into_iter().map(finding).collect()
}

/// The modules that both bring parameters of, where these are not the same numbers: output layers are
/// saved with adapters that leave them as they are.
fn replaced(a: &Adapter, b: &Adapter) -> BTreeSet<String> {
    let module = |path: &str| path.rsplit_once('.').map_or(path, |(module, _)| module).to_owned();
    let others: BTreeMap<&str, &Tensor> = b.replaced.iter().map(|(path, own)| (path.as_str(), own)).collect();
    let differs = |other: &Tensor, own: &Tensor| {
        other.size() != own.size() || !other.f_equal(own).is_ok_and(|equal| equal)
    };
    let both = a
        .replaced
        .iter()
        .filter(|(path, own)| others.get(path.as_str()).is_some_and(|other| differs(other, own)));
    both.map(|(path, _)| module(path)).collect()
}

fn common<'a>(a: &'a BTreeSet<String>, b: &'a BTreeSet<String>) -> Vec<&'a str> {
    a.intersection(b).map(String::as_str).collect()
}

/// The modules that one changes by DoRA and the other changes, too.
fn magnified<'a>(dora: &'a Adapter, other: &Adapter) -> BTreeSet<&'a str> {
    let others: BTreeSet<&str> = other.updates.iter().map(|(path, _)| path.as_str()).collect();
    let is_dora = |update: &Update| matches!(update, Update::LowRank { magnitude: Some(_), .. });
    let paths =
        dora.updates.iter().filter(|(path, update)| is_dora(update) && others.contains(path.as_str()));
    paths.map(|(path, _)| path.as_str()).collect()
}
