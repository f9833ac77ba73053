// The graph around a release as two lists. Pure.

import type { Graph, Node } from '@/api/types';

export interface Relative {
  readonly node: Node;
  /** How it hangs together with the one before it. */
  readonly relation: string;
  /** Steps from the release. */
  readonly depth: number;
}

export interface Relatives {
  /** What it was made from. */
  readonly upstream: readonly Relative[];
  /** What was made from it. */
  readonly downstream: readonly Relative[];
}

/** Each node once in each direction, by its shortest way, below the node that leads to it. */
export function relativesOf(graph: Graph): Relatives {
  const up = new Map<string, { to: string; relation: string }[]>();
  const down = new Map<string, { to: string; relation: string }[]>();
  for (const { from, to, relation } of graph.edges) {
    append(up, from, { to, relation });
    append(down, to, { to: from, relation });
  }
  const nodes = new Map(graph.nodes.map((node) => [node.key, node]));
  return { upstream: walk(graph.root, up, nodes), downstream: walk(graph.root, down, nodes) };
}

/** The releases that it was put on when it was proven: its homes, by module. */
export function homesOf(graph: Graph): Map<string, string> {
  const nodes = new Map(graph.nodes.map((node) => [node.key, node]));
  const homes = new Map<string, string>();
  for (const { from, to, relation } of graph.edges) {
    const node = nodes.get(to);
    if (from !== graph.root || relation !== 'attaches_to' || node?.kind !== 'release') continue;
    homes.set(node.reference.replace(/@.*$/, ''), node.reference);
  }
  return homes;
}

type Steps = Map<string, { to: string; relation: string }[]>;

function append(steps: Steps, key: string, step: { to: string; relation: string }): void {
  const there = steps.get(key);
  if (there) there.push(step);
  else steps.set(key, [step]);
}

function walk(root: string, steps: Steps, nodes: Map<string, Node>): Relative[] {
  const seen = new Set([root]);
  const below = new Map<string, Relative[]>();
  // By breadth first, so that each node gets its shortest way.
  const queue: { key: string; depth: number }[] = [{ key: root, depth: 0 }];
  for (const { key, depth } of queue) {
    for (const { to, relation } of steps.get(key) ?? []) {
      const node = nodes.get(to);
      if (seen.has(to) || !node) continue;
      seen.add(to);
      below.set(key, [...(below.get(key) ?? []), { node, relation, depth: depth + 1 }]);
      queue.push({ key: to, depth: depth + 1 });
    }
  }
  return listed(root, below);
}

function listed(key: string, below: Map<string, Relative[]>): Relative[] {
  return (below.get(key) ?? []).flatMap((relative) => [
    relative,
    ...listed(relative.node.key, below),
  ]);
}
