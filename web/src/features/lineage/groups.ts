// Many siblings of one kind as one: `300 adapters` that attach to a backbone. Pure.

import { compareNodes, kindsName } from './names';
import { type Net, SIDES } from './net';
import type { Side } from './search';

/** Fewer siblings than that are shown one by one. */
const MANY = 12;

/** Siblings: of one kind, hanging on one node in one way, with nothing further out hanging on them. */
export interface Group {
  readonly id: string;
  /** The node on which they hang, and on which side of it they are. */
  readonly parent: string;
  readonly side: Side;
  readonly relation: string;
  /** `adapters`. */
  readonly noun: string;
  /** Keys of nodes, by name. */
  readonly members: readonly string[];
}

/** How a node is reached from the root, by the shortest way. */
export interface Step {
  readonly depth: number;
  readonly parent: string | null;
  readonly side: Side;
  readonly relation: string;
}

/** The way to each node, from the root outwards. In linear time. */
export function stepsFrom(net: Net): Map<string, Step> {
  const steps = new Map<string, Step>();
  if (!net.nodes.has(net.root)) return steps;
  steps.set(net.root, { depth: 0, parent: null, side: 'up', relation: '' });
  // A map hands out what is added while it is walked through.
  for (const [key, { depth }] of steps) {
    for (const side of SIDES) {
      for (const { key: next, relation } of net.at(key, side)) {
        if (!steps.has(next)) steps.set(next, { depth: depth + 1, parent: key, side, relation });
      }
    }
  }
  return steps;
}

/** The groups of a graph. Those in `alone` stay out of any. */
export function groupsOf(net: Net, alone: ReadonlySet<string>): Group[] {
  const steps = stepsFrom(net);
  const siblings = new Map<string, { parent: string; step: Step; members: string[] }>();
  for (const [key, step] of steps) {
    const node = net.nodes.get(key);
    if (!node || step.parent === null || alone.has(key) || goesOn(net, steps, key)) continue;
    const id = [step.side, step.relation, kindsName(node).replaceAll(' ', '-'), step.parent].join(
      ' ',
    );
    const there = siblings.get(id);
    if (there) there.members.push(key);
    else siblings.set(id, { parent: step.parent, step, members: [key] });
  }
  return [...siblings]
    .filter(([, { members }]) => members.length >= MANY)
    .map(
      ([
        id,
        {
          parent,
          step: { side, relation },
          members,
        },
      ]) => {
        const [first = ''] = members;
        const node = net.nodes.get(first);
        return {
          id,
          parent,
          side,
          relation,
          noun: node ? kindsName(node) : '',
          members: members.toSorted((a, b) => compareNodes(net.nodes.get(a), net.nodes.get(b))),
        };
      },
    );
}

/**
 * Whether something hangs on it that is further away from the root. What hangs on many at once, as a data
 * set that all of them were trained on, does not keep them apart.
 */
function goesOn(net: Net, steps: ReadonlyMap<string, Step>, key: string): boolean {
  const depth = (at: string) => steps.get(at)?.depth ?? 0;
  return SIDES.some((side) =>
    net.at(key, side).some((next) => {
      if (depth(next.key) <= depth(key)) return false;
      const back = net.at(next.key, side === 'up' ? 'down' : 'up');
      return back.filter((other) => depth(other.key) < depth(next.key)).length < MANY;
    }),
  );
}
