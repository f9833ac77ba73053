// The figures of a report that one asks for first.

import type { Report } from '@/api/types';
import { formatBytes, formatFigure, formatSeconds, words } from '@/ui/format';
import { Stats } from '@/ui/Stats';
import { formatShare } from './amounts';
import { madeCheck } from './checks';
import { formatChange, formatScore } from './evaluation';
import { Figures } from './figures';
import { largestOf } from './updates';

export function Glance({ report }: { readonly report: Report }) {
  const { run, evaluation, updates = [] } = report;
  const drift = madeCheck(report, 'drift');
  const mean = drift && new Figures(drift.figures).number('cosine_mean');
  const largest = largestOf(updates);
  return (
    <Stats
      figures={[
        [
          evaluation ? words(evaluation.metric) : 'Evaluation',
          evaluation && scoreWords(evaluation),
        ],
        ['Mean cosine to home', mean === null ? null : formatFigure(mean)],
        ['Forward pass', formatSeconds(run.forward_seconds)],
        ['Peak memory', formatBytes(run.peak_memory_bytes)],
        [
          'Largest update',
          largest && `${formatShare(largest.relative_norm ?? 0)} of its parameter`,
        ],
      ]}
    />
  );
}

function scoreWords({ score, score_without }: NonNullable<Report['evaluation']>): string {
  if (typeof score_without !== 'number') return formatScore(score);
  return `${formatScore(score)}, ${formatChange(score - score_without)} by it`;
}
