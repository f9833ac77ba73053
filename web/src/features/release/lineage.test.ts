import { expect, test } from 'vitest';
import type { Graph } from '@/api/types';
import { homesOf, relativesOf } from './lineage';

function graph(root: string, edges: readonly [string, string][]): Graph {
  const keys = new Set([root, ...edges.flat()]);
  return {
    root,
    truncated: false,
    nodes: [...keys].map((key) => ({ kind: 'model', key, name: key, up: 0, down: 0 })),
    edges: edges.map(([from, to]) => ({ from, to, relation: 'derived_from' })),
  };
}

const named = (relatives: readonly { node: { key: string }; depth: number }[]) =>
  relatives.map(({ node, depth }) => `${node.key} ${depth}`);

test('what it was made from and what was made from it are told apart', () => {
  const { upstream, downstream } = relativesOf(
    graph('me', [
      ['me', 'parent'],
      ['parent', 'base'],
      ['child', 'me'],
      ['sibling', 'parent'],
    ]),
  );
  expect(named(upstream)).toEqual(['parent 1', 'base 2']);
  expect(named(downstream)).toEqual(['child 1']);
});

test('a node that is reached twice is listed once, by its shortest way', () => {
  const { upstream } = relativesOf(
    graph('me', [
      ['me', 'far'],
      ['me', 'near'],
      ['far', 'base'],
      ['near', 'base'],
      ['me', 'base'],
    ]),
  );
  expect(named(upstream)).toEqual(['far 1', 'near 1', 'base 1']);
});

test('what is further away stands below the node that leads there', () => {
  const { upstream } = relativesOf(
    graph('me', [
      ['me', 'backbone'],
      ['me', 'mails'],
      ['backbone', 'base'],
    ]),
  );
  expect(named(upstream)).toEqual(['backbone 1', 'base 2', 'mails 1']);
});

test('a circle ends', () => {
  const { upstream } = relativesOf(
    graph('me', [
      ['me', 'other'],
      ['other', 'me'],
    ]),
  );
  expect(named(upstream)).toEqual(['other 1']);
});

test('an edge to a node that may not be seen leads nowhere', () => {
  const whole = graph('me', [['me', 'hidden']]);
  const { upstream } = relativesOf({ ...whole, nodes: whole.nodes.slice(0, 1) });
  expect(upstream).toEqual([]);
});

test('homes are the releases that it attaches to itself', () => {
  const release = (key: string, reference: string) => ({
    kind: 'release' as const,
    key,
    reference,
    module_kind: 'backbone',
    state: 'published',
    up: 0,
    down: 0,
  });
  const homes = homesOf({
    root: 'me',
    truncated: false,
    nodes: [release('b', 'acme/bert@1.2.0'), release('c', 'acme/other@2.0.0')],
    edges: [
      { from: 'me', to: 'b', relation: 'attaches_to' },
      { from: 'me', to: 'c', relation: 'derived_from' },
      { from: 'child', to: 'c', relation: 'attaches_to' },
    ],
  });
  expect([...homes]).toEqual([['acme/bert', 'acme/bert@1.2.0']]);
});
