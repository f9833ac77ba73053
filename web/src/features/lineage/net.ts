// The graph around a node, put together from answers, with its neighbours at hand. Pure.

import type { Edge, Graph, GraphNode } from '@/api/types';
import { type Side, sideToken } from './search';

export const SIDES = ['up', 'down'] as const satisfies readonly Side[];

export interface Neighbour {
  readonly key: string;
  readonly relation: string;
}

/** Nodes and edges, each once, and for each node its neighbours on both sides. */
export class Net {
  readonly root: string;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly Edge[];
  readonly #up = new Map<string, Neighbour[]>();
  readonly #down = new Map<string, Neighbour[]>();

  /** Edges to nodes that are not there are left out. */
  constructor(root: string, nodes: ReadonlyMap<string, GraphNode>, edges: readonly Edge[]) {
    this.root = root;
    this.nodes = nodes;
    this.edges = edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to) && from !== to);
    for (const { from, to, relation } of this.edges) {
      append(this.#up, from, { key: to, relation });
      append(this.#down, to, { key: from, relation });
    }
  }

  at(key: string, side: Side): readonly Neighbour[] {
    return (side === 'up' ? this.#up : this.#down).get(key) ?? [];
  }

  /** How many nodes stand beside a node here, each counted once. */
  count(key: string, side: Side): number {
    return new Set(this.at(key, side).map((neighbour) => neighbour.key)).size;
  }

  /** How many more there are beside it that are not here. */
  missing(key: string, side: Side): number {
    const node = this.nodes.get(key);
    return node ? Math.max(0, node[side] - this.count(key, side)) : 0;
  }

  /** The part of it that these nodes and the edges among them make. */
  only(keys: ReadonlySet<string>): Net {
    const nodes = new Map([...this.nodes].filter(([key]) => keys.has(key)));
    return new Net(this.root, nodes, this.edges);
  }
}

function append(lists: Map<string, Neighbour[]>, key: string, neighbour: Neighbour): void {
  const there = lists.get(key);
  if (there) there.push(neighbour);
  else lists.set(key, [neighbour]);
}

/** One graph of several; the first says where it begins. What two of them say is there once. */
export function merge(graphs: readonly Graph[]): Net {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, Edge>();
  for (const graph of graphs) {
    for (const node of graph.nodes) nodes.set(node.key, node);
    for (const edge of graph.edges) edges.set(`${edge.from} ${edge.relation} ${edge.to}`, edge);
  }
  return new Net(graphs[0]?.root ?? '', nodes, [...edges.values()]);
}

/** All that is reached from these nodes on one side, without themselves. In linear time. */
export function reach(net: Net, from: Iterable<string>, side: Side): Set<string> {
  const starts = new Set(from);
  const found = new Set<string>();
  const queue = [...starts];
  for (const key of queue) {
    for (const neighbour of net.at(key, side)) {
      if (found.has(neighbour.key) || starts.has(neighbour.key)) continue;
      found.add(neighbour.key);
      queue.push(neighbour.key);
    }
  }
  return found;
}

/** Without what hangs on the root only by sides that are hidden. */
export function withoutHidden(net: Net, hidden: ReadonlySet<string>): Net {
  if (hidden.size === 0) return net;
  const seen = new Set([net.root]);
  const queue = [net.root];
  for (const key of queue) {
    for (const side of SIDES) {
      if (hidden.has(sideToken(side, key))) continue;
      for (const neighbour of net.at(key, side)) {
        if (seen.has(neighbour.key)) continue;
        seen.add(neighbour.key);
        queue.push(neighbour.key);
      }
    }
  }
  return net.only(seen);
}
