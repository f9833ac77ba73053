// One's own tokens.

import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf, done } from '@/api/client';
import type { Scope } from '@/api/types';

const KEY = ['tokens'] as const;

export function tokensQuery() {
  return infiniteQueryOptions({
    queryKey: KEY,
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/tokens', {
          params: { query: { limit: 200, after: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });
}

export interface NewToken {
  readonly name: string;
  readonly scope: Scope;
  /** How many days it lives; for ever when absent. */
  readonly days?: number;
}

const DAY_MS = 86_400_000;

export function useCreateToken() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ name, scope, days }: NewToken) => {
      const ends = days && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() };
      return bodyOf(api.POST('/api/v1/tokens', { body: { name, scope, ...ends } }));
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRevokeToken() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      done(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })),
    // Also after a refusal: it may be gone already.
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY }),
  });
}
