// Drafts and refused attempts: what is not published, or not yet.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, bodyOf, bodyOrNull } from '@/api/client';
import { pace } from './events';
import { followed } from './followed';
import { isUnderWay } from './underWay';

const PAGE = 50;

/** One's own. */
export function draftsQuery() {
  return infiniteQueryOptions({
    queryKey: ['drafts'],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/drafts', {
          params: { query: { limit: PAGE, after: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    // Somebody watches one being verified.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((r) => r.state === 'verifying'))
        ? pace()
        : false,
  });
}

export function draftQuery(id: string) {
  return queryOptions({
    queryKey: ['draft', id],
    queryFn: ({ signal, client, queryKey }) =>
      followed(
        client,
        queryKey,
        bodyOf(api.GET('/api/v1/drafts/{id}', { params: { path: { id } }, signal })),
      ),
    refetchInterval: (query) => (query.state.data?.state === 'verifying' ? pace() : false),
  });
}

/** Null where it was never run. */
export function draftSmokeRunQuery(id: string) {
  return queryOptions({
    queryKey: ['draft', id, 'smoke-run'],
    queryFn: ({ signal }) =>
      bodyOrNull(api.GET('/api/v1/drafts/{id}/smoke-run', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (isUnderWay(query.state.data) ? pace() : false),
  });
}
