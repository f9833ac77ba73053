//! The lineage graph.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::{App, Caller, lineage};
use crate::domain::lineage::Graph;
use crate::error::{Code, Error, Result};
use crate::store::lineage::Direction;

/// Which way to follow edges.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Way {
    /// Towards what it was made from.
    Up,
    /// Towards what was made from it.
    Down,
    /// Both.
    #[default]
    Both,
}

/// How much of the graph.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LineageQuery {
    /// Steps from the release, 0 to 10; 2 when absent.
    #[param(maximum = 10)]
    depth: Option<u8>,
    /// `up` (what it was made from), `down` (what was made from it) or `both`.
    #[param(inline)]
    direction: Option<Way>,
}

/// Around which node.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NodeQuery {
    /// The key of a node, as in a graph: `dataset:debian-packages`, `model:bert-base`, `release:<id>`.
    node: String,
    /// Steps from the node, 0 to 10; 2 when absent.
    #[param(maximum = 10)]
    depth: Option<u8>,
    /// `up` (what it was made from), `down` (what was made from it) or `both`.
    #[param(inline)]
    direction: Option<Way>,
}

/// Get the lineage around a node.
///
/// As of a release, but also around a data set or a model of another place: everything that was made
/// from it.
#[utoipa::path(tag = "lineage", params(NodeQuery), responses((status = 200, body = Graph)))]
#[get("/lineage")]
pub(super) async fn get_node_lineage(
    app: Data<App>,
    caller: Caller,
    query: Query<NodeQuery>,
) -> Result<Json<Graph>> {
    let (direction, depth) = extent(query.direction, query.depth)?;
    Ok(Json(lineage::around_node(&app, &caller, &query.node, direction, depth).await?))
}

/// Get the lineage of a release.
///
/// Base models, parents, data sets and releases around it, as nodes and edges. Edges point from what
/// was made to what it was made from.
#[utoipa::path(tag = "lineage", params(LineageQuery), responses((status = 200, body = Graph)))]
#[get("/modules/{namespace}/{name}/releases/{revision}/lineage")]
pub(super) async fn get_lineage(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String, String)>,
    query: Query<LineageQuery>,
) -> Result<Json<Graph>> {
    let module = super::module_name(&path.0, &path.1)?;
    let (direction, depth) = extent(query.direction, query.depth)?;
    Ok(Json(lineage::around(&app, &caller, &module, &path.2, direction, depth).await?))
}

/// How far to go, and which way.
fn extent(way: Option<Way>, depth: Option<u8>) -> Result<(Direction, u8)> {
    let depth = depth.unwrap_or(2);
    if depth > lineage::DEEPEST {
        return Err(Error::new(
            Code::BadRequest,
            format!("`depth` is {depth}; it goes to {}.", lineage::DEEPEST),
        ));
    }
    let direction = match way.unwrap_or_default() {
        Way::Up => Direction { up: true, down: false },
        Way::Down => Direction { up: false, down: true },
        Way::Both => Direction { up: true, down: true },
    };
    Ok((direction, depth))
}
