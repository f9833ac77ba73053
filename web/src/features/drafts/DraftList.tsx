// One's own drafts and refused attempts.

import type { UseSuspenseInfiniteQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PencilLine } from 'lucide-react';
import type { ReleaseView } from '@/api/types';
import { LoadMore } from '@/features/shell/LoadMore';
import { byWeight } from '@/ui/weight';
import { Ago } from '@/ui/Ago';
import { KindBadge, StateBadge } from '@/ui/badges';
import { Command } from '@/ui/Command';
import { type Column, DataTable } from '@/ui/DataTable';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Ticked } from '@/ui/Ticked';
import classes from './DraftList.module.css';

export interface DraftListProps {
  readonly query: UseSuspenseInfiniteQueryResult<{
    readonly pages: readonly { readonly items: readonly ReleaseView[] }[];
  }>;
}

export function DraftList({ query }: DraftListProps) {
  const drafts = query.data.pages.flatMap(({ items }) => items);
  if (drafts.length === 0) return <None />;
  const count = plural(drafts.length, 'attempt');
  return (
    <Section title="Not published" aside={query.hasNextPage ? `${count} so far` : count}>
      <DataTable label="Drafts" columns={COLUMNS} rows={drafts} rowKey={({ id }) => id} />
      <LoadMore query={query} />
    </Section>
  );
}

function None() {
  return (
    <Section title="Not published">
      <Message icon={PencilLine} title="You have no drafts">
        <p>
          Nothing of yours was left half done or refused. A folder is published by a command; what
          is refused, and why, stands here.
        </p>
        <Command lines="cambium publish DIR" />
      </Message>
    </Section>
  );
}

const COLUMNS: readonly Column<ReleaseView>[] = [
  {
    title: 'Attempt',
    wide: true,
    cell: ({ id, module, version }) => (
      <Link to="/drafts/$id" params={{ id }} className={classes.name}>
        {module}@{version}
      </Link>
    ),
  },
  { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { title: 'Kind', cell: ({ kind }) => <KindBadge kind={kind} /> },
  { title: 'Why', wide: true, cell: (draft) => <Why draft={draft} /> },
  {
    title: 'Drafted',
    cell: ({ created_at }) => (
      <span className={classes.when}>
        <Ago at={created_at} />
      </span>
    ),
  },
];

/** The weightiest reason, and how many there are besides. */
function Why({ draft: { findings, submitted_at } }: { readonly draft: ReleaseView }) {
  const [first] = byWeight(findings);
  if (!first) {
    return (
      <span className={classes.quiet}>
        {submitted_at ? 'Nothing was found' : 'Not submitted yet'}
      </span>
    );
  }
  const more = findings.length - 1;
  return (
    <span className={classes.why}>
      <Ticked text={first.message} />
      {more > 0 && <span className={classes.quiet}> And {plural(more, 'more finding')}.</span>}
    </span>
  );
}
