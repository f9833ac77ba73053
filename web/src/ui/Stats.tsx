// A few figures with their names, side by side.

import type { ReactNode } from 'react';
import classes from './Stats.module.css';

export interface StatsProps {
  readonly figures: readonly (readonly [name: string, value: ReactNode])[];
}

/** Figures without a value are left out. */
export function Stats({ figures }: StatsProps) {
  return (
    <dl className={classes.stats}>
      {figures
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
