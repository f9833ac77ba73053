// Graphs for tests: small ones by hand, large ones that are always the same.

import type { Graph, GraphNode } from '@/api/types';
import { dice } from './bigGrid';

type Line = readonly [from: string, relation: string, to: string];

/** A graph of these edges. A name with `@` is a release, `data/…` a data set, others are models. */
export function graphOf(
  root: string,
  lines: readonly Line[],
  more: Partial<GraphNode> = {},
): Graph {
  const names = [...new Set([root, ...lines.flatMap(([from, , to]) => [from, to])])];
  const edges = lines.map(([from, relation, to]) => ({
    from: keyOf(from),
    relation,
    to: keyOf(to),
  }));
  const nodes = names.map((name): GraphNode => {
    const key = keyOf(name);
    const count = (side: 'from' | 'to') => edges.filter((edge) => edge[side] === key).length;
    return { ...nodeOf(name), up: count('from'), down: count('to'), ...more } as GraphNode;
  });
  return { root: keyOf(root), nodes, edges, truncated: false };
}

export function keyOf(name: string): string {
  if (name.includes('@')) return `release:${name}`;
  return name.startsWith('data/') ? `dataset:${name}` : `model:${name}`;
}

function nodeOf(name: string) {
  const key = keyOf(name);
  if (!name.includes('@'))
    return { kind: name.startsWith('data/') ? 'dataset' : 'model', key, name };
  const module_kind = name.includes('base') ? 'backbone' : 'adapter';
  const state = name.includes('bad') ? 'quarantined' : 'published';
  return { kind: 'release', key, reference: name, module_kind, state };
}

/** A backbone of two data sets that so many adapters attach to, some of them trained on the same. */
export function star(adapters: number): Graph {
  const lines = Array.from({ length: adapters }, (_, index): Line[] => {
    const adapter = `team/adapter-${index}@1.0.0`;
    const trained: Line = [adapter, 'trained_on', `data/${index % 2}`];
    return [[adapter, 'attaches_to', 'hub/base@1.0.0'], ...(index % 3 === 0 ? [trained] : [])];
  });
  const base = ['data/0', 'data/1'].map((data): Line => ['hub/base@1.0.0', 'trained_on', data]);
  return graphOf('hub/base@1.0.0', [...base, ...lines.flat()]);
}

/** So many releases, each made from one or two before it. */
export function tangle(releases: number): Graph {
  const next = dice(3);
  const name = (index: number) => `team/part-${index}@1.0.0`;
  const lines = Array.from({ length: releases - 1 }, (_, index): Line[] => {
    const made = name(index + 1);
    return Array.from({ length: 1 + next(2) }, () => [made, 'parent', name(next(index + 1))]);
  });
  return graphOf(name(0), lines.flat());
}
