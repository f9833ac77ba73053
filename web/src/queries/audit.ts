// Who did what.

import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';

export interface AuditFilter {
  readonly namespace?: string;
  /** `namespace/name`: its own entries and those of its releases. */
  readonly module?: string;
  readonly actor?: string;
  /** `release.submit`, or a group: `release`. */
  readonly action?: string;
  /** Not before this time, and before that one. */
  readonly since?: string;
  readonly until?: string;
}

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/audit', {
          params: { query: { ...filter, limit: 50, after: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });
}
