import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { connection } from '@/api/connection';
import { believe, sessionEnd, sessionLapsed } from '@/api/session';
import type { Identity } from '@/api/types';
import { readRecent } from '@/features/palette/recent';
import { ANA, BEN, NOBODY } from './identities';
import { type Answers, mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';
import { RELEASE } from './samples';

/** What another tab says, in this one. */
const { told } = vi.hoisted(() => {
  const channel = Object.assign(new EventTarget(), { postMessage: () => undefined });
  vi.stubGlobal('BroadcastChannel', function BroadcastChannel() {
    return channel;
  });
  return { told: () => channel.dispatchEvent(new Event('message')) };
});

beforeEach(() => {
  believe(null);
  sessionEnd.set(null);
  sessionLapsed.set(false);
  connection.set('there');
});

function signIn(token: string): void {
  fireEvent.change(screen.getByLabelText('Token'), { target: { value: token } });
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

/** A server that knows Ana's token, and who is signed in. */
function aServer(initially: Identity = NOBODY) {
  const server = { who: initially };
  const answers: Answers = {
    '/api/v1/whoami': () => server.who,
    '/api/v1/modules': { items: [] },
    '/api/v1/tokens': { items: [] },
    'POST /api/v1/session': (_: URL, sent: unknown) => {
      if ((sent as { token: string }).token !== 'cbm_ana') {
        return new Refusal({ status: 401, code: 'token_invalid', detail: 'Nobody knows it.' });
      }
      server.who = ANA;
      return ANA;
    },
    'DELETE /api/v1/session': () => {
      server.who = NOBODY;
      return undefined;
    },
  };
  return { server, answers };
}

test('who signs in is led back to where they wanted to go', async () => {
  mockApi(aServer().answers);
  const router = renderAt('/tokens');
  fireEvent.click(await screen.findByText('Sign in to see your tokens'));
  const [link] = screen.getAllByRole('link', { name: 'Sign in' });
  fireEvent.click(link ?? document.body);
  expect(await screen.findByRole('heading', { name: 'Sign in to Cambium' })).toBeTruthy();
  expect(screen.getByText('cambium token create browser')).toBeTruthy();
  signIn(' cbm_ana ');
  expect(await screen.findByText('No token yet')).toBeTruthy();
  expect(router.state.location.pathname).toBe('/tokens');
  expect(screen.getByRole('button', { name: 'Signed in as ana' })).toBeTruthy();
});

test('a token that is not known is refused on the spot', async () => {
  mockApi(aServer().answers);
  renderAt('/sign-in');
  await screen.findByLabelText('Token');
  signIn('   ');
  expect(screen.getByText('Paste a token first.')).toBeTruthy();
  signIn('cbm_wrong');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Nobody knows it.');
  expect(alert.textContent).toContain('token_invalid');
});

test('nobody is led to another site', async () => {
  mockApi(aServer().answers);
  const router = renderAt('/sign-in?then=https://elsewhere.example/');
  await screen.findByLabelText('Token');
  signIn('cbm_ana');
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/');
  });
});

test('who signs out sees what everybody sees', async () => {
  const { server, answers } = aServer(ANA);
  mockApi(answers);
  renderAt('/tokens');
  fireEvent.click(await screen.findByRole('button', { name: 'Signed in as ana' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  expect(await screen.findByText('Sign in to see your tokens')).toBeTruthy();
  expect(server.who).toBe(NOBODY);
});

test('who could not be signed out is told so, and why', async () => {
  mockApi({
    ...aServer(ANA).answers,
    'DELETE /api/v1/session': new Refusal({ status: 500, code: 'internal' }),
  });
  renderAt('/tokens');
  fireEvent.click(await screen.findByRole('button', { name: 'Signed in as ana' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  await screen.findByText('You are still signed in');
  expect(screen.getByText('internal').parentElement?.textContent).toBe(
    'The detail of it. internal The remedy for it.',
  );
  expect(screen.getByRole('button', { name: 'Signed in as ana' })).toBeTruthy();
});

test('a session that ends under a form asks for the token, and the form is sent after all', async () => {
  const { server, answers } = aServer(ANA);
  let made: unknown;
  mockApi({
    ...answers,
    'POST /api/v1/tokens': (_, sent) => {
      if (server.who !== ANA) return new Refusal({ status: 401, code: 'session_expired' });
      made = sent;
      const { name } = sent as { name: string };
      const created_at = '2026-07-02T09:00:00Z';
      return { id: 'a', actor: 'ana', name, scope: {}, created_at, token: 'cbm_new' };
    },
  });
  renderAt('/tokens');
  fireEvent.click(await screen.findByRole('button', { name: 'New token' }));
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: 'nightly' } });
  server.who = NOBODY;
  fireEvent.click(screen.getByRole('button', { name: 'Make the token' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Your session has ended' }));
  expect(dialog.getByText('session_expired')).toBeTruthy();
  signIn('cbm_ana');
  expect(await screen.findByText('cbm_new')).toBeTruthy();
  expect(made).toMatchObject({ name: 'nightly' });
  expect(screen.queryByRole('dialog', { name: 'Your session has ended' })).toBeNull();
});

test('who does not sign in again goes on as everybody, and is reminded', async () => {
  const { server, answers } = aServer(ANA);
  mockApi({
    ...answers,
    'DELETE /api/v1/tokens/{id}': new Refusal({ status: 401, code: 'session_expired' }),
    '/api/v1/tokens': {
      items: [
        { id: 'a', actor: 'ana', name: 'old', scope: {}, created_at: '2026-07-02T09:00:00Z' },
      ],
    },
  });
  renderAt('/tokens');
  fireEvent.click(await screen.findByRole('button', { name: 'Revoke old' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Revoke' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Go on signed out' }));
  expect(await screen.findByText(/Your session has ended; you see/)).toBeTruthy();
  expect(await screen.findByText('Sign in to see your tokens')).toBeTruthy();
  expect(server.who).toBe(NOBODY);
});

test('what was not there for nobody is there for who signed in in another tab', async () => {
  const { server, answers } = aServer();
  mockApi({
    ...answers,
    '/api/v1/modules/{namespace}/{name}/releases/{revision}': () =>
      server.who === ANA ? RELEASE : new Refusal({ status: 404, code: 'not_found' }),
  });
  renderAt('/modules/acme/topics/1.1.0');
  await screen.findByRole('heading', { name: 'There is no such release for you' });
  await screen.findAllByRole('link', { name: 'Sign in' });
  server.who = ANA;
  told();
  expect(await screen.findByRole('region', { name: 'Manifest' })).toBeTruthy();
});

test('who signs out leaves no names behind', async () => {
  const { answers } = aServer(ANA);
  mockApi({
    ...answers,
    '/api/v1/modules/{namespace}/{name}/releases/{revision}': RELEASE,
  });
  const router = renderAt('/modules/acme/topics/1.1.0');
  fireEvent.click(await screen.findByRole('button', { name: 'Signed in as ana' }));
  await waitFor(() => {
    expect(readRecent()).toHaveLength(1);
  });
  await act(() => router.navigate({ to: '/tokens' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  expect(await screen.findByText('Sign in to see your tokens')).toBeTruthy();
  await waitFor(() => {
    expect(readRecent()).toEqual([]);
  });
});

test('a token offers at most what one may oneself', async () => {
  mockApi(aServer(BEN).answers);
  renderAt('/tokens');
  fireEvent.click(await screen.findByRole('button', { name: 'New token' }));
  expect(await screen.findByRole('checkbox', { name: 'publish' })).toBeTruthy();
  expect(screen.queryByRole('checkbox', { name: 'administer' })).toBeNull();
});

test('a server that is gone is said on top of the page, and asked for until it is back', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  renderAt('/modules');
  expect(await screen.findByText(/^The server cannot be reached/)).toBeTruthy();
  expect(await screen.findAllByText('server_unreachable', {}, { timeout: 5000 })).toBeTruthy();
  mockApi(aServer().answers);
  expect(await screen.findByText(/The server is back/, {}, { timeout: 6000 })).toBeTruthy();
  expect(await screen.findByText('Nothing is published yet')).toBeTruthy();
}, 15_000);
