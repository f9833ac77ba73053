//! Pairs and the matrix: what is known of them, and the runs that are still to be made.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, access, conclude};
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::domain::release::State;
use crate::domain::verdict::Verdict;
use crate::error::{Error, Result};
use crate::store::grid::{self, Cells, Column, Row, Wanted};
use crate::store::modules::Module;
use crate::store::pairs::{self, Cell, MatrixKey, Pair};
use crate::store::queued_runs;
use crate::store::releases::Release;
use crate::store::smoke_runs::SmokeRun;

/// What is known of a pair; `None` when it was never looked at.
///
/// # Errors
/// `not_found` when a side is not there or hidden.
pub async fn get(
    app: &App,
    caller: &Caller,
    dependent: &str,
    base: &str,
) -> Result<(Release, Release, Option<Pair>)> {
    let dependent = access::reference(app, caller, dependent).await?;
    let base = access::reference(app, caller, base).await?;
    let pair = pairs::get(&app.pool, dependent.id, base.id).await?;
    Ok((dependent, base, pair))
}

/// The cells of a backbone's releases and their dependents, behind `after`.
///
/// # Errors
/// `not_found`.
pub async fn matrix(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    after: Option<&MatrixKey>,
    limit: i64,
) -> Result<(Module, Vec<Cell>)> {
    let module = access::module(app, caller, module, Action::Read).await?;
    let cells = pairs::matrix(&app.pool, &caller.visible(), module.id, after, limit).await?;
    Ok((module, cells))
}

/// Queues the run of a pair ahead of all that nobody asked for; the answer is that run, or the one that is under
/// way.
///
/// # Errors
/// `not_found`; `forbidden` for who may publish in neither namespace; `state_conflict` when a side may not be used.
pub async fn ask(app: &App, caller: &Caller, dependent: &str, base: &str) -> Result<SmokeRun> {
    caller.id()?;
    let (dependent, base, pair) = get(app, caller, dependent, base).await?;
    if pair.is_none() {
        let what = format!("pair of {} and {}", dependent.reference(), base.reference());
        return Err(Error::not_found(what).with_remedy(
            "The first has to require the module of the second, and both have to be published.",
        ));
    }
    let theirs = base.module.namespace();
    if !caller.rights.allow(Some(theirs.as_str()), Action::Publish) {
        caller.require(Some(dependent.module.namespace().as_str()), Action::Publish)?;
    }
    if let Some(out) = [&dependent, &base].into_iter().find(|side| !side.state.is_healthy()) {
        return Err(access::wrong_state(out, &[State::Published, State::Deprecated]));
    }
    let mut tx = app.begin().await?;
    let run = conclude::ask(&mut tx, &dependent, &base).await?;
    let detail = json!({ "base": base.reference(), "smoke_run": run.id });
    caller.audit(&mut tx, "pair.ask", &dependent.reference(), Some(dependent.namespace_id), detail).await?;
    tx.commit().await?;
    Ok(run)
}

/// How far the proofs of what attaches to a release are: its pairs by verdict, and the runs to be made. Dependents
/// that the caller must not see do not count.
///
/// # Errors
/// `not_found`.
pub async fn progress(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    revision: &str,
) -> Result<(HashMap<Verdict, i64>, queued_runs::Left)> {
    let release = access::release(app, caller, module, revision, Action::Read).await?;
    let visible = caller.visible();
    let verdicts = pairs::counts(&app.pool, &visible, release.id).await?;
    Ok((verdicts, queued_runs::left(&app.pool, &visible, release.id).await?))
}

/// The most columns of a grid.
const MOST_COLUMNS: i64 = 400;

/// The matrix as a grid.
#[derive(Debug)]
pub struct Grid {
    /// Releases of the module, the lowest version first.
    pub columns: Vec<Column>,
    /// Releases that attach to it, each with one character for each column.
    pub rows: Vec<(Row, String)>,
}

/// The highest releases of a module and a page of the releases that attach to it.
///
/// # Errors
/// `not_found`.
pub async fn grid(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    wanted: &Wanted,
    limit: i64,
) -> Result<Grid> {
    let module = access::module(app, caller, module, Action::Read).await?;
    let columns = grid::columns(&app.pool, module.id, MOST_COLUMNS).await?;
    let bases: Vec<Uuid> = columns.iter().map(|column| column.id).collect();
    let visible = caller.visible();
    let rows = grid::rows(&app.pool, &visible, module.name.as_str(), &bases, wanted, limit).await?;
    let dependents: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let places: HashMap<Uuid, usize> = bases.into_iter().zip(0..).collect();
    let mut lines: HashMap<Uuid, String> = HashMap::new();
    for cells in grid::cells(&app.pool, &dependents).await? {
        lines.insert(cells.dependent, line(&places, &cells));
    }
    let empty = ".".repeat(columns.len());
    let with_cells = |row: Row| {
        let line = lines.remove(&row.id).unwrap_or_else(|| empty.clone());
        (row, line)
    };
    let rows = rows.into_iter().map(with_cells).collect();
    Ok(Grid { columns, rows })
}

/// One character for each column: the verdict's first letter, or `.` where there is none.
fn line(places: &HashMap<Uuid, usize>, cells: &Cells) -> String {
    let mut line = vec!['.'; places.len()];
    for (base, letter) in cells.bases.iter().zip(cells.letters.chars()) {
        // It may attach to other modules too.
        if let Some(place) = places.get(base) {
            line[*place] = letter;
        }
    }
    line.into_iter().collect()
}
