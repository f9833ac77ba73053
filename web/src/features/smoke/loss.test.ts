import { expect, test } from 'vitest';
import type { Report } from '@/api/types';
import { homeScoresOf, lossOf, lossPlace, lossSays } from './loss';

function report(figures: object, rules: readonly string[] = []): Report {
  return {
    checks: { evaluation: { status: 'passed', ...figures } },
    findings: rules.map((rule) => ({ rule })),
  } as unknown as Report;
}

const FIGURES = { loss: 0.01, loss_at_most: 0.03, rows: 150, rows_lost: 11, rows_gained: 8 };

test('what was lost against home is known where the set was answered there', () => {
  expect(lossOf(report(FIGURES))).toEqual({
    loss: 0.01,
    atMost: 0.03,
    rows: 150,
    lost: 11,
    gained: 8,
    decides: true,
  });
  expect(lossOf(report({ score: 0.8 }))).toBeNull();
  expect(lossOf({ checks: {}, findings: [] } as unknown as Report)).toBeNull();
});

test('it says how good it is here, or that too few rows were asked', () => {
  const says = (loss: number, rules?: readonly string[]) => {
    const known = lossOf(report({ ...FIGURES, loss }, rules));
    return known && lossSays(known);
  };
  expect([-0.1, 0.02, 0.03, 0.06].map((loss) => says(loss))).toEqual([
    'as-good',
    'as-good',
    'a-little',
    'worse',
  ]);
  expect(says(0.02, ['metric_inconclusive'])).toBe('unsure');
  // More than is tolerated is more, however few the rows.
  expect(says(0.06, ['metric_inconclusive'])).toBe('worse');
});

test('losses lie on their scale, and what is beyond at its ends', () => {
  expect(lossPlace(0)).toBeCloseTo(0.2);
  expect(lossPlace(-1)).toBe(0);
  expect(lossPlace(0.9)).toBe(1);
  expect(lossPlace(Number.NaN)).toBe(1);
});

test('scores at home are those of all rows, and of groups that have one', () => {
  const { all, groups } = homeScoresOf(
    report({ home_score: 0.82, home_groups: { short: 0.77, long: 'none' } }),
  );
  expect(all).toBe(0.82);
  expect([...groups]).toEqual([['short', 0.77]]);
  expect(homeScoresOf(report({})).all).toBeNull();
});
