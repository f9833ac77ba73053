import { describe, expect, test } from 'vitest';
import { drawingOf } from './drawing';
import type { Scene } from './elk';
import { find, nextHit } from './find';
import { Lights, litBy } from './lights';
import { merge } from './net';
import { graphOf, keyOf } from '@/test/bigGraph';
import { contains, crowdedBelow, middleOf, overlaps, partsIn, pathOf, windowOf } from './shapes';
import { treeOf, wayTo } from './tree';
import { isArrow, walk } from './walk';

const GRAPH = graphOf('me@1', [
  ['me@1', 'attaches_to', 'base@1'],
  ['base@1', 'derived_from', 'bert'],
  ['me@1', 'trained_on', 'data/mails'],
  ['child@1', 'parent', 'me@1'],
  ['other@1', 'attaches_to', 'base@1'],
]);
const NET = merge([GRAPH]);
const DRAWING = drawingOf(NET, { grouped: true, open: new Set() });

/** In columns, by hand. */
const PLACES: Record<string, readonly [number, number]> = {
  bert: [0, 0],
  'data/mails': [0, 100],
  'base@1': [300, 0],
  'me@1': [600, 100],
  'other@1': [600, 0],
  'child@1': [900, 100],
};
const SCENE: Scene = {
  width: 1200,
  height: 200,
  placed: DRAWING.items.map((item) => {
    const name = Object.keys(PLACES).find((known) => keyOf(known) === item.id) ?? '';
    const [x, y] = PLACES[name] ?? [0, 0];
    return { id: item.id, key: item.id, item, x, y, width: 200, height: 50 };
  }),
  routes: DRAWING.ties.map((tie) => ({ tie, points: [] })),
};

describe('lines', () => {
  const line = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
    { x: 200, y: 80 },
  ];

  test('leave and arrive level', () => {
    expect(pathOf(line)).toBe('M0 0L100 0C150 0 150 80 200 80');
    expect(pathOf([])).toBe('');
  });

  test('are named in the middle of their longest part', () => {
    expect(middleOf(line)).toEqual({ x: 150, y: 40 });
  });

  test('are cut to what is seen of them', () => {
    const seen = { x: 90, y: -10, width: 60, height: 20 };
    expect(partsIn(line, seen)).toEqual([line]);
    expect(partsIn(line, { ...seen, x: 0, width: 50 })).toEqual([line.slice(0, 2)]);
    expect(partsIn(line, { ...seen, y: 500 })).toEqual([]);
  });
});

test('boxes overlap, contain, and are seen through a window', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  expect(overlaps(box, { ...box, x: 9 })).toBe(true);
  expect(overlaps(box, { ...box, x: 10 })).toBe(false);
  expect(contains(box, { x: 2, y: 2, width: 3, height: 3 })).toBe(true);
  expect(windowOf([-100, 50, 0.5], 200, 100)).toEqual({ x: 200, y: -100, width: 400, height: 200 });
  // Six nodes are never too many.
  expect(crowdedBelow(SCENE, 1000, 600, 120)).toBe(0);
});

describe('arrow keys', () => {
  const press = (from: string, key: string) => {
    const next = isArrow(key) ? walk(SCENE, keyOf(from), key) : null;
    return next && Object.keys(PLACES).find((name) => keyOf(name) === next.id);
  };

  test.each([
    ['me@1', 'ArrowLeft', 'data/mails'],
    ['me@1', 'ArrowRight', 'child@1'],
    ['base@1', 'ArrowRight', 'other@1'],
    ['me@1', 'ArrowUp', 'other@1'],
    ['other@1', 'ArrowDown', 'me@1'],
    ['child@1', 'ArrowRight', null],
    ['bert', 'ArrowUp', null],
  ])('from %s %s leads to %s', (from, key, to) => {
    expect(press(from, key)).toBe(to);
  });
});

describe('finding', () => {
  test('takes parts of names in any case and order', () => {
    expect(find(NET, 'ME')).toEqual([keyOf('me@1')]);
    expect(find(NET, ' 1 o ')).toEqual([keyOf('other@1')]);
    expect(find(NET, '  ')).toEqual([]);
  });

  test('goes round and round', () => {
    const hits = ['a', 'b', 'c'];
    expect(nextHit(hits, undefined, 1)).toBe('a');
    expect(nextHit(hits, 'a', 1)).toBe('b');
    expect(nextHit(hits, 'c', 1)).toBe('a');
    expect(nextHit(hits, 'a', -1)).toBe('c');
    expect(nextHit(hits, undefined, -1)).toBe('c');
    expect(nextHit([], 'a', 1)).toBeNull();
  });
});

describe('what stands out', () => {
  const lit = litBy(NET, DRAWING, [keyOf('base@1')]);

  test('is all that leads to what is looked at, and all that leads from it', () => {
    const lights = [...lit.nodes].map(([key, as]) => `${as} ${key.replace(/^\w+:/, '')}`).sort();
    expect(lights).toEqual(['down child@1', 'down me@1', 'down other@1', 'self base@1', 'up bert']);
  });

  test('of lines, those along the way; not what the others were made from besides', () => {
    expect([...lit.ties.values()].sort()).toEqual(['down', 'down', 'down', 'up']);
    expect(lit.ties.has(`${keyOf('me@1')} > ${keyOf('data/mails')}`)).toBe(false);
    expect(lit.near.size).toBe(3);
  });

  test('is told to who listens; a line is named when it ends there or is under the pointer', () => {
    const lights = new Lights();
    let told = 0;
    const stop = lights.subscribe(() => (told += 1));
    lights.show(lit, new Set(['x']));
    const far = `${keyOf('child@1')} > ${keyOf('me@1')}`;
    expect(lights.isNamed(far)).toBe(false);
    lights.hover(far);
    expect(lights.isNamed(far)).toBe(true);
    expect([lights.node(keyOf('bert')), lights.isHit('x'), told]).toEqual(['up', true, 2]);
    stop();
  });
});

describe('as a list', () => {
  test('each node is there once, under the one that leads to it', () => {
    const names = (branches: ReturnType<typeof treeOf>['up']): unknown[] =>
      branches.map((branch) => [branch.key, branch.relation, ...names(branch.branches)]);
    const tree = treeOf(NET);
    expect(names(tree.up)).toEqual([
      [
        keyOf('base@1'),
        'attaches_to',
        [keyOf('bert'), 'derived_from'],
        [keyOf('other@1'), 'attaches_to'],
      ],
      [keyOf('data/mails'), 'trained_on'],
    ]);
    expect(names(tree.down)).toEqual([[keyOf('child@1'), 'parent']]);
  });

  test('the way to a node begins with it and ends with the root', () => {
    expect(wayTo(NET, keyOf('bert'))).toEqual(['bert', 'base@1', 'me@1'].map(keyOf));
  });
});
