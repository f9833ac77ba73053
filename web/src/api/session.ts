// Who this page believes to be, and what happens to calls when the server sees it otherwise.

import { now } from './connection';
import { Problem } from './problem';
import { newStore } from './store';

/** A session that ended while somebody worked with it. */
export interface SessionEnd {
  readonly actor: string;
  readonly problem: Problem;
}

/** Set while the page asks to sign in again; calls are held until then. */
export const sessionEnd = newStore<SessionEnd | null>(null);

/** Whether a session ended of which nobody was asked to sign in again, or who was did not. */
export const sessionLapsed = newStore(false);

/** How a held call goes on: the same actor is back, or somebody else, or nobody. */
export type Settled = 'same' | 'changed';

type Release = (settled: Settled) => void;

const held = new Set<Release>();
let believed: string | null = null;
let endsAt = Infinity;

/** From what the server said of us last. */
export function believe(actor: string | null, expiresAt?: string | null): void {
  believed = actor;
  endsAt = expiresAt ? Date.parse(expiresAt) : Infinity;
  if (actor !== null) sessionLapsed.set(false);
}

/**
 * Why a call must not even be sent. Without its cookie it would be answered as if nobody had asked,
 * and what is private would seem to be gone.
 */
export function endedBefore(): Problem | null {
  const asked = sessionEnd.get();
  if (asked) return asked.problem;
  if (believed === null || now() < endsAt) return null;
  return new Problem({
    type: '/docs/problems#session_expired',
    title: 'The session has ended',
    status: 401,
    code: 'session_expired',
    detail: 'The session has ended.',
    remedy: 'Sign in again.',
    retryable: false,
  });
}

export function believedActor(): string | null {
  return believed;
}

const ENDED = ['session_expired', 'token_invalid', 'token_expired'];

/** What a refusal says of the session: `dead` where the browser still shows its cookie. */
export function endOf(problem: Problem): 'dead' | 'gone' | null {
  if (problem.status !== 401) return null;
  if (ENDED.includes(problem.code)) return 'dead';
  return problem.code === 'unauthenticated' && believed !== null ? 'gone' : null;
}

/** Holds a call until somebody signed in again, or chose not to. */
export function untilSettled(
  actor: string,
  problem: Problem,
  signal: AbortSignal,
): Promise<Settled> {
  return new Promise((resolve, reject) => {
    const release: Release = (settled) => {
      signal.removeEventListener('abort', abort);
      resolve(settled);
    };
    const abort = () => {
      held.delete(release);
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    held.add(release);
    if (sessionEnd.get() === null) sessionEnd.set({ actor, problem });
  });
}

/** Lets the held calls go on. */
export function settle(settled: Settled): void {
  const releases = [...held];
  held.clear();
  sessionEnd.set(null);
  for (const release of releases) release(settled);
}
