import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { believe } from '@/api/session';
import type { AuditEntry } from '@/api/types';
import { mockEvents, newEvent } from './fakeEventSource';
import { ANA } from './identities';
import { type Answers, mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';

beforeEach(() => {
  believe(null);
});

function entry(id: number, more: Partial<Omit<AuditEntry, 'detail'>> & { detail?: object }) {
  return {
    id,
    happened_at: new Date(2026, 6, 2, 9, id).toISOString(),
    actor: 'ana',
    action: 'release.publish',
    subject: `acme/topics@1.${id}.0`,
    namespace: 'acme',
    request_id: 'req-1',
    ...more,
    detail: (more.detail ?? {}) as AuditEntry['detail'],
  } satisfies AuditEntry;
}

const SIGNED_IN: Answers = {
  '/api/v1/whoami': ANA,
  '/api/v1/namespaces': { items: [] },
  '/api/v1/actors': { items: [] },
};

test('who is signed out is asked to sign in, and the log is not asked for', async () => {
  let asked = 0;
  mockApi({
    '/api/v1/audit': () => {
      asked += 1;
      return { items: [] };
    },
  });
  renderAt('/activity?actor=ana');
  const page = within(await screen.findByRole('main'));
  const link = await page.findByRole('link', { name: 'Sign in' });
  expect(link.getAttribute('href')).toBe('/sign-in?then=%2Factivity%3Factor%3Dana');
  expect(asked).toBe(0);
});

test('the log says what happened by day, and tells everything when asked', async () => {
  mockApi({
    ...SIGNED_IN,
    '/api/v1/audit': {
      items: [
        entry(2, {}),
        entry(1, {
          happened_at: new Date(2026, 6, 1, 9).toISOString(),
          actor: null,
          action: 'release.quarantine',
          detail: { reason: 'Knows only games', from: 'published', to: 'quarantined' },
        }),
      ],
    },
  });
  renderAt('/activity');
  const day = within(await screen.findByRole('region', { name: 'Thursday, July 2, 2026' }));
  expect(day.getByRole('listitem').textContent).toContain('acme/topics@1.2.0 was published');
  expect(day.getByRole('link', { name: 'acme/topics@1.2.0' }).getAttribute('href')).toBe(
    '/modules/acme/topics/1.2.0',
  );
  const other = within(screen.getByRole('region', { name: 'Wednesday, July 1, 2026' }));
  expect(other.getByText('Knows only games')).toBeTruthy();
  expect(other.getByText('the service')).toBeTruthy();
  fireEvent.click(other.getByRole('button', { name: 'Everything that is known of it' }));
  expect(other.getByText(/"to": "quarantined"/)).toBeTruthy();
  expect(other.getByText('req-1')).toBeTruthy();
});

test('the address narrows, and what is chosen goes into the address', async () => {
  const asked: URLSearchParams[] = [];
  mockApi({
    ...SIGNED_IN,
    '/api/v1/audit': (url) => {
      asked.push(url.searchParams);
      return { items: [] };
    },
  });
  const router = renderAt('/activity?module=acme/topics&since=2026-07-01&until=nonsense');
  expect(await screen.findByText('No entry fits')).toBeTruthy();
  expect(asked[0]?.get('module')).toBe('acme/topics');
  expect(asked[0]?.get('since')).toBe(new Date(2026, 6, 1).toISOString());
  expect(asked[0]?.get('until')).toBeNull();
  fireEvent.change(screen.getByLabelText('Action'), { target: { value: 'channel' } });
  const actor = screen.getByLabelText('Actor');
  fireEvent.change(actor, { target: { value: 'be' } });
  fireEvent.change(actor, { target: { value: 'ben' } });
  fireEvent.keyDown(actor, { key: 'Enter' });
  await waitFor(() => {
    expect(router.state.location.search).toMatchObject({ action: 'channel', actor: 'ben' });
  });
  // Half a name is never asked for.
  expect(asked.map((params) => params.get('actor'))).not.toContain('be');
  fireEvent.click(screen.getByRole('button', { name: 'Clear' }));
  expect(await screen.findByText('Nothing is written here yet')).toBeTruthy();
});

test('the log goes on where the server says, and a page that fails can be asked for again', async () => {
  let failed = false;
  mockApi({
    ...SIGNED_IN,
    '/api/v1/audit': (url) => {
      if (url.searchParams.get('after') === null) return { items: [entry(2, {})], next: 'older' };
      if (failed) return { items: [entry(1, {})] };
      failed = true;
      return new Refusal({ status: 500, code: 'internal' });
    },
  });
  renderAt('/activity');
  fireEvent.click(await screen.findByRole('button', { name: 'Load more' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('acme/topics@1.1.0')).toBeTruthy();
  expect(screen.getByText('acme/topics@1.2.0')).toBeTruthy();
});

test('what happens meanwhile waits until it is asked for', async () => {
  const stream = mockEvents();
  let items = [entry(1, {})];
  mockApi({ ...SIGNED_IN, '/api/v1/audit': () => ({ items }) });
  renderAt('/activity');
  await screen.findByText('acme/topics@1.1.0');
  items = [entry(2, {}), ...items];
  await waitFor(() => stream());
  stream().open();
  stream().send(newEvent('release.published', { version: '1.2.0' }));
  const button = await screen.findByRole('button', { name: 'More has happened: show it' });
  expect(screen.queryByText('acme/topics@1.2.0')).toBeNull();
  fireEvent.click(button);
  expect(await screen.findByText('acme/topics@1.2.0')).toBeTruthy();
});
