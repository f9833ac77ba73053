// A score between 0 and 1, with its standard error, beside those without the adapters and at home.

import type { Score } from './evaluation';
import classes from './ScoreLine.module.css';

/** The figures stand in the row's other cells. */
export function ScoreLine({ score: { score, without, home, error } }: { readonly score: Score }) {
  const [low, high] = [Math.max(0, score - (error ?? 0)), Math.min(1, score + (error ?? 0))];
  return (
    <svg className={classes.line} aria-hidden>
      {[0, 0.25, 0.5, 0.75, 1].map((at) => (
        <line key={at} className={classes.grid} x1={x(at)} x2={x(at)} y1="3" y2="21" />
      ))}
      {without !== null && (
        <line className={classes.way} x1={x(without)} x2={x(score)} y1="12" y2="12" />
      )}
      {error !== null && (
        <>
          <line className={classes.error} x1={x(low)} x2={x(high)} y1="12" y2="12" />
          <line className={classes.error} x1={x(low)} x2={x(low)} y1="7" y2="17" />
          <line className={classes.error} x1={x(high)} x2={x(high)} y1="7" y2="17" />
        </>
      )}
      {without !== null && <circle className={classes.without} cx={x(without)} cy="12" r="4.5" />}
      {home !== null && (
        <svg x={x(home)} y="12" overflow="visible">
          <rect className={classes.home} x="-3.5" y="-3.5" width="7" height="7" />
        </svg>
      )}
      <circle className={classes.with} cx={x(score)} cy="12" r="4.5" />
    </svg>
  );
}

/** Within the drawing, with room for a mark at either end. */
function x(share: number): string {
  return `${(3 + 94 * share).toFixed(2)}%`;
}
