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

/** Each node once in each direction, with its shortest way; nearer ones first. */
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

type Steps = Map<string, { to: string; relation: string }[]>;

function append(steps: Steps, key: string, step: { to: string; relation: string }): void {
  const there = steps.get(key);
  if (there) there.push(step);
  else steps.set(key, [step]);
}

function walk(root: string, steps: Steps, nodes: Map<string, Node>): Relative[] {
  const seen = new Set([root]);
  const found: Relative[] = [];
  let level = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const { to, relation } of level.flatMap((key) => steps.get(key) ?? [])) {
      const node = nodes.get(to);
      if (seen.has(to) || !node) continue;
      seen.add(to);
      next.push(to);
      found.push({ node, relation, depth });
    }
    level = next;
  }
  return found;
}
