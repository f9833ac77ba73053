// What was lost against home, by the metric of the evaluation set, and what that decides. Pure.

import type { Report } from '@/api/types';
import { madeCheck } from './checks';
import { Figures } from './figures';

/** Losing more than this against home the engine warns of, more than the other it refuses. */
export const LOSS_WATCHED = 0.02;
export const LOSS_REFUSED = 0.05;

export interface Loss {
  /** Of the score; negative where some was gained. */
  readonly loss: number;
  /** The most that it may be on other rows of the same kind, with a confidence of 95 %. */
  readonly atMost: number | null;
  readonly rows: number | null;
  /** Rows that are right at home and wrong here, and the other way round. */
  readonly lost: number | null;
  readonly gained: number | null;
  /** Whether the rows suffice to tell; otherwise the drift of the outputs decides. */
  readonly decides: boolean;
}

/** Null where the set was not answered on home too. */
export function lossOf(report: Report): Loss | null {
  const check = madeCheck(report, 'evaluation');
  if (!check) return null;
  const figures = new Figures(check.figures);
  const loss = figures.number('loss');
  if (loss === null) return null;
  return {
    loss,
    atMost: figures.number('loss_at_most'),
    rows: figures.number('rows'),
    lost: figures.number('rows_lost'),
    gained: figures.number('rows_gained'),
    decides: report.findings.every(({ rule }) => rule !== 'metric_inconclusive'),
  };
}

export type LossSays = 'as-good' | 'a-little' | 'worse' | 'unsure';

export function lossSays({ loss, decides }: Loss): LossSays {
  if (loss > LOSS_REFUSED) return 'worse';
  if (!decides) return 'unsure';
  return loss > LOSS_WATCHED ? 'a-little' : 'as-good';
}

const [LEFT, RIGHT] = [-0.05, 0.2];

/** On the scale of losses, from 0 (left) to 1 (right); what lies beyond lies at its ends. */
export function lossPlace(loss: number): number {
  if (Number.isNaN(loss)) return 1;
  return Math.min(1, Math.max(0, (loss - LEFT) / (RIGHT - LEFT)));
}

/** The scores at home, of all rows and by group. */
export interface HomeScores {
  readonly all: number | null;
  readonly groups: ReadonlyMap<string, number>;
}

export function homeScoresOf(report: Report): HomeScores {
  const figures = new Figures(madeCheck(report, 'evaluation')?.figures ?? {});
  const groups = Object.entries(figures.table('home_groups') ?? {});
  return {
    all: figures.number('home_score'),
    groups: new Map(
      groups.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
  };
}
