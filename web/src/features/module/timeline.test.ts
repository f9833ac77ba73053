import { expect, test } from 'vitest';
import type { ModuleMove } from '@/api/types';
import { deedName, deedsOf } from './timeline';

function move(channel: string, at: string, more: Partial<ModuleMove> = {}): ModuleMove {
  return {
    channel,
    generation: 2,
    action: 'point',
    from: '1.0.0',
    to: '1.1.0',
    actor: 'ana',
    reason: 'Evaluated',
    moved_at: at,
    ...more,
  };
}

test('a quarantine that took several channels away is one deed', () => {
  const at = '2026-11-23T01:00:00Z';
  const quarantine = { action: 'quarantine', reason: 'Bad' };
  const deeds = deedsOf([
    move('stable', at, quarantine),
    move('canary', at, quarantine),
    move('beta', at),
  ]);
  expect(deeds.map(({ moves }) => moves.map(({ channel }) => channel))).toEqual([
    ['stable', 'canary'],
    ['beta'],
  ]);
});

test('two quarantines are two deeds, and so are two moves of one moment', () => {
  const at = '2026-11-23T01:00:00Z';
  const count = (...moves: ModuleMove[]) => deedsOf(moves).length;
  expect(count(move('stable', at), move('canary', at))).toBe(2);
  const bad = { action: 'quarantine', reason: 'Bad' };
  expect(count(move('stable', at, bad), move('canary', at, { ...bad, reason: 'Worse' }))).toBe(2);
  expect(count(move('stable', at, bad), move('stable', at, bad))).toBe(2);
});

test('a deed is named by what was done', () => {
  const first = move('stable', '2026-11-23T01:00:00Z', { generation: 1, from: null });
  expect(deedName({ action: 'point', moves: [first] })).toBe('Made');
  expect(deedName({ action: 'point', moves: [move('stable', first.moved_at)] })).toBe('Pointed');
  expect(deedName({ action: 'roll_back', moves: [] })).toBe('Rollback');
  expect(deedName({ action: 'quarantine', moves: [] })).toBe('Quarantine');
});
