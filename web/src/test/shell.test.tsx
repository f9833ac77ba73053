import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { ModuleSummary } from '@/api/types';
import { singleKeys } from '@/features/shell/singleKeys';
import { mockEvents, newEvent } from './fakeEventSource';
import { mockApi } from './mockApi';
import { renderAt } from './renderAt';

const TOPICS: ModuleSummary = {
  name: 'acme/topics',
  kind: 'adapter',
  description: 'Sorts mails',
  created_at: '2026-07-01T09:00:00Z',
  releases: 2,
  latest_version: '1.1.0',
  latest_published_at: '2026-07-02T09:00:00Z',
  state: 'published',
  tasks: [],
  bases: [],
};

afterEach(() => {
  localStorage.clear();
});

function press(key: string, held: { readonly ctrlKey?: boolean } = {}): void {
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...held });
}

/** With an address that nothing answers: the shell is there all the same. */
async function inTheShell(path = '/no/such/page') {
  const router = renderAt(path);
  await screen.findByRole('navigation', { name: 'Main' });
  return router;
}

test('the navigation says where one is', async () => {
  mockApi({ '/api/v1/modules': { items: [] } });
  await inTheShell('/modules');
  const nav = within(screen.getByRole('navigation', { name: 'Main' }));
  expect(nav.getByRole('link', { name: 'Modules' }).getAttribute('aria-current')).toBe('page');
  expect(nav.getByRole('link', { name: 'Overview' }).getAttribute('aria-current')).toBeNull();
});

test('two keys lead to a page', async () => {
  mockApi({ '/api/v1/modules': { items: [] } });
  const router = await inTheShell();
  press('g');
  press('m');
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/modules');
  });
});

test('a slash goes to the box of the page', async () => {
  mockApi({ '/api/v1/modules': { items: [] } });
  await inTheShell('/modules');
  const box = await screen.findByRole('searchbox');
  press('/');
  expect(document.activeElement).toBe(box);
});

test('where a page has no box, a slash finds everything', async () => {
  mockApi({});
  await inTheShell();
  press('/');
  expect(await screen.findByRole('combobox', {}, { timeout: 5000 })).toBeTruthy();
});

test('the palette finds modules on the server, and Enter goes there', async () => {
  const asked: (string | null)[] = [];
  mockApi({
    '/api/v1/modules': (url) => {
      asked.push(url.searchParams.get('query'));
      return { items: [TOPICS] };
    },
  });
  const router = await inTheShell();
  press('k', { ctrlKey: true });
  const box = await screen.findByRole('combobox', {}, { timeout: 5000 });
  fireEvent.change(box, { target: { value: 'topi' } });
  const option = await screen.findByRole('option', { name: /acme\/topics/ });
  expect(asked).toEqual(['topi']);
  expect(option.getAttribute('aria-selected')).toBe('true');
  expect(box.getAttribute('aria-activedescendant')).toBe(option.id);
  fireEvent.keyDown(box, { key: 'Enter' });
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/modules/acme/topics');
  });
});

test('Enter before the answer is there opens what it finds, not what was found before', async () => {
  let answer: (found: { items: ModuleSummary[] }) => void = () => undefined;
  mockApi({
    '/api/v1/modules': (url) =>
      url.searchParams.get('query') === 't'
        ? { items: [{ ...TOPICS, name: 'acme/tiny' }, TOPICS] }
        : new Promise((resolve) => {
            answer = resolve;
          }),
  });
  const router = await inTheShell();
  press('k', { ctrlKey: true });
  const box = await screen.findByRole('combobox', {}, { timeout: 5000 });
  fireEvent.change(box, { target: { value: 't' } });
  await screen.findByRole('option', { name: /acme\/tiny/ });
  fireEvent.change(box, { target: { value: 'topics' } });
  fireEvent.keyDown(box, { key: 'Enter' });
  expect(screen.queryByRole('option', { name: /acme\/tiny/ })).toBeNull();
  await new Promise((later) => setTimeout(later, 200));
  expect(router.state.location.pathname).toBe('/no/such/page');
  answer({ items: [{ ...TOPICS, name: 'mail/topics' }, TOPICS] });
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/modules/mail/topics');
  });
});

test('arrows choose in the palette, and what nothing is called like is said', async () => {
  mockApi({ '/api/v1/modules': { items: [] } });
  const router = await inTheShell();
  press('k', { ctrlKey: true });
  const box = await screen.findByRole('combobox', {}, { timeout: 5000 });
  fireEvent.keyDown(box, { key: 'ArrowDown' });
  const options = screen.getAllByRole('option');
  expect(options[1]?.getAttribute('aria-selected')).toBe('true');
  fireEvent.change(box, { target: { value: 'zzz' } });
  expect(await screen.findByText('Nothing is called “zzz”.')).toBeTruthy();
  fireEvent.change(box, { target: { value: 'acme/topics@1.1.0' } });
  fireEvent.keyDown(box, { key: 'Enter' });
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/modules/acme/topics/1.1.0');
  });
});

test('a question mark lists the keys', async () => {
  mockApi({});
  await inTheShell();
  press('?');
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  expect(within(dialog).getByText('Go to Lineage')).toBeTruthy();
});

test('who turns single keys off keeps them off', async () => {
  mockApi({});
  await inTheShell();
  press('?');
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  fireEvent.click(within(dialog).getByRole('switch', { name: 'Single-key shortcuts' }));
  expect(localStorage.getItem('cambium-single-keys')).toBe('off');
  press('k', { ctrlKey: true });
  expect(screen.queryByRole('combobox')).toBeNull();
  fireEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
  await waitFor(() => {
    expect(screen.queryByRole('dialog')).toBeNull();
  });
  press('?');
  expect(screen.queryByRole('dialog')).toBeNull();
  singleKeys.set(true);
});

test('what others do to what one looks at is told', async () => {
  const stream = mockEvents();
  mockApi({});
  await inTheShell('/modules/acme/topics');
  await waitFor(() => stream());
  stream().open();
  const data = { channel: 'stable', action: 'point', from: '1.0.0', to: '1.1.0' };
  stream().send(newEvent('channel.moved', { id: '8', actor: 'ben', data }));
  stream().send(newEvent('channel.moved', { id: '9', module: 'acme/other', data }));
  const told = await screen.findByText(/moved from/);
  expect(told.textContent).toBe('stable of acme/topics moved from 1.0.0 to 1.1.0');
  expect(screen.queryByText('acme/other')).toBeNull();
});

test('a stream that broke and came back has everything asked for again', async () => {
  const stream = mockEvents();
  let asked = 0;
  mockApi({
    '/api/v1/modules': () => {
      asked += 1;
      return { items: [] };
    },
  });
  await inTheShell('/modules');
  await screen.findByText('Nothing is published yet');
  await waitFor(() => stream());
  stream().open();
  const before = asked;
  stream().fail({ forGood: false });
  await act(() => Promise.resolve());
  stream().open();
  await waitFor(() => {
    expect(asked).toBe(before + 1);
  });
});
