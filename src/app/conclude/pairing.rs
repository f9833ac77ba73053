//! Pairs of releases: their facts, judged from what is stored, many at once.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::app::events;
use crate::domain::compat::{self, Facts};
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::name::ModuleName;
use crate::domain::structure::{self, Fit};
use crate::domain::urgency::Urgency;
use crate::domain::verdict::Verdict;
use crate::error::Result;
use crate::store::Tx;
use crate::store::jobs::{self, ProveDependents};
use crate::store::pairs::{self, Judged, Proof, Proven};
use crate::store::parties::{self, Dependent, Party};
use crate::store::queued_runs::{self, Wanted};
use crate::store::releases::Release;

/// A dependent and a release of the module that it requires.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    /// What attaches.
    pub dependent: &'a Dependent,
    /// What it attaches to.
    pub base: &'a Party,
}

impl Side<'_> {
    /// What a proof of the pair is filed under. What else the dependent requires takes part in the run, so it
    /// takes part in the key.
    pub(super) fn proof(&self) -> Result<Proof> {
        let Dependent { party, companions, home, .. } = self.dependent;
        let content = match companions.is_empty() {
            true => party.content,
            false => Digest::of_canonical(&(party.content, companions))?,
        };
        let home = home.map_or(self.base.content, |(_, content)| content);
        Ok(Proof { dependent: content, base: self.base.content, home })
    }

    /// Whether the dependent was made for the very release.
    fn is_home(&self) -> bool {
        self.dependent.home.is_some_and(|(home, _)| home == self.base.id)
    }

    fn declared(&self) -> std::result::Result<(), Finding> {
        compat::declared(&self.base.module, &self.dependent.range, &self.base.version)
    }

    fn reference(&self) -> String {
        format!("{} on {}", self.dependent.party.reference(), self.base.reference())
    }
}

/// Pairs a release with every release of the modules that it requires. What was just `proven` is the pair with
/// its home.
pub(super) async fn with_bases(tx: &mut Tx, release: &Release, proven: Option<&Proven>) -> Result<()> {
    for requirement in &release.manifest.requires {
        let dependents = parties::dependents(&mut **tx, &requirement.module, Some(release.id)).await?;
        let bases = parties::bases(&mut **tx, &requirement.module, None).await?;
        let Some(dependent) = dependents.first() else { continue };
        let sides: Vec<Side<'_>> = bases.iter().map(|base| Side { dependent, base }).collect();
        if let (Some(proven), Some(side)) = (proven, sides.iter().find(|side| side.is_home())) {
            proof_of(tx, side, proven).await?;
        }
        let just = |side: &Side<'_>| proven.filter(|_| side.is_home()).cloned();
        judge(tx, &sides, just).await?;
    }
    Ok(())
}

/// Pairs a release with every release that requires its module: the structural fact at once, from what is
/// stored, and queued runs where behaviour is not proven.
pub(super) async fn with_dependents(tx: &mut Tx, release: &Release) -> Result<()> {
    let dependents = parties::dependents(&mut **tx, &release.module, None).await?;
    let bases = parties::bases(&mut **tx, &release.module, Some(release.id)).await?;
    let Some(base) = bases.first() else { return Ok(()) };
    let sides: Vec<Side<'_>> = dependents.iter().map(|dependent| Side { dependent, base }).collect();
    judge(tx, &sides, |_| None).await
}

/// A pair of published releases, as it is judged; `None` where one of them may not be used any more.
pub(super) struct Both {
    dependent: Dependent,
    base: Party,
}

impl Both {
    pub(super) async fn of(
        tx: &mut Tx,
        dependent: Uuid,
        module: &ModuleName,
        base: Uuid,
    ) -> Result<Option<Self>> {
        let dependent = parties::dependents(&mut **tx, module, Some(dependent)).await?.pop();
        let base = parties::bases(&mut **tx, module, Some(base)).await?.pop();
        Ok(dependent.zip(base).map(|(dependent, base)| Self { dependent, base }))
    }

    pub(super) const fn side(&self) -> Side<'_> {
        Side { dependent: &self.dependent, base: &self.base }
    }
}

/// Records what a run settled. A run that could not be made has settled nothing for others.
pub(super) async fn proof_of(tx: &mut Tx, side: &Side<'_>, proven: &Proven) -> Result<()> {
    match proven.verdict {
        Verdict::Unknown => Ok(()),
        _ => pairs::record_proof(tx, &side.proof()?, proven).await,
    }
}

/// Stores the facts of pairs, and queues a run of each whose behaviour is neither known nor beside the point.
/// What `just` gives was proven by a run that ended now.
pub(super) async fn judge(
    tx: &mut Tx,
    sides: &[Side<'_>],
    just: impl Fn(&Side<'_>) -> Option<Proven>,
) -> Result<()> {
    let fits = fits(tx, sides).await?;
    let proofs = sides.iter().map(Side::proof).collect::<Result<Vec<_>>>()?;
    let proven = pairs::proven(&mut **tx, &proofs).await?;
    let (mut judged, mut wanted) = (Vec::with_capacity(sides.len()), Vec::new());
    for (side, proof) in sides.iter().zip(&proofs) {
        let fit = &fits[&(side.dependent.party.structure, side.base.structure)];
        let known = just(side).or_else(|| proven.get(proof).cloned());
        if known.is_none() && fit.verdict != Verdict::Incompatible {
            wanted.push(run_of(side));
        }
        judged.push(facts(side, fit, known));
    }
    pairs::upsert(tx, &judged).await?;
    let told: Vec<_> = sides
        .iter()
        .zip(&judged)
        .map(|(side, judged)| (&side.dependent.party, side.base, judged.facts.verdict()))
        .collect();
    events::pairs(tx, &told).await?;
    queue(tx, &wanted).await
}

/// Queues runs, and the jobs that make them.
pub(super) async fn queue(tx: &mut Tx, wanted: &[Wanted]) -> Result<()> {
    queued_runs::queue(tx, wanted).await?;
    let jobs: BTreeSet<_> = wanted.iter().map(|run| (run.urgency, run.base)).collect();
    for (urgency, base) in jobs {
        jobs::prove_dependents(tx, &ProveDependents::new(base, urgency)).await?;
    }
    Ok(())
}

/// The run that would prove a pair.
pub(super) fn run_of(side: &Side<'_>) -> Wanted {
    let Dependent { party, home, in_use, is_latest, .. } = side.dependent;
    Wanted {
        dependent: party.id,
        base: side.base.id,
        home: home.map(|(home, _)| home).filter(|home| *home != side.base.id),
        urgency: Urgency::of(side.declared().is_ok(), *in_use, *is_latest),
    }
}

/// How the headers of each pair fit. Releases whose headers say the same are checked once.
async fn fits(tx: &mut Tx, sides: &[Side<'_>]) -> Result<HashMap<(Digest, Digest), Fit>> {
    let parties = sides.iter().flat_map(|side| [&side.dependent.party, side.base]);
    let by_structure: HashMap<Digest, Uuid> = parties.map(|party| (party.structure, party.id)).collect();
    let releases: Vec<Uuid> = by_structure.into_values().collect();
    let structures = parties::structures(&mut **tx, &releases).await?;
    let mut fits = HashMap::new();
    for side in sides {
        let key = (side.dependent.party.structure, side.base.structure);
        fits.entry(key).or_insert_with(|| {
            // Both are there: they were asked for by the same rows.
            let (ours, theirs) = (structures.get(&key.0), structures.get(&key.1));
            ours.zip(theirs).map_or_else(Fit::unchecked, |(ours, theirs)| {
                structure::check(&ours.interface, &ours.anatomy, &theirs.interface)
            })
        });
    }
    Ok(fits)
}

fn facts(side: &Side<'_>, fit: &Fit, proven: Option<Proven>) -> Judged {
    let mut findings = fit.findings.clone();
    let declared = match side.declared() {
        Ok(()) => Verdict::Compatible,
        Err(finding) => {
            findings.insert(0, finding);
            Verdict::Incompatible
        }
    };
    let behavioural = proven.as_ref().map_or(Verdict::Unknown, |proven| proven.verdict);
    // What the headers leave open, a run that went well has settled.
    let structural = match (fit.verdict, behavioural) {
        (Verdict::Unknown, Verdict::Compatible) => Verdict::Compatible,
        (fit, _) => fit,
    };
    if proven.is_none() && structural != Verdict::Incompatible {
        findings.push(not_proven(side));
    }
    let smoke_run = proven.as_ref().map(|proven| proven.smoke_run_id);
    findings.extend(proven.into_iter().flat_map(|proven| proven.findings));
    Judged {
        dependent: side.dependent.party.id,
        base: side.base.id,
        facts: Facts { declared, structural, behavioural },
        findings,
        smoke_run,
    }
}

fn not_proven(side: &Side<'_>) -> Finding {
    Finding::warning(
        "not_proven",
        side.reference(),
        "The smoke run of this pair has not ended.",
        "Wait for the run; it is queued.",
    )
}
