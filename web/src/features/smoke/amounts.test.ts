import { expect, test } from 'vitest';
import type { Update } from '@/api/types';
import { formatAmount, formatShare } from './amounts';

const UPDATE: Update = {
  parameter: 'encoder.layer.0.attention.self.query.weight',
  norm: 1.2345678,
  relative_norm: 0.0834,
  effective_rank: 3.21,
  rank_bound: 8,
};

test('amounts have their units', () => {
  expect(formatAmount(UPDATE, 'relative')).toBe('8.34 %');
  expect(formatAmount(UPDATE, 'norm')).toBe('1.235');
  expect(formatAmount(UPDATE, 'rank')).toBe('3.21 of 8');
  expect(formatAmount({ ...UPDATE, rank_bound: null }, 'rank')).toBe('3.21');
  expect(formatAmount({ ...UPDATE, effective_rank: null }, 'rank')).toBeNull();
});

test('shares keep the digits that matter', () => {
  expect([0, 0.5, 1.25, 0.00012345].map(formatShare)).toEqual(['0 %', '50 %', '125 %', '0.012 %']);
});
