import { describe, expect, test } from 'vitest';
import { Track } from './track';

const even = new Track(Array.from({ length: 1000 }, () => 20));
const mixed = new Track([10, 50, 10, 50, 10]);

test('lines stand one after the other', () => {
  expect([0, 1, 2, 5].map((index) => mixed.start(index))).toEqual([0, 10, 60, 130]);
  expect(mixed.size(1)).toBe(50);
  expect(mixed.total).toBe(130);
});

test.each([
  [-5, 0],
  [0, 0],
  [9.9, 0],
  [10, 1],
  [59, 1],
  [60, 2],
  [129, 4],
  [9999, 4],
])('at %d there is line %d', (place, line) => {
  expect(mixed.at(place)).toBe(line);
});

describe('a window', () => {
  test('shows what it covers, also in part, and some more on both sides', () => {
    expect(even.span(405, 100, 0, 1)).toEqual({ first: 20, end: 26 });
    expect(even.span(405, 100, 3, 1)).toEqual({ first: 17, end: 29 });
  });

  test('shows whole blocks, so that a little scrolling changes nothing', () => {
    expect(even.span(405, 100, 3, 8)).toEqual({ first: 16, end: 32 });
    expect(even.span(470, 100, 3, 8)).toEqual({ first: 16, end: 32 });
  });

  test('ends with the last line', () => {
    expect(even.span(19_950, 100, 3, 8)).toEqual({ first: 992, end: 1000 });
    expect(even.span(0, 1e9, 3, 8)).toEqual({ first: 0, end: 1000 });
  });

  test('of nothing, or without a size, shows nothing', () => {
    expect(new Track([]).span(0, 100, 3, 8)).toEqual({ first: 0, end: 0 });
    expect(even.span(0, 0, 3, 8)).toEqual({ first: 0, end: 0 });
  });
});

test('a line is revealed by the least scrolling', () => {
  expect(even.reveal(5, 0, 200)).toBe(0);
  expect(even.reveal(12, 0, 200)).toBe(60);
  expect(even.reveal(5, 300, 200)).toBe(100);
  // What does not fit is shown from its start.
  expect(mixed.reveal(1, 30, 20)).toBe(10);
});
