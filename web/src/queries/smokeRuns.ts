// Smoke runs by themselves.

import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';
import { pace } from './events';
import { isUnderWay } from './underWay';

export function smokeRunByIdQuery(id: string) {
  return queryOptions({
    queryKey: ['smoke-run', id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/smoke-runs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (isUnderWay(query.state.data) ? pace() : false),
  });
}
