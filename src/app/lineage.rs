//! The lineage graph around a release, or any of its nodes.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{App, Caller, access};
use crate::domain::finding::excerpt;
use crate::domain::lineage::{Graph, GraphNode, Node, Relation};
use crate::domain::manifest::Manifest;
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::domain::release::State;
use crate::domain::version::Version;
use crate::error::{Code, Error, Result};
use crate::store::lineage::{self, Direction, release_key};
use crate::store::releases::Release;
use crate::store::{Tx, modules, releases};

/// The most steps from the root.
pub const DEEPEST: u8 = 10;

const MOST_NODES: u16 = 1000;

/// The graph within `depth` steps of a release.
///
/// # Errors
/// `not_found`.
pub async fn around(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    revision: &str,
    direction: Direction,
    depth: u8,
) -> Result<Graph> {
    let release = access::release(app, caller, module, revision, Action::Read).await?;
    graph(app, caller, release_key(release.id), direction, depth).await
}

/// The graph within `depth` steps of any node: a release, or a data set or a model of another place that a
/// release names.
///
/// # Errors
/// `not_found` when it is not there or hidden.
pub async fn around_node(
    app: &App,
    caller: &Caller,
    node: &str,
    direction: Direction,
    depth: u8,
) -> Result<Graph> {
    let absent = || {
        Error::not_found(format!("lineage node `{}`", excerpt(node))).with_remedy(
            "Take the key of a node of a graph; private things look absent to those without a role.",
        )
    };
    let there = match node.split_once(':') {
        Some(("release", id)) => is_readable(app, caller, id).await?,
        Some(("dataset" | "model", _)) => lineage::is_named(&app.pool, &caller.visible(), node).await?,
        _ => false,
    };
    if !there {
        return Err(absent());
    }
    graph(app, caller, node.to_owned(), direction, depth).await
}

/// Whether there is a release of that id, submitted at least, that the caller may read.
async fn is_readable(app: &App, caller: &Caller, id: &str) -> Result<bool> {
    // Only as it stands in keys.
    let Some(id) = id.parse::<Uuid>().ok().filter(|parsed| parsed.to_string() == id) else {
        return Ok(false);
    };
    match access::release_by_id(app, caller, id).await {
        Ok(release) => Ok(!matches!(release.state, State::Draft | State::Rejected)),
        Err(error) if error.code == Code::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

async fn graph(app: &App, caller: &Caller, root: String, direction: Direction, depth: u8) -> Result<Graph> {
    let visible = caller.visible();
    let depth = i32::from(depth.min(DEEPEST));
    // A step and a node further than asked for, to know whether there is more.
    let mut reached =
        lineage::reachable(&app.pool, &visible, &root, direction, depth + 1, i64::from(MOST_NODES) + 1)
            .await?;
    let count = reached.len();
    let broken_off = reached.first().is_some_and(|root| root.broken_off);
    reached.truncate(usize::from(MOST_NODES));
    reached.retain(|node| node.depth <= depth);
    let truncated = broken_off || reached.len() < count;
    let keys: Vec<String> = reached.into_iter().map(|node| node.node).collect();
    let nodes = lineage::nodes(&app.pool, &visible, &keys).await?;
    let shown: Vec<String> = nodes.iter().map(|node| node.key().to_owned()).collect();
    let edges = lineage::edges(&app.pool, &shown).await?;
    let degrees = lineage::degrees(&app.pool, &visible, &shown).await?;
    let degrees: HashMap<String, (i64, i64)> =
        degrees.into_iter().map(|degree| (degree.node, (degree.up, degree.down))).collect();
    let with_degree = |node: Node| {
        let (up, down) = degrees.get(node.key()).copied().unwrap_or_default();
        GraphNode { node, up, down }
    };
    let nodes = nodes.into_iter().map(with_degree).collect();
    Ok(connected(Graph { root, nodes, edges, truncated }))
}

/// Leaves out what hangs on the root only through nodes that the caller must not see.
fn connected(mut graph: Graph) -> Graph {
    let mut neighbours: HashMap<&str, Vec<&str>> = HashMap::new();
    for edge in &graph.edges {
        neighbours.entry(&edge.from).or_default().push(&edge.to);
        neighbours.entry(&edge.to).or_default().push(&edge.from);
    }
    let mut reached: HashSet<String> = HashSet::from([graph.root.clone()]);
    let mut next: Vec<&str> = vec![&graph.root];
    while let Some(node) = next.pop() {
        for other in neighbours.get(node).into_iter().flatten() {
            if reached.insert((*other).to_owned()) {
                next.push(other);
            }
        }
    }
    graph.nodes.retain(|node| reached.contains(node.node.key()));
    graph.edges.retain(|edge| reached.contains(&edge.from) && reached.contains(&edge.to));
    graph
}

/// Stores what a release's manifest says about where it comes from, and the release that it was
/// proven on. Parents that are not in this registry stay names.
pub(crate) async fn record(tx: &mut Tx, id: Uuid, manifest: &Manifest, bases: &[&Release]) -> Result<()> {
    let provenance = &manifest.provenance;
    let mut edges = Vec::new();
    edges.extend(provenance.base_model.iter().map(|name| (Relation::DerivedFrom, format!("model:{name}"))));
    edges.extend(provenance.datasets.iter().map(|name| (Relation::TrainedOn, format!("dataset:{name}"))));
    for parent in &provenance.parents {
        let key = parent_key(tx, parent).await?.unwrap_or_else(|| format!("model:{parent}"));
        edges.push((Relation::Parent, key));
    }
    edges.extend(bases.iter().map(|base| (Relation::AttachesTo, release_key(base.id))));
    lineage::insert(tx, id, &edges).await
}

async fn parent_key(tx: &mut Tx, reference: &str) -> Result<Option<String>> {
    let Some((name, version)) = reference.split_once('@') else { return Ok(None) };
    let (Ok(name), Ok(version)) = (name.parse::<ModuleName>(), version.parse::<Version>()) else {
        return Ok(None);
    };
    let Some(module) = modules::by_name(&mut **tx, &name).await? else { return Ok(None) };
    let release = releases::by_version(&mut **tx, module.id, &version).await?;
    Ok(release.map(|release| release_key(release.id)))
}
