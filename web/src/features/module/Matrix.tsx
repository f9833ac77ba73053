// What hangs on a backbone, pair by pair: the verdict, the three facts it follows from, the reasons.

import { useInfiniteQuery } from '@tanstack/react-query';
import { Unplug } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import { parseReference } from '@/api/reference';
import type { Facts, PairView } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { matrixQuery } from '@/queries/modules';
import { KindBadge, VerdictBadge } from '@/ui/badges';
import { type Column, DataTable } from '@/ui/DataTable';
import { Findings } from '@/ui/Findings';
import { plural, words } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './Matrix.module.css';

export function Matrix({ module }: { readonly module: ModulePath }) {
  const query = useInfiniteQuery(matrixQuery(module));
  const pairs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const count = query.hasNextPage ? `${pairs.length} so far` : plural(pairs.length, 'pair');
  return (
    <Section title="Dependents" aside={query.data && count}>
      <Loaded query={query}>
        {() =>
          pairs.length === 0 ? (
            <Message icon={Unplug} title="Nothing hangs on it yet">
              <p>
                Adapters, heads and bridges that require this backbone appear here with a verdict.
              </p>
            </Message>
          ) : (
            <DataTable
              label="Dependents and their verdicts"
              columns={COLUMNS}
              rows={pairs}
              rowKey={(pair) => `${pair.dependent} ${pair.base}`}
            />
          )
        }
      </Loaded>
      <LoadMore query={query} />
    </Section>
  );
}

const COLUMNS: readonly Column<PairView>[] = [
  {
    title: 'Dependent',
    wide: true,
    cell: ({ dependent, dependent_kind }) => (
      <span className={classes.dependent}>
        <ReferenceLink reference={dependent} />
        <KindBadge kind={dependent_kind} />
      </span>
    ),
  },
  {
    title: 'On',
    cell: ({ base }) => <span className={classes.on}>{parseReference(base)?.version ?? base}</span>,
  },
  { title: 'Verdict', cell: ({ verdict }) => <VerdictBadge verdict={verdict} /> },
  { title: 'Why', wide: true, cell: (pair) => <Why pair={pair} /> },
];

function Why({ pair: { facts, findings } }: { readonly pair: PairView }) {
  const said = sentences(facts);
  if (findings.length === 0) return <span className={classes.facts}>{said}</span>;
  return (
    <details className={classes.why}>
      <summary>
        {said} · {plural(findings.length, 'finding')}
      </summary>
      <Findings findings={findings} />
    </details>
  );
}

/** Which facts came to what; facts that agree share their word. */
function sentences(facts: Facts): string {
  const by = new Map<string, string[]>();
  for (const fact of ['declared', 'structural', 'behavioural'] as const) {
    by.set(facts[fact], [...(by.get(facts[fact]) ?? []), fact]);
  }
  return [...by].map(([verdict, names]) => `${words(names.join(', '))}: ${verdict}`).join('. ');
}
