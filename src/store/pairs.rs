//! Facts and verdicts of pairs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

use super::modules::Visible;
use super::{Tx, digest, verdict};
use crate::domain::compat::Facts;
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::smoke::Report;
use crate::domain::verdict::Verdict;
use crate::error::Result;

/// The latest facts of a pair.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What attaches.
    pub dependent_id: Uuid,
    /// What it attaches to.
    pub base_id: Uuid,
    /// The three facts.
    pub facts: Facts,
    /// The verdict that follows from them.
    pub verdict: Verdict,
    /// One reason each.
    pub findings: Vec<Finding>,
    /// The run that proved or refuted it.
    pub smoke_run_id: Option<Uuid>,
    /// When a fact last changed.
    pub updated_at: DateTime<Utc>,
}

struct Row {
    dependent_id: Uuid,
    base_id: Uuid,
    declared: String,
    structural: String,
    behavioural: String,
    verdict: String,
    findings: Json<Vec<Finding>>,
    smoke_run_id: Option<Uuid>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn into_pair(self) -> Result<Pair> {
        Ok(Pair {
            dependent_id: self.dependent_id,
            base_id: self.base_id,
            facts: Facts {
                declared: verdict(&self.declared)?,
                structural: verdict(&self.structural)?,
                behavioural: verdict(&self.behavioural)?,
            },
            verdict: verdict(&self.verdict)?,
            findings: self.findings.0,
            smoke_run_id: self.smoke_run_id,
            updated_at: self.updated_at,
        })
    }
}

/// Facts of a pair that were found anew.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What attaches.
    pub dependent: Uuid,
    /// What it attaches to.
    pub base: Uuid,
    /// The three facts.
    pub facts: Facts,
    /// One reason each.
    pub findings: Vec<Finding>,
    /// The run that proved or refuted it.
    pub smoke_run: Option<Uuid>,
}

/// Stores the latest facts of pairs, each of which is there once.
///
/// # Errors
/// When the database does not answer.
pub async fn upsert(tx: &mut Tx, pairs: &[Judged]) -> Result<()> {
    let words = |fact: fn(&Facts) -> Verdict| -> Vec<String> {
        pairs.iter().map(|pair| fact(&pair.facts).as_str().to_owned()).collect()
    };
    let dependents: Vec<Uuid> = pairs.iter().map(|pair| pair.dependent).collect();
    let bases: Vec<Uuid> = pairs.iter().map(|pair| pair.base).collect();
    let runs: Vec<Option<Uuid>> = pairs.iter().map(|pair| pair.smoke_run).collect();
    let findings: Vec<Json<&Vec<Finding>>> = pairs.iter().map(|pair| Json(&pair.findings)).collect();
    sqlx::query!(
        "INSERT INTO pairs (dependent_id, base_id, declared, structural, behavioural, verdict, findings, smoke_run_id)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
                              $8::uuid[])
         ON CONFLICT (dependent_id, base_id) DO UPDATE SET declared = excluded.declared,
             structural = excluded.structural, behavioural = excluded.behavioural, verdict = excluded.verdict,
             findings = excluded.findings, smoke_run_id = excluded.smoke_run_id, updated_at = now()",
        &dependents,
        &bases,
        &words(|facts| facts.declared),
        &words(|facts| facts.structural),
        &words(|facts| facts.behavioural),
        &words(|facts| facts.verdict()),
        &findings as _,
        &runs as &[Option<Uuid>]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes the other releases that change pairs with this module wait until the transaction ends, so
/// that a dependent and a backbone published at the same time see each other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_module(tx: &mut Tx, module: &str) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('pairs:' || lower($1), 0))", module)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The latest facts of a pair.
///
/// # Errors
/// When the database does not answer.
pub async fn get(db: impl PgExecutor<'_>, dependent: Uuid, base: Uuid) -> Result<Option<Pair>> {
    sqlx::query_as!(
        Row,
        r#"SELECT dependent_id, base_id, declared, structural, behavioural, verdict,
                  findings AS "findings: Json<Vec<Finding>>", smoke_run_id, updated_at
           FROM pairs WHERE dependent_id = $1 AND base_id = $2"#,
        dependent,
        base
    )
    .fetch_optional(db)
    .await?
    .map(Row::into_pair)
    .transpose()
}

/// The latest facts of the pairs among these releases.
///
/// # Errors
/// When the database does not answer.
pub async fn among(db: impl PgExecutor<'_>, releases: &[Uuid]) -> Result<Vec<Pair>> {
    sqlx::query_as!(
        Row,
        r#"SELECT dependent_id, base_id, declared, structural, behavioural, verdict,
                  findings AS "findings: Json<Vec<Finding>>", smoke_run_id, updated_at
           FROM pairs WHERE dependent_id = ANY($1) AND base_id = ANY($1)"#,
        releases
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(Row::into_pair)
    .collect()
}

/// The best verdict of each dependent with each module that it attaches to and the caller may read, and of
/// those the worst: incompatible when there is a module none of whose releases it works with. Dependents that
/// attach to nothing are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn worst(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    dependents: &[Uuid],
) -> Result<HashMap<Uuid, Verdict>> {
    let rows = sqlx::query!(
        r#"SELECT p.dependent_id, bool_or(p.verdict = 'compatible') AS "works!", bool_or(p.verdict = 'unknown') AS "open!"
           FROM pairs p JOIN releases b ON b.id = p.base_id JOIN modules m ON m.id = b.module_id
           JOIN namespaces n ON n.id = m.namespace_id
           WHERE p.dependent_id = ANY($1) AND b.state IN ('published', 'deprecated')
             AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))
           GROUP BY p.dependent_id, b.module_id"#,
        dependents,
        visible.everything,
        &visible.namespaces
    )
    .fetch_all(db)
    .await?;
    let mut verdicts = HashMap::new();
    for row in rows {
        let best = match (row.works, row.open) {
            (true, _) => Verdict::Compatible,
            (false, true) => Verdict::Unknown,
            (false, false) => Verdict::Incompatible,
        };
        let worst = verdicts.entry(row.dependent_id).or_insert(best);
        *worst = best.max(*worst);
    }
    Ok(verdicts)
}

/// The same of one dependent, whoever may read what it attaches to.
///
/// # Errors
/// When the database does not answer.
pub async fn worst_of(db: impl PgExecutor<'_>, dependent: Uuid) -> Result<Option<Verdict>> {
    Ok(worst(db, &Visible::everything(), &[dependent]).await?.remove(&dependent))
}

/// How many dependents that the caller may read have each verdict on a base.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(db: impl PgExecutor<'_>, visible: &Visible, base: Uuid) -> Result<HashMap<Verdict, i64>> {
    let rows = sqlx::query!(
        r#"SELECT p.verdict, count(*) AS "pairs!"
           FROM pairs p JOIN releases d ON d.id = p.dependent_id JOIN modules m ON m.id = d.module_id
           JOIN namespaces n ON n.id = m.namespace_id
           WHERE p.base_id = $1 AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))
           GROUP BY p.verdict"#,
        base,
        visible.everything,
        &visible.namespaces
    );
    rows.fetch_all(db).await?.into_iter().map(|row| Ok((verdict(&row.verdict)?, row.pairs))).collect()
}

/// One cell of the matrix, with the names of both sides.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The facts.
    pub pair: Pair,
    /// `namespace/name` of what attaches.
    pub dependent: String,
    /// Its version.
    pub dependent_version: String,
    /// Its kind.
    pub dependent_kind: String,
    /// Version of the backbone.
    pub base_version: String,
}

/// Where a page of the matrix begins: behind this row.
#[derive(Debug, Clone)]
pub struct MatrixKey {
    /// Lower-case name of the dependent module.
    pub module: String,
    /// Id of the dependent release.
    pub dependent: Uuid,
    /// Id of the base release.
    pub base: Uuid,
}

/// The cells of a backbone's releases and their dependents, by dependent; dependents that the
/// caller must not see are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn matrix(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    base_module: Uuid,
    after: Option<&MatrixKey>,
    limit: i64,
) -> Result<Vec<Cell>> {
    let (module, dependent, base) = match after {
        Some(key) => (key.module.as_str(), key.dependent, key.base),
        None => ("", Uuid::nil(), Uuid::nil()),
    };
    let rows = sqlx::query!(
        r#"SELECT p.dependent_id, p.base_id, p.declared, p.structural, p.behavioural, p.verdict,
                  p.findings AS "findings: Json<Vec<Finding>>", p.smoke_run_id, p.updated_at,
                  dm.name AS dependent, d.version AS dependent_version, dm.kind AS dependent_kind,
                  b.version AS base_version
           FROM releases b JOIN pairs p ON p.base_id = b.id JOIN releases d ON d.id = p.dependent_id
           JOIN modules dm ON dm.id = d.module_id JOIN namespaces n ON n.id = dm.namespace_id
           WHERE b.module_id = $1 AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))
             AND (lower(dm.name), d.id, b.id) > ($4, $5, $6)
           ORDER BY lower(dm.name), d.id, b.id LIMIT $7"#,
        base_module,
        visible.everything,
        &visible.namespaces,
        module,
        dependent,
        base,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let pair = Row {
                dependent_id: row.dependent_id,
                base_id: row.base_id,
                declared: row.declared,
                structural: row.structural,
                behavioural: row.behavioural,
                verdict: row.verdict,
                findings: row.findings,
                smoke_run_id: row.smoke_run_id,
                updated_at: row.updated_at,
            };
            Ok(Cell {
                pair: pair.into_pair()?,
                dependent: row.dependent,
                dependent_version: row.dependent_version,
                dependent_kind: row.dependent_kind,
                base_version: row.base_version,
            })
        })
        .collect()
}

/// What identifies a proof: the contents of the three that take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Proof {
    /// Content of what attaches.
    pub dependent: Digest,
    /// Content of what it attaches to.
    pub base: Digest,
    /// Content of the backbone that it was judged against.
    pub home: Digest,
}

/// What a smoke run proved.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The verdict on behaviour.
    pub verdict: Verdict,
    /// One reason each.
    pub findings: Vec<Finding>,
    /// The run.
    pub smoke_run_id: Uuid,
}

impl Proven {
    /// What a run came to.
    pub fn of(run: Uuid, report: &Report) -> Self {
        Self { verdict: report.verdict, findings: report.findings.clone(), smoke_run_id: run }
    }
}

/// What was proven of these contents, by whichever releases.
///
/// # Errors
/// When the database does not answer.
pub async fn proven(db: impl PgExecutor<'_>, proofs: &[Proof]) -> Result<HashMap<Proof, Proven>> {
    let column = |content: fn(&Proof) -> Digest| -> Vec<Vec<u8>> {
        proofs.iter().map(|proof| content(proof).as_bytes().to_vec()).collect()
    };
    let rows = sqlx::query!(
        r#"SELECT f.dependent, f.base, f.home, f.verdict, f.findings AS "findings: Json<Vec<Finding>>",
                  f.smoke_run_id
           FROM (SELECT DISTINCT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[])
                 AS asked (dependent, base, home)) asked
           JOIN behaviour_facts f USING (dependent, base, home)"#,
        &column(|proof| proof.dependent),
        &column(|proof| proof.base),
        &column(|proof| proof.home)
    );
    rows.fetch_all(db)
        .await?
        .into_iter()
        .map(|row| {
            let (dependent, base, home) = (digest(&row.dependent)?, digest(&row.base)?, digest(&row.home)?);
            let proven = Proven {
                verdict: verdict(&row.verdict)?,
                findings: row.findings.0,
                smoke_run_id: row.smoke_run_id,
            };
            Ok((Proof { dependent, base, home }, proven))
        })
        .collect()
}

/// Records what a smoke run proved.
///
/// # Errors
/// When the database does not answer.
pub async fn record_proof(tx: &mut Tx, proof: &Proof, proven: &Proven) -> Result<()> {
    sqlx::query!(
        "INSERT INTO behaviour_facts (dependent, base, home, verdict, findings, smoke_run_id)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (dependent, base, home) DO UPDATE SET verdict = excluded.verdict,
             findings = excluded.findings, smoke_run_id = excluded.smoke_run_id",
        proof.dependent.as_bytes().as_slice(),
        proof.base.as_bytes().as_slice(),
        proof.home.as_bytes().as_slice(),
        proven.verdict.as_str(),
        Json(&proven.findings) as _,
        proven.smoke_run_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
