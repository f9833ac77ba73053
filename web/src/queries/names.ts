// The names of namespaces and of actors, to choose from.

import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';

/** More than that many are typed by hand. */
const MOST = 200;

export function namespaceNamesQuery() {
  return queryOptions({
    queryKey: ['namespaces', 'names'],
    queryFn: async ({ signal }) => {
      const params = { query: { limit: MOST } };
      const page = await bodyOf(api.GET('/api/v1/namespaces', { params, signal }));
      return page.items.map(({ name }) => name);
    },
    staleTime: 60_000,
  });
}

export function actorNamesQuery() {
  return queryOptions({
    queryKey: ['actors', 'names'],
    queryFn: async ({ signal }) => {
      const params = { query: { limit: MOST } };
      const page = await bodyOf(api.GET('/api/v1/actors', { params, signal }));
      return page.items.map(({ name }) => name);
    },
    staleTime: 60_000,
  });
}
