// The scores of an evaluation as lines of a table. Pure.

import type { Evaluation } from '@/api/types';
import type { HomeScores } from './loss';

export interface Score {
  /** Null for all rows together. */
  readonly group: string | null;
  readonly rows: number;
  readonly score: number;
  /** Without the adapters, everything else the same. */
  readonly without: number | null;
  /** On the backbone that it was made for. */
  readonly home: number | null;
  /** Standard error of the score; null for a metric that is no share of rows. */
  readonly error: number | null;
}

/** All rows first, then the groups from the weakest to the strongest. */
export function scoresOf(evaluation: Evaluation, home: HomeScores): Score[] {
  const isShare = evaluation.metric === 'accuracy';
  const scoreOf = (group: string | null, given: Given): Score => ({
    group,
    rows: given.rows,
    score: given.score,
    without: given.score_without ?? null,
    home: group === null ? home.all : (home.groups.get(group) ?? null),
    error: isShare ? standardError(given.score, given.rows) : null,
  });
  const groups = (evaluation.groups ?? []).map(({ group, ...score }) => scoreOf(group, score));
  groups.sort((a, b) => a.score - b.score);
  return [scoreOf(null, evaluation), ...groups];
}

interface Given {
  readonly rows: number;
  readonly score: number;
  readonly score_without?: number | null | undefined;
}

/** Of a share p of n rows: the root of p (1 − p) / n. */
export function standardError(share: number, rows: number): number | null {
  if (!(rows > 0) || !(share >= 0 && share <= 1)) return null;
  return Math.sqrt((share * (1 - share)) / rows);
}

/** `0.832`. */
export function formatScore(score: number): string {
  return score.toFixed(3);
}

/** `+0.210`, with a minus as wide as the plus. */
export function formatChange(change: number): string {
  const text = Math.abs(change).toFixed(3);
  if (Number(text) === 0) return '±0.000';
  return `${change > 0 ? '+' : '−'}${text}`;
}
