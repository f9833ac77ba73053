import { describe, expect, test } from 'vitest';
import { graphOf, keyOf, star, tangle } from '@/test/bigGraph';
import { type Drawing, drawingOf } from './drawing';
import { aboutGroup, troubledIn } from './flow';
import { merge, type Net } from './net';

const draw = (net: Net, open: readonly string[] = []) =>
  drawingOf(net, { grouped: true, open: new Set(open) });
const groups = ({ items }: Drawing) => items.filter(({ group }) => group !== null);

describe('groups', () => {
  test('300 adapters on one backbone are one, whatever else they were trained on', () => {
    const net = merge([star(300)]);
    const drawing = draw(net);
    const [group] = groups(drawing);
    expect(drawing.items).toHaveLength(4);
    expect(group?.members).toHaveLength(300);
    expect(group?.group?.noun).toBe('adapters');
    expect(group?.group && aboutGroup(group.group, net)).toBe('attaches to base 1.0.0');
  });

  test('their members stand in the order of their names, numbers as numbers', () => {
    const [group] = groups(draw(merge([star(20)])));
    expect(group?.members.slice(0, 3)).toEqual(
      ['0', '1', '2'].map((n) => keyOf(`team/adapter-${n}@1.0.0`)),
    );
  });

  test('a line to a group says how many it stands for', () => {
    const { ties } = draw(merge([star(300)]));
    const said = ties.map(({ to, relations }) => [to, ...relations]).sort();
    expect(said).toEqual([
      ['dataset:data/0', ['trained_on', 1]],
      ['dataset:data/0', ['trained_on', 50]],
      ['dataset:data/1', ['trained_on', 1]],
      ['dataset:data/1', ['trained_on', 50]],
      ['release:hub/base@1.0.0', ['attaches_to', 300]],
    ]);
  });

  test('few siblings are shown one by one', () => {
    expect(groups(draw(merge([star(11)])))).toEqual([]);
    expect(groups(draw(merge([star(12)])))).toHaveLength(1);
  });

  test('what leads on stays out of the group', () => {
    const whole = star(30);
    const router = graphOf('hub/router@1', [
      ['hub/router@1', 'attaches_to', 'team/adapter-7@1.0.0'],
    ]);
    const drawing = draw(merge([whole, router]));
    expect(groups(drawing)[0]?.members).toHaveLength(29);
    expect(drawing.itemOf.get(keyOf('team/adapter-7@1.0.0'))).toBe(keyOf('team/adapter-7@1.0.0'));
  });

  test('what hangs on many at once does not keep them apart', () => {
    const lines = Array.from({ length: 30 }, (_, n) => [
      [`x/adapter-${n}@1`, 'attaches_to', 'hub/root@1'] as const,
      [`x/adapter-${n}@1`, 'trained_on', 'data/common'] as const,
    ]);
    const drawing = draw(merge([graphOf('hub/root@1', lines.flat())]));
    expect(groups(drawing)[0]?.members).toHaveLength(30);
    expect(drawing.items).toHaveLength(3);
  });

  test('other kinds and other relations are other groups', () => {
    const lines = Array.from({ length: 12 }, (_, n) => [
      [`x/adapter-${n}@1`, 'attaches_to', 'hub/root@1'] as const,
      [`x/next-${n}@1`, 'parent', 'hub/root@1'] as const,
      ['hub/root@1', 'trained_on', `data/${n}`] as const,
    ]);
    const drawing = draw(merge([graphOf('hub/root@1', lines.flat())]));
    const nouns = groups(drawing).map(({ group }) => [group?.noun, group?.relation, group?.side]);
    expect(nouns.sort()).toEqual([
      ['adapters', 'attaches_to', 'down'],
      ['adapters', 'parent', 'down'],
      ['data sets', 'trained_on', 'up'],
    ]);
  });
});

describe('what is drawn of groups', () => {
  test('an open group is a frame, and a node is taken out by its key', () => {
    const net = merge([star(300)]);
    const id = groups(draw(net))[0]?.id ?? '';
    expect(groups(draw(net, [id]))[0]).toMatchObject({ open: true });
    const alone = draw(net, [keyOf('team/adapter-5@1.0.0')]);
    expect(groups(alone)[0]?.members).toHaveLength(299);
    expect(groups(alone)[0]?.id).toBe(id);
  });

  test('without grouping every node is itself', () => {
    const drawing = drawingOf(merge([star(300)]), { grouped: false, open: new Set() });
    expect(drawing.items).toHaveLength(303);
    expect(drawing.ties).toHaveLength(402);
  });

  test('what is wrong among the members is counted', () => {
    const lines = Array.from(
      { length: 20 },
      (_, n) => [`x/${n < 3 ? 'bad' : 'good'}-${n}@1`, 'attaches_to', 'hub/root@1'] as const,
    );
    const net = merge([graphOf('hub/root@1', lines)]);
    const group = groups(draw(net))[0]?.group;
    expect(group && troubledIn(group, net)).toBe(3);
  });
});

test('the same drawing has the same signature, another one another', () => {
  const net = merge([tangle(200)]);
  expect(draw(net).signature).toBe(draw(merge([tangle(200)])).signature);
  expect(draw(net).signature).not.toBe(draw(merge([tangle(201)])).signature);
  const hub = merge([star(300)]);
  const id = groups(draw(hub))[0]?.id ?? '';
  expect(draw(hub).signature).not.toBe(draw(hub, [id]).signature);
});
