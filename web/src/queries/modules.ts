// Modules, and what hangs on one as a whole.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ModulePath } from '@/api/client';
import { api, bodyOf } from '@/api/client';
import type { Comparison, ReleaseSummary } from '@/api/types';
import { pace } from './events';

const PAGE = 50;

/** As the API takes it: each a list parted by commas, but for what is searched for. */
export interface ModuleFilter {
  readonly query?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly task?: string | undefined;
  readonly base?: string | undefined;
  readonly state?: string | undefined;
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
    // While one types, what was found before stays to be seen.
    placeholderData: keepPreviousData,
  });
}

/** A few modules by a part of the name, to choose from. */
export function foundModulesQuery(text: string, limit: number) {
  return queryOptions({
    queryKey: ['modules', 'found', text, limit],
    queryFn: ({ signal }) => {
      const query = { ...(text && { query: text }), limit };
      return bodyOf(api.GET('/api/v1/modules', { params: { query }, signal }));
    },
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}

export function facetsQuery(filter: ModuleFilter) {
  return queryOptions({
    queryKey: ['module-facets', filter],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/module-facets', { params: { query: filter }, signal })),
    placeholderData: keepPreviousData,
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

/** Moves of all channels, or of one, newest first. */
export function movesQuery(module: ModulePath, channel?: string) {
  return infiniteQueryOptions({
    queryKey: ['module', module, 'moves', channel ?? null],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 20, after: pageParam ?? undefined };
      if (channel === undefined) {
        const params = { path: module, query };
        return bodyOf(api.GET('/api/v1/modules/{namespace}/{name}/moves', { params, signal }));
      }
      const params = { path: { ...module, channel }, query };
      const at = '/api/v1/modules/{namespace}/{name}/channels/{channel}/history';
      const { items, next } = await bodyOf(api.GET(at, { params, signal }));
      return { items: items.map((move) => ({ ...move, channel })), next };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    placeholderData: keepPreviousData,
  });
}

export function dependentsQuery(module: ModulePath) {
  return infiniteQueryOptions({
    queryKey: ['module', module, 'dependents'],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/modules/{namespace}/{name}/dependents', {
          params: { path: module, query: { limit: 20, after: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });
}

export function cadenceQuery(module: ModulePath) {
  return queryOptions({
    queryKey: ['module', module, 'cadence'],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/modules/{namespace}/{name}/cadence', { params: { path: module }, signal }),
      ),
  });
}

/** All releases of a module, to choose from. */
export function versionsQuery(module: ModulePath) {
  return queryOptions({
    queryKey: ['module', module, 'versions'],
    queryFn: async ({ signal }) => {
      const releases: ReleaseSummary[] = [];
      let after: string | undefined;
      do {
        const page = await bodyOf(
          api.GET('/api/v1/modules/{namespace}/{name}/releases', {
            params: { path: module, query: { limit: 200, after } },
            signal,
          }),
        );
        releases.push(...page.items);
        after = page.next ?? undefined;
      } while (after !== undefined);
      return releases;
    },
  });
}

export interface Sides {
  /** Each a version or a channel. */
  readonly from: string;
  readonly to: string;
}

export function comparisonQuery(module: ModulePath, sides: Sides) {
  return queryOptions({
    queryKey: ['module', module, 'compare', sides],
    queryFn: ({ signal }) =>
      // The client's types forget that a pair has two parts.
      bodyOf(
        api.GET('/api/v1/modules/{namespace}/{name}/compare', {
          params: { path: module, query: sides },
          signal,
        }),
      ) as Promise<Comparison>,
    placeholderData: keepPreviousData,
  });
}
