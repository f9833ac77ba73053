// Panels one below the other.

import type { ReactNode } from 'react';
import classes from './Stack.module.css';

export function Stack({ children }: { readonly children: ReactNode }) {
  return <div className={classes.stack}>{children}</div>;
}
