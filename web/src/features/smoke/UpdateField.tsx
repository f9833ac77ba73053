// A field of a strip: how much one parameter is changed.

import type { Update } from '@/api/types';
import { formatAmount } from './amounts';
import { type Measure, shareOf, valueOf } from './updates';
import classes from './UpdateStrip.module.css';

export interface UpdateFieldProps {
  readonly id: string;
  /** Null where nothing changes. */
  readonly update: Update | null;
  readonly measure: Measure;
  /** What a full field means. */
  readonly full: number;
  readonly isActive: boolean;
  readonly onPoint: () => void;
}

export function UpdateField({ id, update, measure, full, isActive, onPoint }: UpdateFieldProps) {
  return (
    <span
      id={id}
      role="gridcell"
      tabIndex={-1}
      className={classes.field}
      data-active={isActive || undefined}
      data-none={update === null || undefined}
      onPointerEnter={onPoint}
    >
      <span className={classes.hidden}>
        {update ? (formatAmount(update, measure) ?? 'not measured') : 'unchanged'}
      </span>
      {update && <Bar update={update} measure={measure} full={full} />}
    </span>
  );
}

function Bar({
  update,
  measure,
  full,
}: Pick<UpdateFieldProps, 'measure' | 'full'> & { update: Update }) {
  const share = shareOf(valueOf(update, measure), full);
  const bound = measure === 'rank' ? shareOf(update.rank_bound ?? null, full) : 0;
  return (
    <>
      {bound > 0 && <span className={classes.bound} style={{ height: percent(bound) }} />}
      <span
        className={classes.bar}
        style={{ height: percent(share), opacity: 0.5 + share * 0.5 }}
      />
    </>
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
