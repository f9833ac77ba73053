import { expect, test } from 'vitest';
import { byDay } from './days';

const seen = (times: readonly string[], now: string, zone: string) =>
  byDay(times, (at) => at, new Date(now), zone).map(({ title, items }) => [title, items.length]);

test('what is of one day stands together, and the day is called by its name', () => {
  const times = [
    '2026-03-01T09:00:00Z',
    '2026-03-01T00:01:00Z',
    '2026-02-28T23:59:00Z',
    '2026-02-20T12:00:00Z',
  ];
  expect(seen(times, '2026-03-01T12:00:00Z', 'UTC')).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
    ['Friday, February 20, 2026', 1],
  ]);
});

test('days are those of who reads them', () => {
  const times = ['2026-11-23T01:00:00Z', '2026-11-22T23:30:00Z', '2026-11-22T12:00:00Z'];
  const now = '2026-11-23T10:00:00Z';
  const named = (zone: string) => seen(times, now, zone);
  expect(named('UTC')).toEqual([
    ['Today', 1],
    ['Yesterday', 2],
  ]);
  expect(named('Asia/Tokyo')).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
  ]);
});

test('yesterday is the day before, also where the clock was changed', () => {
  // Half past eleven in the evening of a day of 25 hours; 24 hours before it is the same day.
  expect(seen(['2026-10-24T10:00:00Z'], '2026-10-25T22:30:00Z', 'Europe/Berlin')).toEqual([
    ['Yesterday', 1],
  ]);
  // Half past midnight after a day of 23 hours; 24 hours before it is two days ago.
  expect(seen(['2026-03-29T10:00:00Z'], '2026-03-29T22:30:00Z', 'Europe/Berlin')).toEqual([
    ['Yesterday', 1],
  ]);
});
