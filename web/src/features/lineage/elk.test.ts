import ELK from 'elkjs';
import { describe, expect, test } from 'vitest';
import { graphOf, keyOf, star, tangle } from '@/test/bigGraph';
import { type Drawing, drawingOf } from './drawing';
import { across, fromElk, NODE, type Scene, toElk } from './elk';
import { merge } from './net';
import { contains, crowdedBelow, overlaps, under } from './shapes';

const SMALL = graphOf('me@1', [
  ['me@1', 'attaches_to', 'base@1'],
  ['base@1', 'derived_from', 'bert'],
  ['me@1', 'trained_on', 'data/mails'],
  ['child@1', 'parent', 'me@1'],
]);

async function laid(drawing: Drawing): Promise<Scene> {
  return fromElk(await new ELK().layout(toElk(drawing)), drawing);
}

const at = (scene: Scene, id: string) => {
  const placed = scene.placed.find((one) => one.id === id);
  if (!placed) throw new Error(`${id} is not drawn`);
  return placed;
};

describe('a small graph', () => {
  const drawing = drawingOf(merge([SMALL]), { grouped: true, open: new Set() });

  test('what was made from something stands right of it', async () => {
    const scene = await laid(drawing);
    const columns = ['bert', 'base@1', 'me@1', 'child@1'].map((name) => at(scene, keyOf(name)).x);
    expect(columns).toEqual(columns.toSorted((a, b) => a - b));
    expect(new Set(columns).size).toBe(4);
  });

  test('nothing covers anything, and all is within the scene', async () => {
    const scene = await laid(drawing);
    for (const [index, box] of scene.placed.entries()) {
      expect(contains({ x: 0, y: 0, ...sizeOf(scene) }, box)).toBe(true);
      expect(scene.placed.slice(index + 1).filter((other) => overlaps(box, other))).toEqual([]);
    }
  });

  test('lines lead from where something was made from to what was made', async () => {
    const scene = await laid(drawing);
    expect(scene.routes).toHaveLength(4);
    for (const { tie, points } of scene.routes) {
      const [from, to] = [at(scene, tie.to), at(scene, tie.from)];
      expect(points[0]?.x).toBeCloseTo(from.x + from.width);
      expect(points.at(-1)?.x).toBeCloseTo(to.x);
    }
  });
});

describe('an open group', () => {
  const net = merge([star(50)]);
  const [group] = drawingOf(net, { grouped: true, open: new Set() }).items;
  const drawing = drawingOf(net, { grouped: true, open: new Set([group?.id ?? '']) });

  test('frames its members, which do not cover one another', async () => {
    const scene = await laid(drawing);
    const frame = at(scene, group?.id ?? '');
    const members = scene.placed.filter(({ item, key }) => item.open && key !== null);
    expect(members).toHaveLength(50);
    for (const [index, box] of members.entries()) {
      expect(contains(frame, box)).toBe(true);
      expect(members.slice(index + 1).filter((other) => overlaps(box, other))).toEqual([]);
    }
    const middle = members[20];
    expect(middle && under(scene, { x: middle.x + 5, y: middle.y + 5 })?.id).toBe(middle?.id);
  });
});

test('members stand about as wide as high', () => {
  expect(across(1)).toBe(1);
  for (const members of [12, 100, 300, 1000]) {
    const columns = across(members);
    const ratio = (columns * NODE.width) / (Math.ceil(members / columns) * NODE.height);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(3);
  }
});

test('hundreds of nodes that are nothing alike are laid out, not much higher than wide', async () => {
  const drawing = drawingOf(merge([tangle(400)]), { grouped: true, open: new Set() });
  const scene = await laid(drawing);
  expect(scene.placed.length).toBeGreaterThan(350);
  expect(scene.height / scene.width).toBeLessThan(4);
  const zoom = crowdedBelow(scene, 1000, 600, 120);
  expect(zoom).toBeGreaterThan(0);
  expect(zoom).toBeLessThan(0.85);
}, 60_000);

function sizeOf({ width, height }: Scene) {
  return { width, height };
}
