// Search, filters and what was found. What one types into never goes away while answers are on their way.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef } from 'react';
import { facetsQuery, type ModuleFilter, modulesQuery } from '@/queries/modules';
import { ActiveFilters } from './ActiveFilters';
import { FacetDrawer, FacetPanel, useNarrow } from './FacetPanel';
import { isNarrowed, searched } from './filter';
import type { LinesHandle } from './Lines';
import classes from './ModuleBrowser.module.css';
import { ModuleList } from './ModuleList';
import { SearchBox } from './SearchBox';

export interface ModuleBrowserProps {
  readonly filter: ModuleFilter;
  /** Steps rather than filters: two that follow each other at once both count. */
  readonly onChange: (step: (filter: ModuleFilter) => ModuleFilter) => void;
}

export function ModuleBrowser({ filter, onChange }: ModuleBrowserProps) {
  const query = useInfiniteQuery(modulesQuery(filter));
  const facets = useQuery(facetsQuery(filter));
  const input = useRef<HTMLInputElement>(null);
  const lines = useRef<LinesHandle>(null);
  const narrow = useNarrow();
  const openFirst = useOpenFirst(
    lines,
    filter.query ?? '',
    query.isSuccess && !query.isPlaceholderData,
  );
  const toSearch = () => input.current?.focus();
  return (
    <div className={classes.browser}>
      <div className={classes.bar} role="search">
        <SearchBox
          input={input}
          query={filter.query ?? ''}
          onQuery={(text) => {
            onChange((before) => searched(before, text));
          }}
          onDown={() => lines.current?.focusFirst()}
          onEnter={openFirst}
        />
        {narrow && <FacetDrawer query={facets} filter={filter} onChange={onChange} />}
      </div>
      {!narrow && <FacetPanel query={facets} filter={filter} onChange={onChange} />}
      <div className={classes.found}>
        <ActiveFilters filter={filter} onChange={onChange} onEmpty={toSearch} />
        <ModuleList
          query={query}
          narrowed={isNarrowed(filter)}
          total={facets.isPlaceholderData ? undefined : facets.data?.total}
          lines={lines}
          onLeave={toSearch}
        />
      </div>
    </div>
  );
}

/** Who presses Enter before the answer is there is led to what it finds, not to what was found before. */
function useOpenFirst(lines: RefObject<LinesHandle | null>, query: string, found: boolean) {
  const wanted = useRef<string>(null);
  useEffect(() => {
    if (!found || wanted.current !== query) return;
    wanted.current = null;
    lines.current?.openFirst();
  }, [lines, query, found]);
  return (asked: string) => {
    wanted.current = null;
    if (found && asked === query) lines.current?.openFirst();
    else wanted.current = asked;
  };
}
