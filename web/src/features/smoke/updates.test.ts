import { describe, expect, test } from 'vitest';
import type { Update } from '@/api/types';
import { byChange, fullOf, largestOf, shareOf, stripsOf, valueOf } from './updates';

function update(parameter: string, relative_norm = 0.1, rank?: number, bound?: number): Update {
  return {
    parameter,
    norm: relative_norm * 10,
    relative_norm,
    effective_rank: rank ?? null,
    rank_bound: bound ?? null,
  };
}

describe('updates are put into strips', () => {
  test('a row for each role, as they compute, and a cell for each layer', () => {
    const { strips, apart } = stripsOf([
      update('encoder.layer.2.attention.self.value.weight'),
      update('encoder.layer.0.attention.self.query.weight'),
      update('encoder.layer.2.attention.self.query.weight'),
    ]);
    expect(apart).toEqual([]);
    expect(strips).toHaveLength(1);
    expect(strips[0]?.layers).toBe(3);
    expect(strips[0]?.rows.map(({ word }) => word)).toEqual(['Query', 'Value']);
    const filled = strips[0]?.rows.map(({ cells }) => cells.map((cell) => cell !== null));
    expect(filled).toEqual([
      [true, false, true],
      [false, false, true],
    ]);
  });

  test('each stack has its own, and what is in none stands apart', () => {
    const { strips, apart } = stripsOf([
      update('encoder.block.0.layer.0.SelfAttention.q.weight'),
      update('decoder.block.1.layer.0.SelfAttention.q.weight'),
      update('shared.weight'),
    ]);
    expect(strips.map(({ stack, layers }) => [stack, layers])).toEqual([
      ['encoder.block', 1],
      ['decoder.block', 2],
    ]);
    expect(apart.map(({ parameter }) => parameter)).toEqual(['shared.weight']);
  });

  test('a number that no layer has makes no strip of a million cells', () => {
    const { strips, apart } = stripsOf([update('hash.1700000000.weight')]);
    expect(strips).toEqual([]);
    expect(apart).toHaveLength(1);
  });
});

describe('cells are filled', () => {
  const updates = [update('0.a', 0.2, 3, 8), update('1.a', 0.05, 7.5, 16), update('2.a', 0.4)];

  test('against the largest value', () => {
    expect(fullOf(updates, 'relative')).toBe(0.4);
    expect(fullOf(updates, 'norm')).toBe(4);
    expect(shareOf(0.1, 0.4)).toBe(0.25);
  });

  test('against the largest bound of a rank', () => {
    expect(fullOf(updates, 'rank')).toBe(16);
    expect(updates.map((one) => valueOf(one, 'rank'))).toEqual([3, 7.5, null]);
  });

  test('never beyond full, nor by what is no number', () => {
    expect(shareOf(2, 1)).toBe(1);
    expect(shareOf(null, 1)).toBe(0);
    expect(shareOf(Number.NaN, 1)).toBe(0);
    expect(shareOf(1, 0)).toBe(0);
  });
});

test('the largest change is found, and lists begin with it', () => {
  const updates = [update('a', 0.2), update('b', 0.3), update('c', 0.1)];
  expect(largestOf(updates)?.parameter).toBe('b');
  expect(largestOf([])).toBeNull();
  expect(byChange(updates).map(({ parameter }) => parameter)).toEqual(['b', 'a', 'c']);
});
