// The modules that were found.

import { Link } from '@tanstack/react-router';
import { PackageOpen, SearchX } from 'lucide-react';
import type { ModuleSummary } from '@/api/types';
import { LoadMore, type LoadMoreProps } from '@/features/shell/LoadMore';
import type { ModuleFilter } from '@/queries/modules';
import { Ago } from '@/ui/Ago';
import { Badge } from '@/ui/Badge';
import { KindBadge } from '@/ui/badges';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './ModuleList.module.css';

export interface ModuleListProps {
  readonly query: LoadMoreProps['query'] & {
    readonly data: { readonly pages: readonly { readonly items: readonly ModuleSummary[] }[] };
  };
  readonly filter: ModuleFilter;
}

export function ModuleList({ query, filter }: ModuleListProps) {
  const modules = query.data.pages.flatMap((page) => page.items);
  const narrowed = filter.query !== undefined || filter.kind !== undefined;
  const count = `${plural(modules.length, 'module')}${query.hasNextPage ? ' so far' : ''}`;
  return (
    <Section title={narrowed ? 'Found' : 'All'} aside={<span role="status">{count}</span>}>
      {modules.length === 0 ? (
        <Nothing narrowed={narrowed} />
      ) : (
        <ul className={classes.list}>
          {modules.map((module) => (
            <Line key={module.name} module={module} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </Section>
  );
}

function Nothing({ narrowed }: { readonly narrowed: boolean }) {
  if (narrowed) {
    return (
      <Message icon={SearchX} title="No module fits">
        <p>
          Search for less of the name, or among <Link to="/modules">all kinds</Link>.
        </p>
      </Message>
    );
  }
  return (
    <Message icon={PackageOpen} title="Nothing is published yet">
      <p>
        Publish a folder that Hugging Face or PEFT wrote: <code>cambium init DIR</code>, then{' '}
        <code>cambium publish DIR</code>. Modules of private namespaces show to those who may see
        them.
      </p>
    </Message>
  );
}

function Line({ module }: { readonly module: ModuleSummary }) {
  const [namespace = '', name = ''] = module.name.split('/');
  return (
    <li className={classes.line}>
      <div className={classes.what}>
        <Link to="/modules/$namespace/$name" params={{ namespace, name }} className={classes.name}>
          <span>{namespace}/</span>
          {name}
        </Link>
        {module.description && <p className={classes.description}>{module.description}</p>}
      </div>
      <div className={classes.kind}>
        <KindBadge kind={module.kind} />
      </div>
      <div className={classes.latest}>
        <Latest module={module} />
      </div>
      <div className={classes.count}>{plural(module.releases, 'release')}</div>
    </li>
  );
}

function Latest({ module }: { readonly module: ModuleSummary }) {
  if (!module.latest_version) {
    return <Badge tone="warn">{module.releases === 0 ? 'No release yet' : 'None usable'}</Badge>;
  }
  return (
    <>
      <code>{module.latest_version}</code>
      {module.latest_published_at && (
        <span className={classes.ago}>
          <Ago at={module.latest_published_at} />
        </span>
      )}
    </>
  );
}
