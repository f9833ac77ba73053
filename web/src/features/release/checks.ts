// The checks of a report as lines of a table. Pure.

import type { CheckStatus, Report } from '@/api/types';

export interface CheckLine {
  readonly name: string;
  readonly status: CheckStatus;
  readonly figures: readonly (readonly [string, unknown])[];
}

const FIRST: Record<CheckStatus, number> = { failed: 0, passed: 1, skipped: 2 };

/** What failed comes first, what was skipped last; otherwise in the order of the report. */
export function linesOf(report: Report): CheckLine[] {
  return Object.entries(report.checks)
    .map(([name, { status, ...figures }]) => ({ name, status, figures: Object.entries(figures) }))
    .sort((a, b) => FIRST[a.status] - FIRST[b.status]);
}
