// Two amounts of the same, one below the other.

import { useId } from 'react';
import classes from './PairedBars.module.css';

export interface Amount {
  readonly name: string;
  readonly value: string;
  /** How much of the widest bar it fills, from 0 to 1. */
  readonly share: number;
}

export interface PairedBarsProps {
  readonly title: string;
  /** What the comparison comes to, as `1.08 × the bare backbone`. */
  readonly outcome: string | null;
  readonly first: Amount;
  readonly second: Amount;
}

export function PairedBars({ title, outcome, first, second }: PairedBarsProps) {
  const id = useId();
  return (
    <div className={classes.pair}>
      <p className={classes.head}>
        <span id={id}>{title}</span>
        {outcome && <strong>{outcome}</strong>}
      </p>
      <dl className={classes.bars} aria-labelledby={id}>
        {[first, second].map(({ name, value, share }, at) => (
          <div key={name} className={classes.line}>
            <dt>{name}</dt>
            <dd>
              <span className={classes.track} aria-hidden>
                <span
                  className={classes.bar}
                  data-place={at === 0 ? 'first' : 'second'}
                  style={{ width: `${(share * 100).toFixed(2)}%` }}
                />
              </span>
              <span className={classes.value}>{value}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
