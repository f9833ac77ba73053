// The body of a page: what it is about, what stands beside it, and what needs the whole width.

import type { ReactNode } from 'react';
import { Stack } from '@/ui/Stack';
import classes from './Columns.module.css';

export interface ColumnsProps {
  readonly main: ReactNode;
  readonly side: ReactNode;
  readonly below?: ReactNode;
}

export function Columns({ main, side, below }: ColumnsProps) {
  return (
    <div className={classes.columns}>
      <Stack>{main}</Stack>
      <Stack>{side}</Stack>
      {below && <div className={classes.below}>{below}</div>}
    </div>
  );
}
