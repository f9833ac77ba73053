import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { api, bodyOf, done } from '@/api/client';
import { believe, sessionEnd, sessionLapsed } from '@/api/session';
import { ANA, BEN } from '@/test/identities';
import { mockApi, Refusal } from '@/test/mockApi';
import { newQueryClient } from './client';
import { followTabs, identityQuery } from './identity';

/** What another tab says, in this one. */
const { told } = vi.hoisted(() => {
  const channel = new EventTarget();
  vi.stubGlobal('BroadcastChannel', function BroadcastChannel() {
    return channel;
  });
  return { told: () => channel.dispatchEvent(new Event('message')) };
});

const MODULES = '/api/v1/modules';
let ends: () => void;
let queryClient = newQueryClient();

beforeEach(() => {
  sessionEnd.set(null);
  sessionLapsed.set(false);
  queryClient = newQueryClient();
  ends = followTabs(queryClient);
});

afterEach(() => {
  ends();
});

/** A call that waits, as its session has ended. */
async function aHeldCall(call: () => Promise<unknown>) {
  believe('ana', '2026-01-01T00:00:00Z');
  const held = call();
  held.catch(() => undefined);
  await vi.waitFor(() => {
    expect(sessionEnd.get()?.actor).toBe('ana');
  });
  return { held };
}

test('signing in again in another tab lets the calls of this one go on', async () => {
  mockApi({ '/api/v1/whoami': ANA, [MODULES]: { items: [] } });
  const { held } = await aHeldCall(() => bodyOf(api.GET(MODULES)));
  told();
  expect(await held).toEqual({ items: [] });
  expect(sessionEnd.get()).toBeNull();
  expect(queryClient.getQueryData(identityQuery().queryKey)).toEqual(ANA);
});

test('somebody else who signs in in another tab changes nothing in the name of who was here', async () => {
  let revoked = 0;
  mockApi({
    '/api/v1/whoami': BEN,
    'DELETE /api/v1/tokens/{id}': () => {
      revoked += 1;
      return undefined;
    },
  });
  const { held } = await aHeldCall(() =>
    done(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id: 'a' } } })),
  );
  told();
  await expect(held).rejects.toMatchObject({ code: 'session_expired' });
  expect(revoked).toBe(0);
});

test('while the server is not there, another tab is not believed', async () => {
  mockApi({ '/api/v1/whoami': new Refusal({ status: 500, code: 'internal' }) });
  await aHeldCall(() => bodyOf(api.GET(MODULES)));
  told();
  await new Promise((later) => setTimeout(later, 20));
  expect(sessionEnd.get()?.actor).toBe('ana');
});
