// What is to be seen at a glance.

import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';
import { pace } from './events';

/** Whether workers live is told by no event. */
const HEALTH_MS = 30_000;

export function overviewQuery() {
  return queryOptions({
    queryKey: ['overview'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/overview', { signal })),
    refetchInterval: ({ state: { data } }) =>
      data && data.under_way.length > 0 ? pace() : HEALTH_MS,
  });
}
