//! The matrix of thousands of pairs in one answer.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page;
use crate::app::{App, Caller, pairs};
use crate::domain::module::Kind;
use crate::domain::release::State;
use crate::domain::verdict::Verdict;
use crate::domain::version::Version;
use crate::error::Result;
use crate::store::grid::{Column, Row, Wanted};
use crate::store::page_limit;

const DEFAULT_ROWS: u16 = 500;
const MOST_ROWS: u16 = 1000;

/// The matrix as a grid: one character a cell, so that thousands of cells are one answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Grid {
    /// Releases of the backbone that were published, the lowest version first; at most the 400 highest.
    pub columns: Vec<GridColumn>,
    /// Dependent releases, by module and version.
    pub rows: Vec<GridRow>,
    /// Where the next page of rows begins (`after`); absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A release of the backbone in a grid.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GridColumn {
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
}

/// A dependent release in a grid.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GridRow {
    /// Its module.
    pub module: String,
    /// What that is.
    pub kind: Kind,
    /// Its version.
    pub version: Version,
    /// Where it is in its life.
    pub state: State,
    /// One character for each column: `c` compatible, `i` incompatible, `u` unknown, `.` never paired.
    pub cells: String,
}

/// Which rows of a grid.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GridQuery {
    /// Part of the dependent module's name, in any case.
    query: Option<String>,
    /// Only rows with a cell of this verdict.
    #[param(inline)]
    verdict: Option<Verdict>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many rows, 1 to 1000; 500 when absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u16>,
}

/// Get the matrix as a grid.
///
/// A row for each dependent release, a column for each release of the backbone, a character for each
/// verdict; what is behind one is told by the pair.
#[utoipa::path(tag = "compatibility", params(GridQuery), responses((status = 200, body = Grid)))]
#[get("/modules/{namespace}/{name}/matrix/grid")]
pub(super) async fn get_grid(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    query: Query<GridQuery>,
) -> Result<Json<Grid>> {
    let name = super::module_name(&path.0, &path.1)?;
    let GridQuery { query, verdict, after, limit } = query.into_inner();
    let limit = page::limit(limit, DEFAULT_ROWS, MOST_ROWS)?;
    let wanted = Wanted { query, verdict, after: page::key(after.as_deref())? };
    let grid = pairs::grid(&app, &caller, &name, &wanted, page_limit(limit)).await?;
    let mut rows = grid.rows;
    let key = |(row, _): &(Row, String)| (row.module.to_ascii_lowercase(), row.version.sort_key(), row.id);
    let next = page::cut(&mut rows, limit, key)?;
    let columns = grid.columns.into_iter().map(|Column { version, state, .. }| GridColumn { version, state });
    let view = |(row, cells): (Row, String)| {
        let Row { module, kind, version, state, .. } = row;
        GridRow { module, kind, version, state, cells }
    };
    Ok(Json(Grid { columns: columns.collect(), rows: rows.into_iter().map(view).collect(), next }))
}
