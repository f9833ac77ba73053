//! Compatibility of a pair: three facts, one verdict; and of a set that is to be deployed.

use std::collections::BTreeMap;

use semver::VersionReq;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::digest::Digest;
use super::finding::{Finding, Severity};
use super::manifest::Requirement;
use super::name::ModuleName;
use super::release::State;
use super::verdict::Verdict;
use super::version::Version;

/// What is known of a dependent release and a release that it attaches to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Facts {
    /// Whether the dependent's range admits the version.
    pub declared: Verdict,
    /// Whether the tensors' names and shapes fit.
    pub structural: Verdict,
    /// Whether a smoke run proved it, refuted it, or has not ended.
    pub behavioural: Verdict,
}

impl Facts {
    /// The verdict: a failure beats an unknown, an unknown beats a yes.
    pub fn verdict(self) -> Verdict {
        Verdict::of_all([self.declared, self.structural, self.behavioural])
    }
}

/// Whether the range that a module is required in admits a version of it, with the finding when it does not.
///
/// Ranges are cargo's; as there, a pre-release is admitted only by a range that names one of the
/// same version.
pub fn declared(module: &ModuleName, range: &VersionReq, version: &Version) -> Result<(), Finding> {
    if range.matches(version.semver()) {
        return Ok(());
    }
    Err(Finding::error(
        "version_not_admitted",
        module.as_str(),
        format!("The range `{range}` does not admit {version}."),
        "Take a release that the range admits, or publish one whose range admits this version.",
    )
    .with_change(range.to_string(), version.to_string()))
}

/// A release as far as deploying it is concerned.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its module.
    pub module: ModuleName,
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
    /// Why it is there.
    pub state_reason: Option<String>,
    /// Names it by content.
    pub digest: Digest,
    /// What it attaches to.
    pub requires: Vec<Requirement>,
}

impl Member {
    /// `namespace/name@version`.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.module, self.version)
    }
}

/// What is known of one pair of a set.
#[derive(Debug, Clone)]
pub struct KnownPair {
    /// The verdict of its facts.
    pub verdict: Verdict,
    /// The reasons for it.
    pub findings: Vec<Finding>,
}

/// The answer to *can I deploy these together?*
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Deployable {
    /// Yes is compatible, no is incompatible.
    pub verdict: Verdict,
    /// One reason each.
    pub findings: Vec<Finding>,
    /// The pairs that were looked at: dependent, base, verdict.
    pub pairs: Vec<PairVerdict>,
}

/// One pair that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"dependent": "demo/sections@1.0.0", "base": "demo/minilm@1.0.0", "verdict": "compatible"}))]
pub struct PairVerdict {
    /// What attaches.
    pub dependent: String,
    /// What it attaches to.
    pub base: String,
    /// How that went.
    pub verdict: Verdict,
}

/// Judges a set: every member has to be usable, everything that it requires has to be in the set,
/// and every pair has to be proven. `known` is asked with the positions of a dependent and its base.
pub fn can_deploy(members: &[Member], known: impl Fn(usize, usize) -> Option<KnownPair>) -> Deployable {
    let mut findings: Vec<Finding> = members.iter().filter_map(unusable).collect();
    findings.extend(doubled(members));
    let mut verdicts: Vec<Verdict> =
        findings.iter().filter(|f| f.refuses()).map(|_| Verdict::Incompatible).collect();
    let mut pairs = Vec::new();
    for (at, member) in members.iter().enumerate() {
        for requirement in &member.requires {
            let base = members.iter().position(|other| same_module(&other.module, &requirement.module));
            let Some(base_at) = base else {
                findings.push(absent(member, requirement));
                verdicts.push(Verdict::Incompatible);
                continue;
            };
            let base = &members[base_at];
            let pair = known(at, base_at).unwrap_or_else(|| never_checked(member, base));
            findings.extend(pair.findings);
            verdicts.push(pair.verdict);
            pairs.push(PairVerdict {
                dependent: member.reference(),
                base: base.reference(),
                verdict: pair.verdict,
            });
        }
    }
    Deployable { verdict: Verdict::of_all(verdicts), findings, pairs }
}

fn same_module(a: &ModuleName, b: &ModuleName) -> bool {
    a.as_str().eq_ignore_ascii_case(b.as_str())
}

fn unusable(member: &Member) -> Option<Finding> {
    let reason = member.state_reason.as_deref().unwrap_or("no reason given");
    match member.state {
        State::Published => None,
        State::Deprecated => Some(
            Finding::error(
                "release_deprecated",
                member.reference(),
                format!("It is deprecated: {reason}"),
                "Plan to move to its replacement.",
            )
            .with_severity(Severity::Warning),
        ),
        state => Some(Finding::error(
            "release_unusable",
            member.reference(),
            format!("It is {state}: {reason}"),
            "Take a published release of the module.",
        )),
    }
}

fn doubled(members: &[Member]) -> Vec<Finding> {
    let mut seen: BTreeMap<String, &Member> = BTreeMap::new();
    members
        .iter()
        .filter_map(|member| {
            let other = seen.insert(member.module.as_str().to_ascii_lowercase(), member)?;
            Some(Finding::error(
                "module_twice",
                member.reference(),
                format!("The set already has {}.", other.reference()),
                "Name each module once.",
            ))
        })
        .collect()
}

fn absent(member: &Member, requirement: &Requirement) -> Finding {
    Finding::error(
        "requirement_absent",
        member.reference(),
        format!("It requires {} {}, which is not in the set.", requirement.module, requirement.version),
        format!("Add a release of {} to the set.", requirement.module),
    )
}

fn never_checked(member: &Member, base: &Member) -> KnownPair {
    let finding = Finding::error(
        "pair_unchecked",
        format!("{} on {}", member.reference(), base.reference()),
        "This pair was never checked.",
        "Ask for a smoke run of the pair, or wait for the one that is queued.",
    );
    KnownPair { verdict: Verdict::Unknown, findings: vec![finding.with_severity(Severity::Warning)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(reference: &str, requires: &[(&str, &str)]) -> Member {
        let (module, version) = reference.split_once('@').unwrap();
        let requires = requires.iter().map(|(module, range)| Requirement {
            module: module.parse().unwrap(),
            version: range.parse().unwrap(),
            home: None,
        });
        Member {
            module: module.parse().unwrap(),
            version: version.parse().unwrap(),
            state: State::Published,
            state_reason: None,
            digest: Digest::of(reference.as_bytes()),
            requires: requires.collect(),
        }
    }

    fn proven(verdict: Verdict) -> impl Fn(usize, usize) -> Option<KnownPair> {
        move |_, _| Some(KnownPair { verdict, findings: Vec::new() })
    }

    fn rules(answer: &Deployable) -> Vec<&str> {
        answer.findings.iter().map(|finding| finding.rule.as_str()).collect()
    }

    #[test]
    fn a_proven_set_may_be_deployed() {
        let set = [member("a/bert@1.0.0", &[]), member("a/lora@1.0.0", &[("A/Bert", "^1")])];
        let answer = can_deploy(&set, proven(Verdict::Compatible));
        assert_eq!((answer.verdict, answer.pairs.len()), (Verdict::Compatible, 1));
    }

    #[test]
    fn a_dependent_without_its_backbone_may_not() {
        let answer = can_deploy(&[member("a/lora@1.0.0", &[("a/bert", "^1")])], proven(Verdict::Compatible));
        assert_eq!((answer.verdict, rules(&answer)), (Verdict::Incompatible, vec!["requirement_absent"]));
    }

    #[test]
    fn what_was_never_checked_is_unknown_and_says_so() {
        let set = [member("a/bert@1.0.0", &[]), member("a/lora@1.0.0", &[("a/bert", "^1")])];
        let answer = can_deploy(&set, |_, _| None);
        assert_eq!((answer.verdict, rules(&answer)), (Verdict::Unknown, vec!["pair_unchecked"]));
    }

    #[test]
    fn a_failure_is_not_hidden_by_an_unknown() {
        let set = [
            member("a/bert@1.0.0", &[]),
            member("a/one@1.0.0", &[("a/bert", "^1")]),
            member("a/two@1.0.0", &[("a/bert", "^1")]),
        ];
        let answer = can_deploy(&set, |dependent, _| {
            let verdict = if dependent == 1 { Verdict::Incompatible } else { Verdict::Unknown };
            Some(KnownPair { verdict, findings: Vec::new() })
        });
        assert_eq!(answer.verdict, Verdict::Incompatible);
    }

    #[test]
    fn bad_releases_may_not_be_deployed_and_deprecated_ones_may() {
        for (state, verdict) in [
            (State::Quarantined, Verdict::Incompatible),
            (State::Yanked, Verdict::Incompatible),
            (State::Verifying, Verdict::Incompatible),
            (State::Deprecated, Verdict::Compatible),
        ] {
            let mut bert = member("a/bert@1.0.0", &[]);
            bert.state = state;
            assert_eq!(can_deploy(&[bert], |_, _| None).verdict, verdict, "{state}");
        }
    }

    #[test]
    fn two_versions_of_one_module_may_not_be_deployed_together() {
        let answer = can_deploy(&[member("a/b@1.0.0", &[]), member("A/B@2.0.0", &[])], |_, _| None);
        assert_eq!(rules(&answer), ["module_twice"]);
    }
}
