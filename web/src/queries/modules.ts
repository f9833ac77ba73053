// Modules, and what hangs on one as a whole.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ModulePath } from '@/api/client';
import { api, bodyOf } from '@/api/client';
import type { Kind } from '@/api/types';
import { pace } from './events';

const PAGE = 50;

export interface ModuleFilter {
  readonly query?: string | undefined;
  readonly kind?: Kind | undefined;
}

export function modulesQuery(filter: ModuleFilter) {
  return infiniteQueryOptions({
    queryKey: ['modules', filter],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/modules', {
          params: { query: { ...filter, limit: PAGE, after: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });
}

export function moduleQuery(module: ModulePath) {
  return queryOptions({
    queryKey: ['module', module],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/modules/{namespace}/{name}', { params: { path: module }, signal })),
  });
}

export function releasesQuery(module: ModulePath) {
  return infiniteQueryOptions({
    queryKey: ['module', module, 'releases'],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/modules/{namespace}/{name}/releases', {
          params: { path: module, query: { limit: PAGE, after: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    // Somebody watches a release being verified.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((r) => r.state === 'verifying'))
        ? pace()
        : false,
  });
}

export function channelsQuery(module: ModulePath) {
  return queryOptions({
    queryKey: ['module', module, 'channels'],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/modules/{namespace}/{name}/channels', {
          params: { path: module },
          signal,
        }),
      ),
  });
}

export function matrixQuery(module: ModulePath) {
  return infiniteQueryOptions({
    queryKey: ['module', module, 'matrix'],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/modules/{namespace}/{name}/matrix', {
          params: { path: module, query: { limit: 20, after: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });
}
