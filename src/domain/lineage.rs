//! The graph of where things come from: releases, models of other places, data sets.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How what was made hangs on what it was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// From a model of another place.
    DerivedFrom,
    /// From another release.
    Parent,
    /// On a data set.
    TrainedOn,
    /// To the release that it was made for.
    AttachesTo,
}

impl Relation {
    /// The stored and transmitted word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DerivedFrom => "derived_from",
            Self::Parent => "parent",
            Self::TrainedOn => "trained_on",
            Self::AttachesTo => "attaches_to",
        }
    }
}

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Node {
    /// A release of this registry, `namespace/name@version`.
    Release {
        /// Its key in edges.
        key: String,
        /// `namespace/name@version`.
        reference: String,
        /// What its module is.
        module_kind: String,
        /// Where it is in its life.
        state: String,
    },
    /// A model of another place.
    Model {
        /// Its key in edges.
        key: String,
        /// Its name there.
        name: String,
    },
    /// A data set.
    Dataset {
        /// Its key in edges.
        key: String,
        /// Its name or URL.
        name: String,
    },
}

impl Node {
    /// Its key in edges.
    pub fn key(&self) -> &str {
        match self {
            Self::Release { key, .. } | Self::Model { key, .. } | Self::Dataset { key, .. } => key,
        }
    }
}

/// A node of a part of the graph, with how much more hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GraphNode {
    /// The node.
    #[serde(flatten)]
    pub node: Node,
    /// To how many nodes edges lead from it in the whole graph, as far as the caller may read them: what
    /// it was made from.
    pub up: i64,
    /// From how many nodes edges lead to it: what was made from it.
    pub down: i64,
}

/// An edge, from what was made to what it was made from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Edge {
    /// Key of what was made.
    pub from: String,
    /// How it hangs on the other.
    pub relation: String,
    /// Key of what it was made from.
    pub to: String,
}

/// A part of the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Graph {
    /// The key of the node that was asked for.
    pub root: String,
    /// Nodes within the depth.
    pub nodes: Vec<GraphNode>,
    /// Edges between them.
    pub edges: Vec<Edge>,
    /// Whether there is more beyond the depth or the most nodes given.
    pub truncated: bool,
}
