// What is done to a module: its channels are moved, its releases change their standing.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ModulePath } from '@/api/client';
import { api, bodyOf } from '@/api/client';

const CHANNEL = '/api/v1/modules/{namespace}/{name}/channels/{channel}';
const RELEASE = '/api/v1/modules/{namespace}/{name}/releases/{version}';

export interface ChannelPath extends ModulePath {
  readonly channel: string;
}

/** What happens only when the channel has not moved since it was looked at. */
function ifAt(generation: number) {
  return { 'If-Match': `"${generation}"` };
}

/** A change of which every page may tell: what they show is asked for again. */
function useChange<Wanted, Done>(send: (wanted: Wanted) => Promise<Done>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => {
      // Not waited for: the dialog need not stay until every list is there again.
      void queryClient.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== 'identity',
      });
    },
  });
}

export interface Pointing {
  readonly channel: string;
  readonly version: string;
  readonly reason: string;
  /** How often it had moved when it was looked at; 0 for a channel that is to be new. */
  readonly generation: number;
}

export function usePointChannel(module: ModulePath) {
  return useChange(({ channel, version, reason, generation }: Pointing) =>
    bodyOf(
      api.PUT(CHANNEL, {
        params: { path: { ...module, channel } },
        body: { version, reason },
        headers: ifAt(generation),
      }),
    ),
  );
}

/** The channel as it is now, past what is kept. */
export function useChannelNow(path: ChannelPath) {
  const queryClient = useQueryClient();
  return () =>
    queryClient.query({
      queryKey: ['module', moduleOf(path), 'channel', path.channel],
      queryFn: ({ signal }) => bodyOf(api.GET(CHANNEL, { params: { path }, signal })),
      staleTime: 0,
    });
}

function moduleOf({ namespace, name }: ModulePath): ModulePath {
  return { namespace, name };
}

/**
 * What a rollback would do, to the last healthy release or to a named one. It stays as it was shown until
 * it is asked for again: nobody confirms what changed under their eyes.
 */
export function rollbackPreviewQuery(path: ChannelPath, to: string | null) {
  return queryOptions({
    queryKey: ['module', moduleOf(path), 'rollback', path.channel, to],
    queryFn: ({ signal }) =>
      bodyOf(
        api.POST(`${CHANNEL}/rollback`, {
          params: { path },
          body: { dry_run: true, ...(to !== null && { to }) },
          signal,
        }),
      ),
    staleTime: 'static',
    gcTime: 0,
  });
}

export interface Rollback {
  /** The version that was previewed. */
  readonly to: string;
  readonly reason: string;
  readonly generation: number;
}

export function useRollBack(path: ChannelPath) {
  return useChange(({ to, reason, generation }: Rollback) =>
    bodyOf(
      api.POST(`${CHANNEL}/rollback`, {
        params: { path },
        body: { to, reason },
        headers: ifAt(generation),
      }),
    ),
  );
}

export type Standing = 'deprecate' | 'yank' | 'quarantine' | 'restore';

export interface StandingChange {
  readonly standing: Standing;
  readonly version: string;
  readonly reason: string;
  readonly replacement?: string;
}

export function useChangeStanding(module: ModulePath) {
  return useChange(({ standing, version, ...body }: StandingChange) => {
    const init = { params: { path: { ...module, version } }, body };
    switch (standing) {
      case 'deprecate':
        return bodyOf(api.POST(`${RELEASE}/deprecate`, init));
      case 'yank':
        return bodyOf(api.POST(`${RELEASE}/yank`, init));
      case 'quarantine':
        return bodyOf(api.POST(`${RELEASE}/quarantine`, init));
      case 'restore':
        return bodyOf(api.POST(`${RELEASE}/restore`, init));
    }
  });
}
