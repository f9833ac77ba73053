// A part in which nothing differs says so in a line.

import { Equal } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './Same.module.css';

export function Same({ children }: { readonly children: ReactNode }) {
  return (
    <p className={classes.same}>
      <Equal size={15} aria-hidden />
      <span>{children}</span>
    </p>
  );
}
