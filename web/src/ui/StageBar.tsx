// How far a verification is, in a line.

import type { Stage } from '@/api/types';
import { STAGES } from './stages';
import classes from './StageBar.module.css';

export function StageBar({ stage }: { readonly stage: Stage }) {
  const at = STAGES.findIndex(([name]) => name === stage);
  const title = STAGES[at]?.[1] ?? stage;
  return (
    <span className={classes.stage}>
      <span
        className={classes.bar}
        role="progressbar"
        aria-label="Verification"
        aria-valuemin={0}
        aria-valuemax={STAGES.length}
        aria-valuenow={at + 1}
        aria-valuetext={`${title}, ${at + 1} of ${STAGES.length}`}
      >
        {STAGES.map(([name], index) => (
          <span key={name} data-at={index < at ? 'done' : index === at ? 'now' : 'next'} />
        ))}
      </span>
      <span className={classes.title}>
        {title}{' '}
        <span className={classes.count}>
          {at + 1}/{STAGES.length}
        </span>
      </span>
    </span>
  );
}
