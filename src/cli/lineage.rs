//! `cambium lineage`: where a release comes from and what hangs on it, as a tree.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::client::{Client, Connection};
use super::reference::Reference;
use super::terminal;
use crate::domain::lineage::{Edge, Graph, GraphNode, Node};

/// Show where a release comes from, and what hangs on it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  cambium lineage demo/debian-sections-lora@1.0.0 --depth 4 --direction up"
)]
pub struct LineageArgs {
    /// The release: namespace/name@version, or namespace/name@channel.
    #[arg(value_name = "REF")]
    pub release: Reference,
    /// Steps from the release.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=10))]
    pub depth: u8,
    /// Which way to go.
    #[arg(long, value_enum, default_value_t = Way::Both)]
    pub direction: Way,
    /// Print nodes and edges as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// To what it was made from.
    Up,
    /// To what was made from it.
    Down,
    /// Both.
    Both,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: LineageArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let release = &args.release;
    let mut url = client.module_url(&release.module, ["releases", &release.revision, "lineage"]);
    let way = match args.direction {
        Way::Up => "up",
        Way::Down => "down",
        Way::Both => "both",
    };
    url.query_pairs_mut().append_pair("depth", &args.depth.to_string()).append_pair("direction", way);
    let graph: Graph = client.get(url).await?;
    if args.json {
        terminal::print_json(&graph)?;
    } else {
        terminal::print(&drawn(&graph, args.direction))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The graph as a tree from its root: first what it was made from, then what was made from it.
fn drawn(graph: &Graph, way: Way) -> String {
    let nodes: BTreeMap<&str, &Node> =
        graph.nodes.iter().map(|GraphNode { node, .. }| (node.key(), node)).collect();
    let mut text = match nodes.get(graph.root.as_str()) {
        Some(node) => format!("{}\n", label(node)),
        None => return String::new(),
    };
    let mut branches = Vec::new();
    if way != Way::Down {
        branches.push(Branch { title: "made from", up: true });
    }
    if way != Way::Up {
        branches.push(Branch { title: "used by", up: false });
    }
    for (at, branch) in branches.iter().enumerate() {
        let (mark, inset) = marks(at + 1 == branches.len());
        text.push_str(&format!("{mark}{}\n", terminal::faint(branch.title)));
        let mut tree = Tree { graph, nodes: &nodes, up: branch.up, above: BTreeSet::new(), text: &mut text };
        tree.draw(&graph.root, inset, &mut vec![&graph.root]);
    }
    if graph.truncated {
        text.push_str("there is more beyond: see --depth\n");
    }
    text
}

struct Branch {
    title: &'static str,
    up: bool,
}

struct Tree<'a> {
    graph: &'a Graph,
    nodes: &'a BTreeMap<&'a str, &'a Node>,
    up: bool,
    /// Keys whose own branches were drawn; they are not drawn twice.
    above: BTreeSet<&'a str>,
    text: &'a mut String,
}

impl<'a> Tree<'a> {
    fn draw(&mut self, of: &'a str, inset: &str, path: &mut Vec<&'a str>) {
        let steps: Vec<(&'a Edge, &'a str)> = self
            .graph
            .edges
            .iter()
            .filter_map(|edge| match self.up {
                true => (edge.from == of).then_some((edge, edge.to.as_str())),
                false => (edge.to == of).then_some((edge, edge.from.as_str())),
            })
            .filter(|(_, next)| self.nodes.contains_key(next))
            .collect();
        if steps.is_empty() && path.len() == 1 {
            self.text.push_str(&format!("{inset}└─ {}\n", terminal::faint("nothing that is known")));
        }
        let count = steps.len();
        for (at, (edge, next)) in steps.into_iter().enumerate() {
            let (mark, deeper) = marks(at + 1 == count);
            let relation = terminal::faint(&edge.relation.replace('_', " "));
            let node = label(self.nodes[next]);
            let note = if path.contains(&next) {
                " (a cycle)"
            } else if self.above.contains(next) {
                " (see above)"
            } else {
                ""
            };
            self.text.push_str(&format!("{inset}{mark}{relation} {node}{note}\n"));
            if note.is_empty() {
                self.above.insert(next);
                path.push(next);
                self.draw(next, &format!("{inset}{deeper}"), path);
                path.pop();
            }
        }
    }
}

const fn marks(last: bool) -> (&'static str, &'static str) {
    if last { ("└─ ", "   ") } else { ("├─ ", "│  ") }
}

fn label(node: &Node) -> String {
    match node {
        Node::Release { reference, module_kind, state, .. } => {
            let state = state.parse().map_or_else(|()| terminal::plain(state), terminal::state);
            format!("{} {} {state}", terminal::strong(reference), terminal::plain(module_kind))
        }
        Node::Model { name, .. } => format!("{} model of another place", terminal::strong(name)),
        Node::Dataset { name, .. } => format!("{} data set", terminal::strong(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(node: Node) -> GraphNode {
        GraphNode { node, up: 0, down: 0 }
    }

    fn release(key: &str) -> GraphNode {
        alone(Node::Release {
            key: key.into(),
            reference: format!("t/{key}@1.0.0"),
            module_kind: "adapter".into(),
            state: "published".into(),
        })
    }

    fn edge(from: &str, relation: &str, to: &str) -> Edge {
        Edge { from: from.into(), relation: relation.into(), to: to.into() }
    }

    #[test]
    fn both_ways_are_drawn_with_relations_and_states() {
        let data = alone(Node::Dataset { key: "d".into(), name: "texts".into() });
        let graph = Graph {
            root: "a".into(),
            nodes: vec![release("a"), release("b"), release("c"), data],
            edges: vec![
                edge("a", "attaches_to", "b"),
                edge("b", "trained_on", "d"),
                edge("c", "parent", "a"),
            ],
            truncated: false,
        };
        assert_eq!(
            console::strip_ansi_codes(&drawn(&graph, Way::Both)),
            "t/a@1.0.0 adapter published\n\
             ├─ made from\n\
             │  └─ attaches to t/b@1.0.0 adapter published\n\
             │     └─ trained on texts data set\n\
             └─ used by\n   \
                └─ parent t/c@1.0.0 adapter published\n"
        );
    }

    #[test]
    fn cycles_are_cut_and_what_is_reached_twice_is_drawn_once() {
        let graph = Graph {
            root: "a".into(),
            nodes: vec![release("a"), release("b"), release("c")],
            edges: vec![
                edge("a", "parent", "b"),
                edge("a", "parent", "c"),
                edge("b", "parent", "c"),
                edge("c", "parent", "a"),
            ],
            truncated: true,
        };
        let text = drawn(&graph, Way::Up);
        assert_eq!(text.matches("(a cycle)").count(), 1, "{text}");
        assert_eq!(text.matches("(see above)").count(), 1, "{text}");
        assert!(text.contains("--depth"), "{text}");
    }
}
