// How answers are kept and asked for again.

import { QueryClient } from '@tanstack/react-query';
import { fromThrown } from '@/api/problem';

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // Asking again helps only where the server says so.
        retry: (failures, thrown) => failures < 2 && fromThrown(thrown).retryable,
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
    },
  });
}
