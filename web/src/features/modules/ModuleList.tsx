// The modules that were found.

import { Link } from '@tanstack/react-router';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { PackageOpen, SearchX } from 'lucide-react';
import type { Ref } from 'react';
import type { ModuleSummary } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { formatCount, plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Lines, type LinesHandle } from './Lines';
import classes from './ModuleList.module.css';

export interface Found {
  readonly pages: readonly { readonly items: readonly ModuleSummary[] }[];
}

export interface ModuleListProps {
  readonly query: UseInfiniteQueryResult<Found>;
  readonly narrowed: boolean;
  /** Of how many these are, where that is known. */
  readonly total: number | undefined;
  readonly lines: Ref<LinesHandle>;
  /** Up and out of the list. */
  readonly onLeave: () => void;
}

export function ModuleList({ query, narrowed, total, lines, onLeave }: ModuleListProps) {
  const modules = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title={narrowed ? 'Found' : 'All'}
      aside={<span role="status">{query.data && countOf(modules.length, query, total)}</span>}
    >
      <div
        className={classes.found}
        data-stale={query.isPlaceholderData || undefined}
        aria-busy={query.isPlaceholderData}
      >
        <Loaded query={query} lines={12}>
          {() =>
            modules.length === 0 ? (
              <Nothing narrowed={narrowed} />
            ) : (
              <Lines
                ref={lines}
                modules={modules}
                total={query.hasNextPage ? total : modules.length}
                onLeave={onLeave}
                onEnd={() => {
                  if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
                }}
              />
            )
          }
        </Loaded>
        {!query.isPlaceholderData && <LoadMore query={query} ahead />}
      </div>
    </Section>
  );
}

function countOf(
  shown: number,
  { hasNextPage, isPlaceholderData }: { hasNextPage: boolean; isPlaceholderData: boolean },
  total: number | undefined,
): string {
  if (isPlaceholderData) return 'Searching';
  if (!hasNextPage) return plural(shown, 'module');
  // The counts come apart from the list, and may be behind it.
  if (total === undefined || total <= shown) return `${plural(shown, 'module')} so far`;
  return `${formatCount(shown)} of ${plural(total, 'module')}`;
}

function Nothing({ narrowed }: { readonly narrowed: boolean }) {
  if (narrowed) {
    return (
      <Message icon={SearchX} title="No module fits">
        <p>
          Search for less, take a filter away, or look through{' '}
          <Link to="/modules">all modules</Link>.
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
