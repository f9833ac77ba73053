import { expect, test } from 'vitest';
import { topFor, windowOf } from './windowing';

test('a window has the lines that are seen, and some beyond', () => {
  expect(windowOf(3000, 300, 30, 1000)).toEqual({ first: 90, end: 120 });
  expect(windowOf(0, 300, 30, 1000)).toEqual({ first: 0, end: 20 });
});

test('it never has lines that are not there', () => {
  expect(windowOf(0, 300, 30, 4)).toEqual({ first: 0, end: 4 });
  // The list became shorter than it is scrolled.
  expect(windowOf(90_000, 300, 30, 4)).toEqual({ first: 4, end: 4 });
  expect(windowOf(0, 300, 30, 0)).toEqual({ first: 0, end: 0 });
});

test('a line that is out of sight is scrolled to, by no more than is needed', () => {
  expect(topFor(5, 300, 300, 30)).toBe(150);
  expect(topFor(40, 300, 300, 30)).toBe(930);
  expect(topFor(12, 300, 300, 30)).toBeNull();
});
