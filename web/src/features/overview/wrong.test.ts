import { expect, test } from 'vitest';
import type { BrokenPair, Health, Overview, ReleaseBrief } from '@/api/types';
import { byBase, figuresOf, isCalm, isEmpty, troubleOf } from './wrong';

const WELL: Health = { status: 'idle', waiting: 0, running: 0, failing: 0, workers: [] };

const NOTHING: Overview = {
  modules: {},
  releases: {},
  under_way: [],
  refused: [],
  quarantined: [],
  broken: [],
  recent: [],
  health: WELL,
};

const pair = (dependent: string, base: string): BrokenPair => ({
  dependent,
  base,
  verdict: 'incompatible',
  since: '2026-07-02T09:00:00Z',
});

const brief = {} as ReleaseBrief;

test('what is wrong comes first, and leads to where it is told', () => {
  const figures = figuresOf({ ...NOTHING, broken: [pair('a/b@1.0.0', 'a/c@2.0.0')] });
  expect(figures.map(({ title, count }) => `${title} ${count}`)).toEqual([
    'Broken pairs 1',
    'In quarantine 0',
    'Refused 0',
    'Under way 0',
  ]);
  expect(figures[0]).toMatchObject({ tone: 'bad', part: 'broken' });
  expect(figures[1]).toMatchObject({ tone: 'plain' });
  expect(figures[1]?.part).toBeUndefined();
});

test('a list that was cut says that there may be more', () => {
  const refused = Array.from({ length: 10 }, () => brief);
  expect(figuresOf({ ...NOTHING, refused })[2]?.count).toBe('10+');
  const underWay = (count: number) =>
    figuresOf({ ...NOTHING, under_way: Array.from({ length: count }, () => brief) })[3]?.count;
  expect([10, 19, 20].map(underWay)).toEqual(['10', '19', '20+']);
});

test('calm is when nothing is broken, refused or in quarantine, and work is done', () => {
  expect(isCalm(NOTHING)).toBe(true);
  expect(isCalm({ ...NOTHING, refused: [brief] })).toBe(false);
  expect(isCalm({ ...NOTHING, health: { ...WELL, status: 'no_worker', waiting: 1 } })).toBe(false);
});

test('a registry is empty when nothing was even tried', () => {
  expect(isEmpty(NOTHING)).toBe(true);
  expect(isEmpty({ ...NOTHING, modules: { head: 0 } })).toBe(true);
  expect(isEmpty({ ...NOTHING, modules: { head: 1 } })).toBe(false);
  expect(isEmpty({ ...NOTHING, under_way: [brief] })).toBe(false);
});

test('what one base broke stands together', () => {
  const pairs = [pair('a/b@1', 'x/y@2'), pair('a/c@1', 'x/z@1'), pair('a/d@1', 'x/y@2')];
  expect(byBase(pairs).map(({ base, pairs: of }) => [base, of.length])).toEqual([
    ['x/y@2', 2],
    ['x/z@1', 1],
  ]);
});

test('trouble with workers is named with what to do', () => {
  expect(troubleOf(WELL)).toBeNull();
  expect(troubleOf({ ...WELL, status: 'no_worker', waiting: 1 })?.text).toBe(
    '1 job waits: nothing is verified or proven.',
  );
  const worker = { version: '1', started_at: '', seen_at: '', at_once: 1, problem: 'No Landlock.' };
  const impaired = troubleOf({ ...WELL, status: 'impaired', workers: [worker] });
  expect(impaired?.text).toBe('No Landlock.');
  expect(troubleOf({ ...WELL, failing: 2 })?.title).toContain('2 jobs failed');
});
