// The graph as a list for reading: each node once, under the one that leads to it. Pure.

import { type Step, stepsFrom } from './groups';
import type { Net, Side } from './net';

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
      .map(([key, { side, relation }]) => ({ key, side, relation, branches: branches(key) }));
  return { up: branches(net.root, 'up'), down: branches(net.root, 'down') };
}
