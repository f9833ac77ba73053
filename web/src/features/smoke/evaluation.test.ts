import { describe, expect, test } from 'vitest';
import { formatChange, formatScore, scoresOf, standardError } from './evaluation';

const NOWHERE = { all: null, groups: new Map<string, number>() };

test('all rows come first, then the groups from the weakest on', () => {
  const scores = scoresOf(
    {
      metric: 'accuracy',
      rows: 200,
      score: 0.75,
      score_without: 0.5,
      groups: [
        { group: 'games', rows: 100, score: 0.9, score_without: 0.4 },
        { group: 'net', rows: 100, score: 0.6, score_without: 0.6 },
      ],
    },
    { all: 0.8, groups: new Map([['net', 0.7]]) },
  );
  expect(scores.map(({ group }) => group)).toEqual([null, 'net', 'games']);
  expect(scores.map(({ without }) => without)).toEqual([0.5, 0.6, 0.4]);
  expect(scores.map(({ home }) => home)).toEqual([0.8, 0.7, null]);
  expect(scores[0]?.error).toBeCloseTo(Math.sqrt((0.75 * 0.25) / 200));
});

test('where nothing adapts there is nothing to compare with', () => {
  const [all] = scoresOf({ metric: 'accuracy', rows: 10, score: 0.5 }, NOWHERE);
  expect(all?.without).toBeNull();
  expect(all?.home).toBeNull();
});

describe('the standard error', () => {
  test('is that of a share', () => {
    expect(standardError(0.5, 100)).toBeCloseTo(0.05);
    expect(standardError(1, 100)).toBe(0);
  });

  test('is not known for a metric that is none, nor without rows', () => {
    expect(scoresOf({ metric: 'spearman', rows: 100, score: 0.8 }, NOWHERE)[0]?.error).toBeNull();
    expect(standardError(0.5, 0)).toBeNull();
    expect(standardError(1.2, 10)).toBeNull();
  });
});

test('scores have three digits, and changes a sign', () => {
  expect(formatScore(0.8316)).toBe('0.832');
  expect([0.21, -0.05, 0.0001].map(formatChange)).toEqual(['+0.210', '−0.050', '±0.000']);
});
