// Who has a role in a namespace.

import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';

export function ownersQuery(namespace: string) {
  return queryOptions({
    queryKey: ['namespaces', namespace, 'roles'],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/namespaces/{namespace}/roles', {
          params: { path: { namespace } },
          signal,
        }),
      ),
  });
}
