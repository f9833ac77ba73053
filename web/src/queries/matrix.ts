// The compatibility matrix of a module, as a grid and pair by pair.

import { experimental_streamedQuery as streamedQuery, queryOptions } from '@tanstack/react-query';
import type { ModulePath } from '@/api/client';
import { api, bodyOf, bodyOrNull } from '@/api/client';
import type { Grid, GridColumn, GridRow, Verdict } from '@/api/types';

const PAGE = 1000;

/** More rows than that are not asked for: who looks for one of them narrows by name. */
export const MOST_ROWS = 5000;

export interface GridFilter {
  readonly query?: string | undefined;
  readonly verdict?: Verdict | undefined;
}

export interface WholeGrid {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly GridRow[];
  /** Whether there are more rows than these, also after the last page that is asked for. */
  readonly cut: boolean;
}

const NOTHING: WholeGrid = { columns: [], rows: [], cut: false };

/** All rows, page after page; what has come is there to be shown while the rest is on its way. */
export function gridQuery(module: ModulePath, filter: GridFilter = {}) {
  return queryOptions({
    queryKey: ['module', module, 'grid', filter],
    queryFn: streamedQuery<Grid, WholeGrid>({
      streamFn: ({ signal }) => pages(module, filter, signal),
      reducer: (grid, page) => ({
        columns: page.columns,
        rows: [...grid.rows, ...page.rows],
        cut: Boolean(page.next),
      }),
      initialValue: NOTHING,
      refetchMode: 'replace',
    }),
    staleTime: 60_000,
  });
}

async function* pages(module: ModulePath, filter: GridFilter, signal: AbortSignal) {
  let after: string | undefined;
  for (let rows = 0; rows < MOST_ROWS;) {
    const page = await bodyOf(
      api.GET('/api/v1/modules/{namespace}/{name}/matrix/grid', {
        params: { path: module, query: { ...filter, after, limit: PAGE } },
        signal,
      }),
    );
    yield page;
    if (!page.next) return;
    after = page.next;
    rows += page.rows.length;
  }
}

export interface PairPath {
  /** `namespace/name@version` of what attaches. */
  readonly dependent: string;
  /** `namespace/name@version` of what it attaches to. */
  readonly base: string;
}

/** What is known of a pair; null when the two were never looked at together. */
export function pairQuery(pair: PairPath) {
  return queryOptions({
    queryKey: ['pair', pair],
    queryFn: ({ signal }) =>
      bodyOrNull(api.GET('/api/v1/compatibility', { params: { query: { ...pair } }, signal })),
  });
}
