// Where one is, and what it is called.

import type { ReactNode } from 'react';
import classes from './PageHead.module.css';

export interface PageHeadProps {
  readonly title: string;
  /** The way here, outermost first. */
  readonly trail?: readonly ReactNode[];
  readonly badges?: ReactNode;
  readonly children?: ReactNode;
}

export function PageHead({ title, trail = [], badges, children }: PageHeadProps) {
  return (
    <div className={classes.head}>
      {trail.length > 0 && (
        <nav aria-label="Breadcrumb">
          <ol className={classes.trail}>
            {trail.map((step, index) => (
              <li key={index}>{step}</li>
            ))}
          </ol>
        </nav>
      )}
      <div className={classes.line}>
        <h1>{title}</h1>
        {badges}
      </div>
      {children && <div className={classes.text}>{children}</div>}
    </div>
  );
}
