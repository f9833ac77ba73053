// A module in the list: what it is, what is proven of it, what it fits.

import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { ModuleSummary } from '@/api/types';
import { Ago } from '@/ui/Ago';
import { Badge } from '@/ui/Badge';
import { KindBadge, StateBadge, VerdictBadge } from '@/ui/badges';
import { plural } from '@/ui/format';
import classes from './ModuleLine.module.css';

export interface ModuleLineProps {
  readonly module: ModuleSummary;
  readonly onFocus: (module: string) => void;
}

export const ModuleLine = memo(function ModuleLine({ module, onFocus }: ModuleLineProps) {
  const [namespace = '', name = ''] = module.name.split('/');
  return (
    <div className={classes.line}>
      <div className={classes.what}>
        <div className={classes.title}>
          <Link
            to="/modules/$namespace/$name"
            params={{ namespace, name }}
            className={classes.name}
            data-module={module.name}
            onFocus={() => {
              onFocus(module.name);
            }}
          >
            <span>{namespace}/</span>
            {name}
          </Link>
          <KindBadge kind={module.kind} />
        </div>
        {module.description && (
          <p className={classes.description} title={module.description}>
            {module.description}
          </p>
        )}
      </div>
      <Fit tasks={module.tasks} bases={module.bases} />
      <Latest module={module} />
    </div>
  );
});

function Fit({
  tasks,
  bases,
}: {
  readonly tasks: readonly string[];
  readonly bases: readonly string[];
}) {
  return (
    <div className={classes.fit}>
      {tasks.length > 0 && (
        <p title={tasks.join(', ')}>
          <span>Does</span> {tasks.join(', ')}
        </p>
      )}
      {bases.length > 0 && (
        <p title={bases.join(', ')}>
          <span>On</span> {bases.join(', ')}
        </p>
      )}
    </div>
  );
}

function Latest({ module }: { readonly module: ModuleSummary }) {
  const { latest_version, latest_published_at, releases, state, verdict } = module;
  return (
    <div className={classes.latest}>
      <div className={classes.badges}>
        {latest_version ? (
          <code>{latest_version}</code>
        ) : (
          <Badge tone="warn">{releases === 0 ? 'No release yet' : 'None usable'}</Badge>
        )}
        {state && <StateBadge state={state} />}
        {verdict && <VerdictBadge verdict={verdict} />}
      </div>
      {releases > 0 && (
        <p className={classes.when}>
          {latest_published_at && (
            <>
              <Ago at={latest_published_at} /> ·{' '}
            </>
          )}
          {plural(releases, 'release')}
        </p>
      )}
    </div>
  );
}
