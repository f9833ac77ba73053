import { beforeEach, expect, test, vi } from 'vitest';
import { ANA } from '@/test/identities';
import { mockApi, Refusal } from '@/test/mockApi';
import { api, bodyOf, done } from './client';
import { connection } from './connection';
import { askWho, goOnSignedOut } from './send';
import { believe, sessionEnd, sessionLapsed, settle } from './session';

const EXPIRED = new Refusal({ status: 401, code: 'session_expired' });

beforeEach(() => {
  believe(null);
  sessionEnd.set(null);
  sessionLapsed.set(false);
  connection.set('there');
});

/** Refused once, then answered; tells how often it was asked. */
function refusedOnce<T>(refusal: Refusal, body: T) {
  const asked = { times: 0, answer: () => (++asked.times === 1 ? refusal : body) };
  return asked;
}

const MODULES = '/api/v1/modules';
const revoke = () => done(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id: 'a' } } }));

test('a call whose session ended waits, and is repeated when its actor is back', async () => {
  believe('ana');
  const asked = refusedOnce(EXPIRED, undefined);
  mockApi({ 'DELETE /api/v1/tokens/{id}': asked.answer });
  const call = revoke();
  await vi.waitFor(() => {
    expect(sessionEnd.get()?.actor).toBe('ana');
  });
  expect(asked.times).toBe(1);
  settle('same');
  await call;
  expect(asked.times).toBe(2);
  expect(sessionEnd.get()).toBeNull();
});

test('what is sent with a call is sent again with it', async () => {
  believe('ana');
  const names: unknown[] = [];
  mockApi({
    'POST /api/v1/tokens': (_, sent) => {
      names.push((sent as { name: string }).name);
      return EXPIRED;
    },
  });
  const call = bodyOf(api.POST('/api/v1/tokens', { body: { name: 'nightly' } })).catch(String);
  await vi.waitFor(() => {
    expect(sessionEnd.get()).not.toBeNull();
  });
  settle('same');
  await call;
  expect(names).toEqual(['nightly', 'nightly']);
});

test('a change is never repeated for somebody else', async () => {
  believe('ana');
  const asked = refusedOnce(EXPIRED, undefined);
  mockApi({ 'DELETE /api/v1/tokens/{id}': asked.answer });
  const call = revoke();
  await vi.waitFor(() => {
    expect(sessionEnd.get()).not.toBeNull();
  });
  settle('changed');
  await expect(call).rejects.toMatchObject({ code: 'session_expired' });
  expect(asked.times).toBe(1);
});

test('while it is asked to sign in, nothing is asked as if nobody had', async () => {
  believe('ana');
  const asked = refusedOnce(EXPIRED, { items: [] });
  mockApi({ [MODULES]: asked.answer });
  const first = bodyOf(api.GET(MODULES));
  await vi.waitFor(() => {
    expect(sessionEnd.get()).not.toBeNull();
  });
  const second = bodyOf(api.GET(MODULES));
  await Promise.resolve();
  expect(asked.times).toBe(1);
  settle('same');
  await Promise.all([first, second]);
  expect(asked.times).toBe(3);
});

test('who one is can be asked while everything else waits', async () => {
  believe('ana', '2026-01-01T00:00:00Z');
  mockApi({ '/api/v1/whoami': ANA, [MODULES]: { items: [] } });
  const call = bodyOf(api.GET(MODULES));
  await vi.waitFor(() => {
    expect(sessionEnd.get()).not.toBeNull();
  });
  expect(await askWho()).toEqual(ANA);
  believe('ana');
  settle('same');
  await call;
});

test('a session whose time is over is not sent, whatever became of its cookie', async () => {
  believe('ana', '2026-01-01T00:00:00Z');
  const asked = refusedOnce(EXPIRED, undefined);
  mockApi({ 'DELETE /api/v1/tokens/{id}': asked.answer });
  const change = revoke().catch((refused: unknown) => refused);
  await vi.waitFor(() => {
    expect(sessionEnd.get()?.problem.code).toBe('session_expired');
  });
  believe(null);
  settle('changed');
  expect(await change).toMatchObject({ code: 'session_expired', status: 401 });
  expect(asked.times).toBe(0);
});

test('who goes on signed out reads what everybody may, and the cookie is forgotten', async () => {
  believe('ana');
  let forgotten = 0;
  mockApi({
    [MODULES]: refusedOnce(EXPIRED, { items: [] }).answer,
    'DELETE /api/v1/session': () => {
      forgotten += 1;
      return undefined;
    },
  });
  const call = bodyOf(api.GET(MODULES));
  await vi.waitFor(() => {
    expect(sessionEnd.get()).not.toBeNull();
  });
  await goOnSignedOut();
  expect(await call).toEqual({ items: [] });
  expect(forgotten).toBe(1);
  expect(sessionLapsed.get()).toBe(true);
});

test('whose cookie could not be forgotten does not go on signed out', async () => {
  believe('ana');
  mockApi({
    [MODULES]: EXPIRED,
    'DELETE /api/v1/session': new Refusal({ status: 500, code: 'internal' }),
  });
  bodyOf(api.GET(MODULES)).catch(() => undefined);
  await vi.waitFor(() => {
    expect(sessionEnd.get()).not.toBeNull();
  });
  await expect(goOnSignedOut()).rejects.toMatchObject({ code: 'internal' });
  expect(sessionEnd.get()?.actor).toBe('ana');
  expect(sessionLapsed.get()).toBe(false);
});

test('a dead cookie of yesterday is forgotten without a question', async () => {
  let forgotten = 0;
  mockApi({
    [MODULES]: refusedOnce(EXPIRED, { items: [] }).answer,
    'DELETE /api/v1/session': () => {
      forgotten += 1;
      return undefined;
    },
  });
  expect(await bodyOf(api.GET(MODULES))).toEqual({ items: [] });
  expect([forgotten, sessionEnd.get(), sessionLapsed.get()]).toEqual([1, null, true]);
});

test('who never signed in is refused as everybody', async () => {
  mockApi({ '/api/v1/audit': new Refusal({ status: 401, code: 'unauthenticated' }) });
  const call = bodyOf(api.GET('/api/v1/audit'));
  await expect(call).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(sessionEnd.get()).toBeNull();
});

test('a wrong token at signing in is no end of a session', async () => {
  believe('ana');
  mockApi({ 'POST /api/v1/session': new Refusal({ status: 401, code: 'token_invalid' }) });
  const call = bodyOf(api.POST('/api/v1/session', { body: { token: 'x' } }));
  await expect(call).rejects.toMatchObject({ code: 'token_invalid' });
  expect(sessionEnd.get()).toBeNull();
});

test('a page that is left takes its held calls along', async () => {
  believe('ana');
  mockApi({ [MODULES]: EXPIRED });
  const leaving = new AbortController();
  const call = bodyOf(api.GET(MODULES, { signal: leaving.signal }));
  await vi.waitFor(() => {
    expect(sessionEnd.get()).not.toBeNull();
  });
  leaving.abort();
  await expect(call).rejects.toThrow();
});

test('a server that is gone is noticed, and that it came back', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await expect(bodyOf(api.GET(MODULES))).rejects.toMatchObject({ code: 'server_unreachable' });
  expect(connection.get()).toBe('lost');
  mockApi({ [MODULES]: { items: [] } });
  await bodyOf(api.GET(MODULES));
  expect(connection.get()).toBe('back');
});

test('a proxy with nobody behind it is a server that is gone', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('Bad Gateway', { status: 502 })));
  await expect(bodyOf(api.GET(MODULES))).rejects.toMatchObject({ code: 'unexpected_answer' });
  expect(connection.get()).toBe('lost');
});
