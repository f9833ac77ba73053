// Who asks, and what they may do.

import {
  noop,
  queryOptions,
  type QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { api, bodyOf, done } from '@/api/client';
import { askWho, goOnSignedOut } from '@/api/send';
import { believe, believedActor, settle } from '@/api/session';
import type { Action, Identity } from '@/api/types';
import { may } from './may';

const KEY = ['identity'] as const;

export function identityQuery() {
  return queryOptions({
    queryKey: KEY,
    // Without the signal: pages wait for it also when nobody of them shows it just then.
    queryFn: async () => {
      const identity = await bodyOf(api.GET('/api/v1/whoami'));
      believe(identity.actor ?? null, identity.expires_at);
      return identity;
    },
    // Roles change seldom, and the server has the last word anyhow.
    staleTime: 60_000,
  });
}

/** Undefined until it is known; without an actor when nobody signed in. */
export function useIdentity(): Identity | undefined {
  return useQuery(identityQuery()).data;
}

/** Whether to offer it: what one may not do is not offered. */
export function useMay(action: Action, namespace?: string): boolean {
  return may(useIdentity(), action, namespace);
}

/** Other tabs share the cookie, and so who we are. */
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('cambium-session') : null;

/** Takes over what another tab did; answers with what ends it. */
export function followTabs(queryClient: QueryClient): () => void {
  if (!tabs) return () => undefined;
  const hear = () => {
    // Past the cache, where the question may be one of those that are held.
    askWho().then((identity) => {
      takeOver(queryClient, identity, believedActor());
    }, noop);
  };
  tabs.addEventListener('message', hear);
  return () => {
    tabs.removeEventListener('message', hear);
  };
}

/** What was seen as somebody else is forgotten; what one saw oneself is asked for again. */
function takeOver(queryClient: QueryClient, identity: Identity, before: string | null): void {
  const actor = identity.actor ?? null;
  believe(actor, identity.expires_at);
  queryClient.setQueryData(KEY, identity);
  const same = actor !== null && actor === before;
  settle(same ? 'same' : 'changed');
  const others = {
    predicate: (query: { queryKey: readonly unknown[] }) => query.queryKey[0] !== KEY[0],
  };
  void (same ? queryClient.invalidateQueries(others) : queryClient.resetQueries(others));
}

export function useSignIn() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (token: string) =>
      bodyOf(api.POST('/api/v1/session', { body: { token: token.trim() } })),
    onSuccess: (identity) => {
      takeOver(queryClient, identity, believedActor());
      tabs?.postMessage('in');
    },
  });
}

const NOBODY: Identity = { actor: null, roles: [], scope: {}, permissions: [], events_after: '' };

export function useEndSession(onError: (thrown: Error) => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => done(api.DELETE('/api/v1/session')),
    onError,
    onSuccess: () => {
      takeOver(queryClient, NOBODY, null);
      tabs?.postMessage('out');
    },
  });
}

/** For a session that ended: the page goes on as for everybody. */
export function useGoOnSignedOut() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: goOnSignedOut,
    onSuccess: () => {
      takeOver(queryClient, NOBODY, null);
      tabs?.postMessage('out');
    },
  });
}
