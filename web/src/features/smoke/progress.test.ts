import { expect, test } from 'vitest';
import { formatElapsed, stepsOf } from './progress';

test('what is before the stage is done, and what is after it comes', () => {
  expect(stepsOf('structure').map(({ state }) => state)).toEqual([
    'done',
    'done',
    'now',
    'next',
    'next',
  ]);
});

test('nothing is said to be done where the stage is not known', () => {
  expect(new Set(stepsOf(null).map(({ state }) => state))).toEqual(new Set(['next']));
});

test.each([
  ['2026-07-01T12:00:00Z', '8 s', '2026-07-01T12:00:08.9Z'],
  ['2026-07-01T12:00:00Z', '2 min 05 s', '2026-07-01T12:02:05Z'],
  ['2026-07-01T12:00:00Z', '1 h 02 min', '2026-07-01T13:02:59Z'],
  ['2026-07-01T12:00:05Z', '0 s', '2026-07-01T12:00:00Z'],
])('from %s it is %s', (since, text, now) => {
  expect(formatElapsed(since, new Date(now).getTime())).toBe(text);
});
