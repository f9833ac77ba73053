// Lines that lead somewhere as a whole: a sign, what it is, why, since when.

import type { ReactNode } from 'react';
import { PathLink } from '@/features/shell/PathLink';
import { Ago } from '@/ui/Ago';
import classes from './Lines.module.css';

export function Lines({ children }: { readonly children: ReactNode }) {
  return <ul className={classes.list}>{children}</ul>;
}

export interface LineProps {
  readonly sign: ReactNode;
  readonly title: ReactNode;
  /** Where the whole line leads; it is then not to have links of its own. */
  readonly path?: string | null;
  readonly text?: ReactNode;
  readonly aside?: ReactNode;
  readonly at: string;
}

export function Line({ sign, title, path, text, aside, at }: LineProps) {
  return (
    <li className={classes.line}>
      {sign}
      <div className={classes.what}>
        <p className={classes.title}>
          {path ? (
            <PathLink path={path} className={classes.whole}>
              {title}
            </PathLink>
          ) : (
            title
          )}
        </p>
        {text && <p className={classes.text}>{text}</p>}
      </div>
      {aside && <div className={classes.aside}>{aside}</div>}
      <div className={classes.at}>
        <Ago at={at} />
      </div>
    </li>
  );
}
