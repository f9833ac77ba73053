//! The lineage graph around a release.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::{App, Caller, access};
use crate::domain::lineage::{Graph, GraphNode, Relation};
use crate::domain::manifest::Manifest;
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::domain::version::Version;
use crate::error::Result;
use crate::store::lineage::{self, Direction, release_key};
use crate::store::releases::Release;
use crate::store::{Tx, modules, releases};

/// The most steps from the root.
pub const DEEPEST: u8 = 10;

const MOST_NODES: i64 = 1000;

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
    let root = release_key(release.id);
    let visible = caller.visible();
    let depth = depth.min(DEEPEST);
    let mut keys =
        lineage::reachable(&app.pool, &visible, &root, direction, i32::from(depth) + 1, MOST_NODES + 1)
            .await?;
    let within: BTreeSet<String> =
        lineage::reachable(&app.pool, &visible, &root, direction, i32::from(depth), MOST_NODES)
            .await?
            .into_iter()
            .collect();
    let truncated = keys.len() > within.len();
    keys.retain(|key| within.contains(key));
    let nodes = lineage::nodes(&app.pool, &visible, &keys).await?;
    let shown: Vec<String> = nodes.iter().map(|node| node.key().to_owned()).collect();
    let edges = lineage::edges(&app.pool, &shown).await?;
    let nodes = nodes.into_iter().map(|node| GraphNode { node, up: 0, down: 0 }).collect();
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
