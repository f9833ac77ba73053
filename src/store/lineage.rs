//! Edges of the lineage graph.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::modules::Visible;
use super::{Tx, inconsistent};
use crate::domain::lineage::{Edge, Node, Relation};
use crate::error::Result;

/// The key of a release in edges.
pub fn release_key(id: Uuid) -> String {
    format!("release:{id}")
}

/// Stores the edges that a release's manifest states.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, release: Uuid, edges: &[(Relation, String)]) -> Result<()> {
    let relations: Vec<String> = edges.iter().map(|(relation, _)| relation.as_str().to_owned()).collect();
    let nodes: Vec<String> = edges.iter().map(|(_, node)| node.clone()).collect();
    sqlx::query!(
        "INSERT INTO lineage_edges (from_node, relation, to_node, release_id)
         SELECT $1, relation, node, $2 FROM unnest($3::text[], $4::text[]) AS edge (relation, node)
         ON CONFLICT DO NOTHING",
        release_key(release),
        release,
        &relations,
        &nodes
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which way to follow edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    /// Towards what things were made from.
    pub up: bool,
    /// Towards what was made from them.
    pub down: bool,
}

/// A node, and how many steps away it is.
#[derive(Debug, Clone)]
pub struct Reached {
    /// Its key.
    pub node: String,
    /// Steps from the root.
    pub depth: i32,
    /// Whether the walk was broken off for its length: there may be more nodes, at any distance.
    pub broken_off: bool,
}

/// The nodes within `depth` steps of `root`, nearest first, at most `limit`. Each step goes on in the
/// direction it came from, so that the siblings of an adapter are not its lineage, and none leads through
/// a release that the caller must not see.
///
/// # Errors
/// When the database does not answer.
pub async fn reachable(
    db: impl PgExecutor<'_>,
    visible: &Visible,
    root: &str,
    direction: Direction,
    depth: i32,
    limit: i64,
) -> Result<Vec<Reached>> {
    // UNION drops repeated rows, which ends cycles together with the depth. A walk comes by a node once for
    // each depth and way at most; more steps than that of `limit` nodes are not taken.
    let reached = sqlx::query_as!(
        Reached,
        r#"WITH RECURSIVE walk (node, depth, up) AS (
               SELECT $1::text, 0, way.up FROM unnest($2::bool[]) AS way (up)
             UNION
               SELECT step.node, walk.depth + 1, walk.up FROM walk CROSS JOIN LATERAL (
                   SELECT e.to_node AS node FROM lineage_edges e WHERE walk.up AND e.from_node = walk.node
                   UNION ALL
                   SELECT e.from_node FROM lineage_edges e WHERE NOT walk.up AND e.to_node = walk.node
               ) step WHERE walk.depth < $3 AND CASE WHEN step.node LIKE 'release:%' THEN EXISTS (
                   SELECT 1 FROM releases r JOIN modules m ON m.id = r.module_id
                   JOIN namespaces n ON n.id = m.namespace_id
                   WHERE r.id = substr(step.node, 9)::uuid
                     AND ($5 OR n.visibility = 'public' OR lower(n.name) = ANY($6))) ELSE true END
           ), taken AS MATERIALIZED (SELECT node, depth FROM walk LIMIT $4::bigint * 24)
           SELECT node AS "node!", min(depth) AS "depth!",
                  (SELECT count(*) FROM taken) = $4 * 24 AS "broken_off!"
           FROM taken GROUP BY node ORDER BY min(depth), node LIMIT $4"#,
        root,
        &[direction.up.then_some(true), direction.down.then_some(false)]
            .into_iter()
            .flatten()
            .collect::<Vec<bool>>(),
        depth,
        limit,
        visible.everything,
        &visible.namespaces
    );
    Ok(reached.fetch_all(db).await?)
}

/// Whether a release that the caller may read names this node.
///
/// # Errors
/// When the database does not answer.
pub async fn is_named(db: impl PgExecutor<'_>, visible: &Visible, node: &str) -> Result<bool> {
    let named = sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM lineage_edges e JOIN releases r ON r.id = e.release_id
               JOIN modules m ON m.id = r.module_id JOIN namespaces n ON n.id = m.namespace_id
               WHERE e.to_node = $1 AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))) AS "named!""#,
        node,
        visible.everything,
        &visible.namespaces
    );
    Ok(named.fetch_one(db).await?)
}

/// How many nodes hang on one.
#[derive(Debug, Clone)]
pub struct Degree {
    /// Its key.
    pub node: String,
    /// What it was made from.
    pub up: i64,
    /// What was made from it.
    pub down: i64,
}

/// How many nodes hang on each of these, as far as the caller may read them; those on which nothing hangs
/// are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn degrees(db: impl PgExecutor<'_>, visible: &Visible, nodes: &[String]) -> Result<Vec<Degree>> {
    // What an edge comes from is always the release that states it.
    let degrees = sqlx::query_as!(
        Degree,
        r#"SELECT side.node AS "node!", count(DISTINCT side.other) FILTER (WHERE side.up) AS "up!",
                  count(DISTINCT side.other) FILTER (WHERE NOT side.up) AS "down!"
           FROM (
               SELECT from_node AS node, to_node AS other, true AS up,
                      CASE WHEN to_node LIKE 'release:%' THEN substr(to_node, 9)::uuid END AS release_id
               FROM lineage_edges WHERE from_node = ANY($1)
               UNION ALL
               SELECT to_node, from_node, false, release_id FROM lineage_edges WHERE to_node = ANY($1)
           ) side
           LEFT JOIN releases r ON r.id = side.release_id LEFT JOIN modules m ON m.id = r.module_id
           LEFT JOIN namespaces n ON n.id = m.namespace_id
           WHERE side.release_id IS NULL
              OR r.id IS NOT NULL AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))
           GROUP BY side.node"#,
        nodes,
        visible.everything,
        &visible.namespaces
    );
    Ok(degrees.fetch_all(db).await?)
}

/// The edges among these nodes.
///
/// # Errors
/// When the database does not answer.
pub async fn edges(db: impl PgExecutor<'_>, nodes: &[String]) -> Result<Vec<Edge>> {
    let rows = sqlx::query!(
        "SELECT from_node, relation, to_node FROM lineage_edges WHERE from_node = ANY($1) AND to_node = ANY($1)
         ORDER BY from_node, relation, to_node",
        nodes
    );
    Ok(rows
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| Edge { from: row.from_node, relation: row.relation, to: row.to_node })
        .collect())
}

/// What these keys stand for; releases that the caller must not see are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn nodes(db: impl PgExecutor<'_>, visible: &Visible, keys: &[String]) -> Result<Vec<Node>> {
    let ids: Vec<Uuid> =
        keys.iter().filter_map(|key| key.strip_prefix("release:")).filter_map(|id| id.parse().ok()).collect();
    let mut nodes: Vec<Node> = sqlx::query!(
        "SELECT r.id, m.name AS module, r.version, m.kind, r.state FROM releases r
         JOIN modules m ON m.id = r.module_id JOIN namespaces n ON n.id = m.namespace_id
         WHERE r.id = ANY($1) AND ($2 OR n.visibility = 'public' OR lower(n.name) = ANY($3))",
        &ids,
        visible.everything,
        &visible.namespaces
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| Node::Release {
        key: release_key(row.id),
        reference: format!("{}@{}", row.module, row.version),
        module_kind: row.kind,
        state: row.state,
    })
    .collect();
    for key in keys.iter().filter(|key| !key.starts_with("release:")) {
        nodes.push(match key.split_once(':') {
            Some(("model", name)) => Node::Model { key: key.clone(), name: name.to_owned() },
            Some(("dataset", name)) => Node::Dataset { key: key.clone(), name: name.to_owned() },
            _ => return Err(inconsistent(format!("`{key}` is a lineage node"))),
        });
    }
    Ok(nodes)
}
