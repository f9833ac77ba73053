// How the amounts of an update are written. Pure.

import type { Update } from '@/api/types';
import { formatFigure } from '@/ui/format';
import type { Measure } from './updates';
import { valueOf } from './updates';

/** `12.4 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 1 || percent === 0 ? +percent.toPrecision(3) : percent.toPrecision(2)} %`;
}

/** Of one measure, with its unit; null where it was not measured. */
export function formatAmount(update: Update, measure: Measure): string | null {
  const value = valueOf(update, measure);
  if (value === null) return null;
  if (measure === 'relative') return formatShare(value);
  const bound = update.rank_bound;
  const of = measure === 'rank' && typeof bound === 'number' ? ` of ${bound}` : '';
  return `${formatFigure(value)}${of}`;
}
