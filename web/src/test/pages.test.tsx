import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ModuleSummary, ReleaseView } from '@/api/types';
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

const RELEASE: ReleaseView = {
  id: '0197b2c4-0000-7000-8000-000000000000',
  module: 'acme/topics',
  kind: 'adapter',
  version: '1.1.0',
  state: 'published',
  digest: `sha256:${'ab'.repeat(32)}`,
  manifest: { module: { name: 'acme/topics', kind: 'adapter', version: '1.1.0' } },
  findings: [],
  created_by: 'ana',
  created_at: '2026-07-02T09:00:00Z',
  published_at: '2026-07-02T09:00:00Z',
};

const AT = '/api/v1/modules/{namespace}/{name}/releases/{revision}';

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

test('a part that fails leaves the rest of the page standing', async () => {
  mockApi({
    [AT]: RELEASE,
    [`${AT}/files`]: new Refusal({ status: 500, code: 'internal' }),
    [`${AT}/lineage`]: { root: 'a', nodes: [], edges: [], truncated: false },
  });
  renderAt('/modules/acme/topics/1.1.0');
  expect(await screen.findByText('internal')).toBeTruthy();
  expect(screen.getByText('It stands alone')).toBeTruthy();
  // Absent, which is no failure.
  expect(screen.getByText('It was not run')).toBeTruthy();
  expect(screen.getByText('No interface is known')).toBeTruthy();
});

test('a finding shows its rule, its place, what changed and what to do', async () => {
  mockApi({
    [AT]: {
      ...RELEASE,
      findings: [
        {
          rule: 'shape_mismatch',
          severity: 'error',
          subject: 'encoder.weight',
          message: 'It has another shape.',
          remedy: 'Train it again.',
          before: [2, 128],
          after: [2, 64],
        },
      ],
    },
  });
  renderAt('/modules/acme/topics/1.1.0');
  const findings = await screen.findByRole('region', { name: 'Findings' });
  for (const words of ['shape_mismatch', 'encoder.weight', '2 × 128', '2 × 64', 'Error']) {
    expect(within(findings).getByText(words)).toBeTruthy();
  }
});

test('a release that is being verified is followed until it is published', async () => {
  let asked = 0;
  mockApi({
    [AT]: () => {
      asked += 1;
      return { ...RELEASE, state: asked === 1 ? 'verifying' : 'published' } as const;
    },
  });
  renderAt('/modules/acme/topics/1.1.0');
  expect((await screen.findAllByText('Verifying')).length).toBeGreaterThan(0);
  await waitFor(() => screen.getByText('Published'), { timeout: 4000 });
});
