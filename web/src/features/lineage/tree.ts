// The graph as a list for reading: each node once, under the one that leads to it. Pure.

import { type Step, stepsFrom } from './groups';
import { compareNodes } from './names';
import type { Net } from './net';
import type { Side } from './search';

export interface Branch {
  readonly key: string;
  /** Which way it hangs on the one above it, and how. */
  readonly side: Side;
  readonly relation: string;
  readonly branches: readonly Branch[];
}

export type Tree = Readonly<Record<Side, readonly Branch[]>>;

export function treeOf(net: Net): Tree {
  const steps = stepsFrom(net);
  const below = new Map<string, [string, Step][]>();
  for (const [key, step] of steps) {
    if (step.parent === null) continue;
    const there = below.get(step.parent);
    if (there) there.push([key, step]);
    else below.set(step.parent, [[key, step]]);
  }
  const branches = (parent: string, wanted?: Side): Branch[] =>
    (below.get(parent) ?? [])
      .filter(([, { side }]) => !wanted || side === wanted)
      .sort(([a], [b]) => compareNodes(net.nodes.get(a), net.nodes.get(b)))
      .map(([key, { side, relation }]) => ({ key, side, relation, branches: branches(key) }));
  return { up: branches(net.root, 'up'), down: branches(net.root, 'down') };
}

/** The nodes that lead to one in the list, and itself. */
export function wayTo(net: Net, key: string): string[] {
  const steps = stepsFrom(net);
  const way: string[] = [];
  for (let at: string | null = key; at !== null; at = steps.get(at)?.parent ?? null) way.push(at);
  return way;
}
