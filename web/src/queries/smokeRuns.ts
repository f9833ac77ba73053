// Smoke runs by themselves.

import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';
import { pace } from './events';

export function smokeRunByIdQuery(id: string) {
  return queryOptions({
    queryKey: ['smoke-run', id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/smoke-runs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? pace() : false),
  });
}
