// How often a module is updated: a bar for each of the last twelve months.

import { useQuery } from '@tanstack/react-query';
import type { ModulePath } from '@/api/client';
import type { Cadence } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { cadenceQuery } from '@/queries/modules';
import { Ago } from '@/ui/Ago';
import { plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import { monthName, rhythm } from './cadence';
import classes from './CadencePanel.module.css';

export function CadencePanel({ module }: { readonly module: ModulePath }) {
  const query = useQuery(cadenceQuery(module));
  return (
    <Section title="Cadence" aside={query.data && `${plural(query.data.releases, 'release')} ever`}>
      <Loaded query={query} lines={3}>
        {(cadence) => <Bars cadence={cadence} />}
      </Loaded>
    </Section>
  );
}

function Bars({ cadence: { months, median_days, last_at } }: { readonly cadence: Cadence }) {
  const most = Math.max(1, ...months.map(({ count }) => count));
  return (
    <div className={classes.cadence}>
      <ol className={classes.bars} aria-label="Releases by month">
        {months.map(({ month, count }) => (
          <li key={month} title={`${monthName(month, 'long')}: ${plural(count, 'release')}`}>
            <span className={classes.said}>
              {monthName(month, 'long')}: {plural(count, 'release')}
            </span>
            <span className={classes.column} aria-hidden>
              {count > 0 && <span className={classes.count}>{count}</span>}
              <span className={classes.bar} style={{ height: `${(count / most) * 100}%` }} />
            </span>
            <span className={classes.month} aria-hidden>
              {monthName(month, 'narrow')}
            </span>
          </li>
        ))}
      </ol>
      <p>
        {rhythm(median_days)}
        {last_at && (
          <>
            {' '}
            The last came <Ago at={last_at} />.
          </>
        )}
      </p>
    </div>
  );
}
