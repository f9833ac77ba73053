import { describe, expect, test } from 'vitest';
import { graphOf, keyOf, tangle } from '@/test/bigGraph';
import { merge, reach, withoutHidden } from './net';
import { sideToken } from './search';

const FAMILY = graphOf('me@1', [
  ['me@1', 'attaches_to', 'base@1'],
  ['base@1', 'derived_from', 'bert'],
  ['me@1', 'trained_on', 'data/mails'],
  ['child@1', 'parent', 'me@1'],
  ['sibling@1', 'attaches_to', 'base@1'],
]);

const names = (keys: Iterable<string>) => [...keys].map((key) => key.replace(/^\w+:/, '')).sort();

describe('merging', () => {
  test('what two graphs say is there once, and the first says where it begins', () => {
    const more = graphOf('base@1', [
      ['sibling@1', 'attaches_to', 'base@1'],
      ['cousin@1', 'attaches_to', 'base@1'],
    ]);
    const net = merge([FAMILY, more]);
    expect(net.root).toBe(keyOf('me@1'));
    expect(net.nodes.size).toBe(7);
    expect(net.edges).toHaveLength(6);
    expect(names(net.at(keyOf('base@1'), 'down').map(({ key }) => key))).toEqual([
      'cousin@1',
      'me@1',
      'sibling@1',
    ]);
  });

  test('an edge to a node that may not be seen leads nowhere', () => {
    const net = merge([{ ...FAMILY, nodes: FAMILY.nodes.filter(({ kind }) => kind !== 'model') }]);
    expect(net.at(keyOf('base@1'), 'up')).toEqual([]);
  });

  test('what the server has more of than is here is known', () => {
    const nodes = FAMILY.nodes.map((node) => ({ ...node, down: node.down + 10 }));
    const net = merge([{ ...FAMILY, nodes }]);
    expect(net.missing(keyOf('base@1'), 'down')).toBe(10);
    expect(net.missing(keyOf('base@1'), 'up')).toBe(0);
  });

  test('two relations to one neighbour are one neighbour', () => {
    const net = merge([
      graphOf('me@1', [
        ['me@1', 'parent', 'old@1'],
        ['me@1', 'attaches_to', 'old@1'],
      ]),
    ]);
    expect(net.count(keyOf('me@1'), 'up')).toBe(1);
    expect(net.missing(keyOf('me@1'), 'up')).toBe(1);
  });
});

describe('what is reached', () => {
  const net = merge([FAMILY]);

  test('upwards is all that something was made from, downwards all that was made from it', () => {
    expect(names(reach(net, [keyOf('me@1')], 'up'))).toEqual(['base@1', 'bert', 'data/mails']);
    expect(names(reach(net, [keyOf('bert')], 'down'))).toEqual([
      'base@1',
      'child@1',
      'me@1',
      'sibling@1',
    ]);
    expect(names(reach(net, [keyOf('child@1')], 'down'))).toEqual([]);
  });

  test('a circle ends, and the start is not reached from itself', () => {
    const circle = merge([
      graphOf('a@1', [
        ['a@1', 'parent', 'b@1'],
        ['b@1', 'parent', 'a@1'],
      ]),
    ]);
    expect(names(reach(circle, [keyOf('a@1')], 'up'))).toEqual(['b@1']);
  });

  test('takes steps in the order of the graph, not of its paths', () => {
    // A ladder of 2 x 200 has 2^200 paths.
    const rungs = Array.from({ length: 200 }, (_, index) =>
      ['a', 'b'].flatMap((to) =>
        ['a', 'b'].map((from) => [`${from}${index + 1}@1`, 'parent', `${to}${index}@1`] as const),
      ),
    );
    const ladder = merge([graphOf('a0@1', rungs.flat())]);
    expect(reach(ladder, [keyOf('a0@1')], 'down').size).toBe(400);
    expect(reach(merge([tangle(1000)]), [keyOf('team/part-0@1.0.0')], 'down').size).toBe(999);
  });
});

describe('hiding a side of a node', () => {
  const hide = (...tokens: string[]) =>
    names(withoutHidden(merge([FAMILY]), new Set(tokens)).nodes.keys());

  test('takes away what hangs on the root only there', () => {
    expect(hide(sideToken('down', keyOf('base@1')))).toEqual([
      'base@1',
      'bert',
      'child@1',
      'data/mails',
      'me@1',
    ]);
    expect(hide(sideToken('up', keyOf('me@1')))).toEqual(['child@1', 'me@1']);
  });

  test('leaves what is reached another way, and nothing changes without', () => {
    const net = merge([
      graphOf('me@1', [
        ['me@1', 'attaches_to', 'base@1'],
        ['me@1', 'trained_on', 'data/x'],
        ['base@1', 'trained_on', 'data/x'],
      ]),
    ]);
    const shown = withoutHidden(net, new Set([sideToken('up', keyOf('base@1'))]));
    expect(names(shown.nodes.keys())).toEqual(['base@1', 'data/x', 'me@1']);
    expect(withoutHidden(net, new Set())).toBe(net);
  });
});
