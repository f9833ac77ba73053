// What happens on the server while somebody looks: heard once for the whole page, told to who asks.

import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { answered } from '@/api/connection';
import { type EventKind, openStream, streaming } from '@/api/events';
import { fromThrown } from '@/api/problem';
import { askWho } from '@/api/send';
import type { EventView } from '@/api/types';
import { isTouched } from './stale';

type Handler = (event: EventView) => void;

const handlers = new Set<Handler>();

/** A burst of events is one reason to ask again. */
const BURST_MS = 300;
/** And a long one is a reason every so often. */
const APART_MS = 1500;
/** A page that nobody sees needs no stream; browsers open six to a server. */
const HIDDEN_MS = 30_000;

/**
 * Calls the handler at each event of that kind (`channel.moved`), of that group (`release`), or at
 * each (`*`).
 */
export function useEvents(kind: EventKind | 'release' | '*', handler: Handler): void {
  const tell = useEffectEvent(handler);
  useEffect(() => {
    const hear: Handler = (event) => {
      if (kind === '*' || event.kind === kind || event.kind.startsWith(`${kind}.`)) tell(event);
    };
    handlers.add(hear);
    return () => {
      handlers.delete(hear);
    };
  }, [kind]);
}

/**
 * How often what is under way is asked for, in milliseconds: seldom while events tell of it. For
 * `refetchInterval`.
 */
export function pace(): number {
  return streaming.get() ? 30_000 : 2000;
}

/**
 * Hears events as long as the page is seen, and has what they touch asked for again. `after` is the
 * place before anything was asked, so that nothing that happened since is missed.
 */
export function followEvents(queryClient: QueryClient, after: string | undefined): () => void {
  const place = { after };
  const touched = newCollector((events) => {
    void queryClient.invalidateQueries({
      predicate: ({ queryKey }) => events.some((event) => isTouched(queryKey, event)),
    });
  });
  const all = () => {
    void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'identity' });
  };
  const open = () =>
    openStream(
      {
        onEvent: (event) => {
          touched.add(event);
          for (const handler of [...handlers]) handler(event);
        },
        onGap: () => {
          answered();
          all();
        },
        // Tells, by the way, whether it is the server that is gone; or it was the session that ended.
        onLoss: () => {
          askWho().catch((thrown: unknown) => {
            if (fromThrown(thrown).status !== 401) return;
            void queryClient.invalidateQueries(
              { queryKey: ['identity'] },
              { cancelRefetch: false },
            );
          });
        },
      },
      place,
    );
  const ends = whileSeen(open, all);
  return () => {
    ends();
    touched.clear();
  };
}

/** Keeps something open while the page is seen; `onReturn` when it was closed in between. */
function whileSeen(open: () => () => void, onReturn: () => void): () => void {
  let close: (() => void) | null = open();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        close?.();
        close = null;
      }, HIDDEN_MS);
    } else if (close === null) {
      close = open();
      onReturn();
    }
  };
  document.addEventListener('visibilitychange', look);
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearTimeout(timer);
    close?.();
  };
}

/** Gathers events, and hands them on together. */
function newCollector(onBurst: (events: readonly EventView[]) => void) {
  let gathered: EventView[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastAt = 0;
  const flush = () => {
    timer = undefined;
    lastAt = Date.now();
    const events = gathered;
    gathered = [];
    onBurst(events);
  };
  return {
    add: (event: EventView) => {
      gathered.push(event);
      timer ??= setTimeout(flush, Math.max(BURST_MS, lastAt + APART_MS - Date.now()));
    },
    clear: () => {
      clearTimeout(timer);
      timer = undefined;
      gathered = [];
    },
  };
}
