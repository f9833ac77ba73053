import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ModuleSummary } from '@/api/types';
import { mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';

const MODULE: ModuleSummary = {
  name: 'acme/topics',
  kind: 'adapter',
  description: 'Sorts mails',
  created_at: '2026-07-01T09:00:00Z',
  releases: 2,
  latest_version: '1.1.0',
  latest_published_at: '2026-07-02T09:00:00Z',
  state: 'published',
  tasks: ['text-classification'],
  bases: ['acme/tiny-bert'],
};

test('an empty registry says how to fill it', async () => {
  mockApi({ '/api/v1/modules': { items: [] } });
  renderAt('/modules');
  expect(await screen.findByText('Nothing is published yet')).toBeTruthy();
  expect(screen.getByText('cambium publish DIR')).toBeTruthy();
});

test('a module whose releases were all taken back is not said to have none', async () => {
  mockApi({ '/api/v1/modules': { items: [{ ...MODULE, latest_version: null }] } });
  renderAt('/modules');
  expect(await screen.findByText('None usable')).toBeTruthy();
});

test('the next page begins where the server says', async () => {
  const asked: (string | null)[] = [];
  mockApi({
    '/api/v1/modules': (url) => {
      const after = url.searchParams.get('after');
      asked.push(after);
      return after === null
        ? { items: [MODULE], next: 'opaque' }
        : { items: [{ ...MODULE, name: 'acme/urgency' }] };
    },
  });
  renderAt('/modules');
  fireEvent.click(await screen.findByRole('button', { name: 'Load more' }));
  expect(await screen.findByText('urgency')).toBeTruthy();
  expect(screen.getByText('topics')).toBeTruthy();
  expect(asked).toEqual([null, 'opaque']);
});

test('the address narrows what is asked for', async () => {
  const asked: string[] = [];
  mockApi({
    '/api/v1/modules': (url) => {
      asked.push(url.search);
      return { items: [] };
    },
  });
  renderAt('/modules?query=42&kind=adapter&nonsense=1');
  expect(await screen.findByText('No module fits')).toBeTruthy();
  expect(new URLSearchParams(asked[0]).get('query')).toBe('42');
  expect(new URLSearchParams(asked[0]).get('kind')).toBe('adapter');
});

test('a refusal shows code, detail and remedy, and is not asked for again in vain', async () => {
  let asked = 0;
  mockApi({
    '/api/v1/modules/{namespace}/{name}': () => {
      asked += 1;
      return new Refusal({
        status: 403,
        code: 'forbidden',
        detail: 'Not for you.',
        remedy: 'Ask Ana.',
      });
    },
  });
  renderAt('/modules/acme/secret');
  const alert = await screen.findByRole('alert');
  for (const words of ['forbidden', 'Not for you.', 'Ask Ana.']) {
    expect(within(alert).getByText(words)).toBeTruthy();
  }
  expect(asked).toBe(1);
});
