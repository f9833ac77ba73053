// Sends a request, and watches on the way whether the server is there and who we are to it.

import { answered, isNobody, readClock, unanswered } from './connection';
import { fromAnswer, type Problem } from './problem';
import {
  believe,
  believedActor,
  endedBefore,
  endOf,
  sessionLapsed,
  settle,
  type Settled,
  untilSettled,
} from './session';
import type { Identity } from './types';

const SESSION = '/api/v1/session';

/** For the client of the API. A call whose session ended is repeated when its actor is back. */
export async function send(request: Request): Promise<Response> {
  // Signing in and out say for themselves how they went.
  if (new URL(request.url).pathname === SESSION) return watched(request);
  const before = endedBefore();
  if (before) {
    const settled = await settledAfter(before, 'gone', request.signal);
    return isRepeatable(request, settled)
      ? watched(request)
      : Response.json(before.body, { status: before.status });
  }
  const again = request.clone();
  const response = await watched(request);
  if (response.status !== 401) return response;
  const problem = await problemIn(response);
  const end = endOf(problem);
  if (end === null) return response;
  const settled = await settledAfter(problem, end, request.signal);
  return isRepeatable(request, settled) ? watched(again) : response;
}

/** Reading harms nobody; what changes something is for its own actor only. */
function isRepeatable(request: Request, settled: Settled): boolean {
  return settled === 'same' || request.method === 'GET';
}

async function watched(request: Request): Promise<Response> {
  try {
    // Looked up at each call, so that tests can answer in the server's place.
    const response = await globalThis.fetch(request);
    if (isNobody(response)) unanswered();
    else answered();
    readClock(response);
    return response;
  } catch (thrown) {
    if (thrown instanceof TypeError && !request.signal.aborted) unanswered();
    throw thrown;
  }
}

async function problemIn(response: Response): Promise<Problem> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return fromAnswer(response.status, body);
}

async function settledAfter(
  problem: Problem,
  end: 'dead' | 'gone',
  signal: AbortSignal,
): Promise<Settled> {
  const actor = believedActor();
  if (actor !== null) return untilSettled(actor, problem, signal);
  // Nobody works with it yet: what is public needs no question.
  if (end === 'dead') {
    sessionLapsed.set(true);
    // Where it stays, the next answer says so again.
    await forgetSession().catch(() => null);
  }
  return 'changed';
}

/** Who the server takes us for. Never held: the answer may be what the held calls wait for. */
export async function askWho(): Promise<Identity> {
  const response = await watched(new Request(new URL('/api/v1/whoami', window.location.origin)));
  if (!response.ok) throw await problemIn(response);
  return (await response.json()) as Identity;
}

let forgetting: Promise<void> | null = null;

/** Takes the dead cookie out of the browser, which only the server can; thrown where it did not. */
function forgetSession(): Promise<void> {
  forgetting ??= watched(
    new Request(new URL(SESSION, window.location.origin), { method: 'DELETE' }),
  )
    .then(async (response) => {
      if (!response.ok) throw await problemIn(response);
    })
    .finally(() => {
      forgetting = null;
    });
  return forgetting;
}

/** Goes on without a session: what is held and reads is read as everybody may. */
export async function goOnSignedOut(): Promise<void> {
  await forgetSession();
  believe(null);
  sessionLapsed.set(true);
  settle('changed');
}
