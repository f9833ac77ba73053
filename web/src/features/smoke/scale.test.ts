import { describe, expect, test } from 'vitest';
import { cosinePlace, driftOf, formatRatio, logPlace, pairOf } from './scale';

test('a scale of powers of ten has its ends, and what is beyond lies at them', () => {
  expect(logPlace(1e-6, 1e-8, 1e-4)).toBeCloseTo(0.5);
  expect(logPlace(0, 1e-8, 1)).toBe(0);
  expect(logPlace(7, 1e-8, 1)).toBe(1);
  expect(logPlace(Number.NaN, 1e-8, 1)).toBe(0);
});

describe('cosines', () => {
  test('lie further to the right the further they are from 1', () => {
    const places = [1, 0.999, 0.99, 0.95, 0.5, 0, -1].map(cosinePlace);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.at(0)).toBe(0);
    expect(places.at(-1)).toBe(1);
  });

  test('that are no number are the worst', () => {
    expect(cosinePlace(Number.NaN)).toBe(1);
    expect(driftOf(Number.NaN)).toBe('other');
    expect(driftOf(0.94, 0.97, 0.93)).toBe('watched');
  });

  test('are judged as the engine judges them', () => {
    expect([1, 0.99, 0.989, 0.95, 0.949].map((mean) => driftOf(mean))).toEqual([
      'same',
      'same',
      'watched',
      'watched',
      'other',
    ]);
  });
});

test('of two bars the wider is full, and the first is so many times the second', () => {
  expect(pairOf(3, 2)).toEqual({ first: 1, second: 2 / 3, ratio: 1.5 });
  expect(pairOf(1, 4)).toEqual({ first: 0.25, second: 1, ratio: 0.25 });
  expect(pairOf(1, 0).ratio).toBeNull();
  expect(pairOf(0, 0)).toEqual({ first: 0, second: 0, ratio: null });
  expect(formatRatio(1.0834)).toBe('1.08 ×');
  expect(formatRatio(250.4)).toBe('250 ×');
});
