// The body of a page: what it is about, what stands beside it, and what needs the whole width.

import type { ReactNode } from 'react';
import classes from './Columns.module.css';

export interface ColumnsProps {
  readonly main: ReactNode;
  /** What is looked for first: on top of the side, and on top of all where there is one column. */
  readonly first?: ReactNode;
  readonly side: ReactNode;
  readonly below?: ReactNode;
}

export function Columns({ main, first, side, below }: ColumnsProps) {
  return (
    <div className={classes.columns}>
      <div className={classes.main}>{main}</div>
      {first && <div className={classes.first}>{first}</div>}
      <div className={classes.side}>{side}</div>
      {below && <div className={classes.below}>{below}</div>}
    </div>
  );
}
