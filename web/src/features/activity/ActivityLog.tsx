// The log, by day, the newest first; what happens meanwhile is brought when asked for.

import { Button } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowUp, ScrollText, SearchX } from 'lucide-react';
import { useState } from 'react';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { auditQuery } from '@/queries/audit';
import { useEvents } from '@/queries/events';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { byDay } from '@/ui/days';
import classes from './ActivityLog.module.css';
import { Entry } from './Entry';
import { type ActivitySearch, filterOf, isNarrowed } from './filter';

export interface ActivityLogProps {
  readonly search: ActivitySearch;
  readonly onClear: () => void;
}

export function ActivityLog({ search, onClear }: ActivityLogProps) {
  const query = useInfiniteQuery(auditQuery(filterOf(search)));
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  const count = `${plural(entries.length, 'entry', 'entries')}${query.hasNextPage ? ' so far' : ''}`;
  return (
    <>
      <Meanwhile search={search} />
      <Section
        title={isNarrowed(search) ? 'Found' : 'All'}
        aside={query.data && <span role="status">{count}</span>}
      >
        <Loaded query={query} lines={10}>
          {() =>
            entries.length === 0 ? (
              <Nothing search={search} onClear={onClear} />
            ) : (
              byDay(entries, (entry) => entry.happened_at, new Date()).map(
                ({ date, title, items }) => (
                  <section key={date} aria-label={title}>
                    <h3 className={classes.day}>{title}</h3>
                    <ul className={classes.list}>
                      {items.map((entry) => (
                        <Entry key={entry.id} entry={entry} />
                      ))}
                    </ul>
                  </section>
                ),
              )
            )
          }
        </Loaded>
        <LoadMore query={query} />
      </Section>
    </>
  );
}

/** Nothing moves under the eyes of who reads: what is new waits above. */
function Meanwhile({ search }: { readonly search: ActivitySearch }) {
  const queryClient = useQueryClient();
  const [more, setMore] = useState(false);
  // A span that has ended gets no more entries.
  const closed = search.until !== undefined && new Date(filterOf(search).until ?? '') < new Date();
  useEvents('*', ({ kind }) => {
    if (kind !== 'release.verifying') setMore(true);
  });
  if (!more || closed) return null;
  return (
    <div className={classes.meanwhile} role="status">
      <Button
        size="xs"
        variant="light"
        leftSection={<ArrowUp size={14} aria-hidden />}
        onClick={() => {
          setMore(false);
          void queryClient.resetQueries({ queryKey: ['audit'] });
        }}
      >
        More has happened: show it
      </Button>
    </div>
  );
}

function Nothing({ search, onClear }: ActivityLogProps) {
  if (!isNarrowed(search)) {
    return (
      <Message icon={ScrollText} title="Nothing is written here yet">
        <p>Entries of the namespaces in which you have a role appear here.</p>
      </Message>
    );
  }
  return (
    <Message icon={SearchX} title="No entry fits">
      <p>Look in a longer time, or for less.</p>
      <Button size="xs" variant="default" onClick={onClear}>
        Show all
      </Button>
    </Message>
  );
}
