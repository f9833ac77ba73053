import { expect, test } from 'vitest';
import type { ModuleMove } from '@/api/types';
import { dayName, daysOf, deedName } from './timeline';

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

test('moves are put together by the day of who reads them', () => {
  const moves = [
    move('stable', '2026-11-23T01:00:00Z'),
    move('canary', '2026-11-22T23:30:00Z'),
    move('stable', '2026-11-22T12:00:00Z'),
  ];
  const shape = (zone: string) =>
    daysOf(moves, zone).map(({ date, deeds }) => [date, deeds.length]);
  expect(shape('UTC')).toEqual([
    ['2026-11-23', 1],
    ['2026-11-22', 2],
  ]);
  expect(shape('Asia/Tokyo')).toEqual([
    ['2026-11-23', 2],
    ['2026-11-22', 1],
  ]);
});

test('a quarantine that took several channels away is one deed', () => {
  const at = '2026-11-23T01:00:00Z';
  const quarantine = { action: 'quarantine', reason: 'Bad' };
  const [day] = daysOf(
    [move('stable', at, quarantine), move('canary', at, quarantine), move('beta', at)],
    'UTC',
  );
  expect(day?.deeds.map(({ moves }) => moves.map(({ channel }) => channel))).toEqual([
    ['stable', 'canary'],
    ['beta'],
  ]);
});

test('two quarantines are two deeds, and so are two moves of one moment', () => {
  const at = '2026-11-23T01:00:00Z';
  const count = (...moves: ModuleMove[]) => daysOf(moves, 'UTC')[0]?.deeds.length;
  expect(count(move('stable', at), move('canary', at))).toBe(2);
  const bad = { action: 'quarantine', reason: 'Bad' };
  expect(count(move('stable', at, bad), move('canary', at, { ...bad, reason: 'Worse' }))).toBe(2);
  expect(count(move('stable', at, bad), move('stable', at, bad))).toBe(2);
});

test('days are named from where one stands', () => {
  const now = new Date('2026-11-23T10:00:00Z');
  expect(dayName('2026-11-23', now, 'UTC')).toBe('Today');
  expect(dayName('2026-11-22', now, 'UTC')).toBe('Yesterday');
  expect(dayName('2026-11-21', now, 'UTC')).toBe('November 21, 2026');
});

test('a deed is named by what was done', () => {
  const first = move('stable', '2026-11-23T01:00:00Z', { generation: 1, from: null });
  expect(deedName({ action: 'point', moves: [first] })).toBe('Made');
  expect(deedName({ action: 'point', moves: [move('stable', first.moved_at)] })).toBe('Pointed');
  expect(deedName({ action: 'roll_back', moves: [] })).toBe('Rollback');
  expect(deedName({ action: 'quarantine', moves: [] })).toBe('Quarantine');
});
