// Reasons: the rule, the place, what is wrong, what to do.

import type { Finding } from '@/api/types';
import { SeverityBadge } from './badges';
import { formatFigure } from './format';
import classes from './Findings.module.css';
import { Ticked } from './Ticked';

export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul className={classes.list}>
      {findings.map((finding, index) => (
        <li key={index} className={classes.finding} data-severity={finding.severity}>
          <div className={classes.head}>
            <SeverityBadge severity={finding.severity} />
            <code>{finding.rule}</code>
          </div>
          <p className={classes.message}>
            <Ticked text={finding.message} />
          </p>
          <p className={classes.subject}>
            At <code>{finding.subject}</code>
            <Change finding={finding} />
          </p>
          <p className={classes.remedy}>
            <strong>Remedy.</strong> <Ticked text={finding.remedy} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function Change({ finding: { before, after } }: { readonly finding: Finding }) {
  if (before === undefined && after === undefined) return null;
  return (
    <>
      : expected <code>{formatFigure(before)}</code>, found <code>{formatFigure(after)}</code>
    </>
  );
}
