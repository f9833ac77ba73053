// Modules as one types.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/api/client';

const FOUND_AT_MOST = 8;

export function moduleSearchQuery(text: string) {
  return queryOptions({
    queryKey: ['modules', 'search', text],
    queryFn: async ({ signal }) => {
      const query = { query: text, limit: FOUND_AT_MOST };
      const page = await bodyOf(api.GET('/api/v1/modules', { params: { query }, signal }));
      return page.items;
    },
    enabled: text !== '',
    placeholderData: keepPreviousData,
  });
}
