// What attaches to a module: each with its highest version, and how that does on the highest of this one.

import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Unplug } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import type { Dependent } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { ModuleLink } from '@/features/shell/ReferenceLink';
import { dependentsQuery } from '@/queries/modules';
import { KindBadge, VerdictBadge } from '@/ui/badges';
import { type Column, DataTable } from '@/ui/DataTable';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './Dependents.module.css';

export function Dependents({ module }: { readonly module: ModulePath }) {
  const query = useInfiniteQuery(dependentsQuery(module));
  const dependents = query.data?.pages.flatMap((page) => page.items) ?? [];
  const count = query.hasNextPage
    ? `${dependents.length} so far`
    : plural(dependents.length, 'module');
  return (
    <Section title="What attaches to it" aside={query.data && count}>
      <Loaded query={query}>
        {() =>
          dependents.length === 0 ? (
            <Message icon={Unplug} title="Nothing attaches to it yet">
              <p>Modules whose manifest requires this one appear here with a verdict.</p>
            </Message>
          ) : (
            <DataTable
              label="Modules that attach to it"
              columns={COLUMNS}
              rows={dependents}
              rowKey={(dependent) => dependent.module}
            />
          )
        }
      </Loaded>
      <LoadMore query={query} />
    </Section>
  );
}

const COLUMNS: readonly Column<Dependent>[] = [
  {
    title: 'Module',
    wide: true,
    cell: ({ module, kind }) => (
      <span className={classes.module}>
        <ModuleLink module={module} />
        <KindBadge kind={kind} />
      </span>
    ),
  },
  {
    title: 'Version',
    cell: ({ module, version }) => {
      const [namespace = '', name = ''] = module.split('/');
      return (
        <Link to="/modules/$namespace/$name/$version" params={{ namespace, name, version }}>
          {version}
        </Link>
      );
    },
  },
  { title: 'Admits', cell: ({ range }) => <code className={classes.range}>{range}</code> },
  {
    title: 'On',
    cell: ({ base_version }) =>
      base_version ?? <span className={classes.none}>no version that may be used</span>,
  },
  {
    title: 'Verdict',
    cell: ({ verdict }) =>
      verdict ? <VerdictBadge verdict={verdict} /> : <span className={classes.none}>none</span>,
  },
];
