// What things were made from, and what was made from them.

import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';
import { parseReference } from '@/api/reference';
import type { Graph } from '@/api/types';

export interface LineagePath {
  /** `namespace/name@version`, or the key of a node. */
  readonly of: string;
  readonly depth: number;
  readonly direction: 'up' | 'down' | 'both';
}

/** The graph around a release, a data set or a model of another place. */
export function graphQuery(path: LineagePath) {
  return queryOptions({
    queryKey: ['lineage', path],
    queryFn: ({ signal }) => graphOf(path, signal),
    staleTime: 60_000,
  });
}

/** The server gives no more nodes than that at once. */
export const MOST_NODES = 1000;

function graphOf({ of, depth, direction }: LineagePath, signal: AbortSignal): Promise<Graph> {
  const query = { depth, direction };
  // A key begins with its kind, before any slash.
  const release = /^(release|dataset|model):/.test(of) ? null : parseReference(of);
  if (!release) {
    return bodyOf(
      api.GET('/api/v1/lineage', { params: { query: { ...query, node: of } }, signal }),
    );
  }
  const { namespace, name, version } = release;
  return bodyOf(
    api.GET('/api/v1/modules/{namespace}/{name}/releases/{revision}/lineage', {
      params: { path: { namespace, name, revision: version }, query },
      signal,
    }),
  );
}
