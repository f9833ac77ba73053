// Where one is, and what it is called.

import type { ReactNode } from 'react';
import classes from './PageHead.module.css';

export interface PageHeadProps {
  readonly title: string;
  /** The way here, outermost first. */
  readonly trail?: readonly ReactNode[];
  readonly badges?: ReactNode;
  /** What can be done here: buttons, at the end of the title's line. */
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

export function PageHead({ title, trail = [], badges, actions, children }: PageHeadProps) {
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
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children && <div className={classes.text}>{children}</div>}
    </div>
  );
}
