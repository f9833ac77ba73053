// From the answers and the address to what is drawn.

import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Graph } from '@/api/types';
import { graphQuery, MOST_NODES } from '@/queries/lineage';
import { type Drawing, drawingOf } from './drawing';
import { merge, type Net, withoutHidden } from './net';
import { type LineageSearch, morePaths, pathOf } from './search';

export interface LineageModel {
  /** All that is known. */
  readonly whole: Net;
  /** Without what is hidden. */
  readonly shown: Net;
  readonly drawing: Drawing;
  /** Whether the server left out some of what is within the depth. */
  readonly cut: boolean;
}

export function useLineage(search: LineageSearch & { readonly of: string }) {
  const query = useQuery({ ...graphQuery(pathOf(search)), placeholderData: keepPreviousData });
  // One list for all of them, which stays the same as long as what came does.
  const more = useQueries({
    queries: morePaths(search).map((path) => graphQuery(path)),
    combine: (results) => ({
      graphs: results.flatMap(({ data }) => data ?? []),
      error: results.find(({ error }) => error)?.error ?? null,
      loading: results.some(({ isPending, error }) => isPending && !error),
    }),
  });
  const model = useModel(query.data, more.graphs, search);
  const loading = query.isPlaceholderData || more.loading;
  return { query, model, loading, moreError: more.error };
}

function useModel(
  graph: Graph | undefined,
  more: readonly Graph[],
  { hide, open, all }: LineageSearch,
): LineageModel | null {
  const whole = useMemo(() => (graph ? merge([graph, ...more]) : null), [graph, more]);
  const shown = useMemo(() => whole && withoutHidden(whole, new Set(hide)), [whole, hide]);
  const drawing = useMemo(
    () => shown && drawingOf(shown, { grouped: !all, open: new Set(open) }),
    [shown, open, all],
  );
  const cut = Boolean(graph?.truncated) && (graph?.nodes.length ?? 0) >= MOST_NODES;
  return useMemo(
    () => (whole && shown && drawing ? { whole, shown, drawing, cut } : null),
    [whole, shown, drawing, cut],
  );
}
