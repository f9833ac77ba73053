import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { DraftView } from '@/api/types';
import { mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';
import { RELEASE, RUN } from './samples';

const ONE = '/api/v1/drafts/{id}';
const REASON = {
  rule: 'target_not_found',
  severity: 'error' as const,
  subject: 'adapter_config.json: target_modules',
  message: 'The backbone has no module `q_lin`.',
  remedy: 'Train the adapter on the modules of this backbone.',
};

const REFUSED: DraftView = {
  ...RELEASE,
  state: 'rejected',
  published_at: null,
  submitted_at: '2026-07-02T09:00:00Z',
  findings: [{ ...REASON, severity: 'info', rule: 'ports_unknown', message: 'No ports.' }, REASON],
  files: [{ path: 'adapter_config.json', size: 12, digest: `sha256:${'cd'.repeat(32)}` }],
  missing_blobs: [],
};

const PAGE = `/drafts/${REFUSED.id}`;

test('drafts are listed with the reason that weighs most', async () => {
  mockApi({ '/api/v1/drafts': { items: [REFUSED] } });
  renderAt('/drafts');
  const table = await screen.findByRole('table', { name: 'Drafts' });
  const [, row] = within(table).getAllByRole('row');
  expect(row?.textContent).toContain('Rejected');
  expect(row?.textContent).toContain('The backbone has no module q_lin.');
  expect(row?.textContent).toContain('And 1 more finding.');
  const link = screen.getByRole('link', { name: 'acme/topics@1.1.0' });
  expect(link.getAttribute('href')).toBe(PAGE);
});

test('who has none is told how they come to be', async () => {
  mockApi({ '/api/v1/drafts': { items: [] } });
  renderAt('/drafts');
  expect(await screen.findByText('You have no drafts')).toBeTruthy();
  expect(screen.getByText('cambium publish DIR')).toBeTruthy();
});

test('who did not sign in is led to where it is done, and back', async () => {
  mockApi({ '/api/v1/drafts': new Refusal({ status: 401, code: 'unauthenticated' }) });
  renderAt('/drafts');
  expect(await screen.findByText('Sign in to see your drafts')).toBeTruthy();
  const link = screen.getByRole('link', { name: 'Sign in' });
  expect(link.getAttribute('href')).toBe('/sign-in?then=%2Fdrafts');
});

test('a refused attempt says why, what refuses first, and what to do', async () => {
  mockApi({ [ONE]: REFUSED });
  renderAt(PAGE);
  const why = await screen.findByRole('region', { name: 'Why it was refused' });
  const rules = within(why).getAllByText(/target_not_found|ports_unknown/);
  expect(rules.map((rule) => rule.textContent)).toEqual(['target_not_found', 'ports_unknown']);
  const next = screen.getByRole('region', { name: 'What to do next' });
  expect(within(next).getByText('cambium publish DIR')).toBeTruthy();
  expect(within(next).getByText(/version 1.1.0 is still free/)).toBeTruthy();
  expect(await screen.findByText('It was not run')).toBeTruthy();
});

test('a refused attempt that ran shows its report', async () => {
  mockApi({ [ONE]: REFUSED, [`${ONE}/smoke-run`]: RUN });
  renderAt(PAGE);
  expect(await screen.findByRole('table', { name: 'Checks' })).toBeTruthy();
});

test('a draft says which bytes are not here yet', async () => {
  mockApi({
    [ONE]: {
      ...REFUSED,
      state: 'draft',
      findings: [],
      missing_blobs: REFUSED.files.map(({ digest }) => digest),
    },
  });
  renderAt(PAGE);
  expect(await screen.findByText('not uploaded yet')).toBeTruthy();
  expect(screen.getByText(/1 of 1 file are not here yet/)).toBeTruthy();
});

test('a draft that is verified is followed until it is through', async () => {
  let asked = 0;
  mockApi({
    [ONE]: () => {
      asked += 1;
      return asked === 1
        ? { ...REFUSED, state: 'verifying', stage: 'queued', findings: [] }
        : { ...REFUSED, state: 'published', findings: [] };
    },
  });
  renderAt(PAGE);
  expect(await screen.findByRole('region', { name: 'Verifying' })).toBeTruthy();
  await waitFor(() => screen.getByText(/It is through/), { timeout: 4000 });
});

test('a draft that is not there leads to one’s own', async () => {
  mockApi({ [ONE]: new Refusal({ status: 404, code: 'not_found', detail: 'No such draft.' }) });
  renderAt(PAGE);
  expect(await screen.findByText('There is no such draft for you')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'your drafts' }).getAttribute('href')).toBe('/drafts');
  expect(within(screen.getByRole('alert')).getByText('No such draft.')).toBeTruthy();
});

test('a release that is not there leads to its module and to signing in', async () => {
  mockApi({});
  renderAt('/modules/acme/topics/9.9.9');
  expect(await screen.findByText('There is no such release for you')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'acme/topics' }).getAttribute('href')).toBe(
    '/modules/acme/topics',
  );
  expect(screen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(
    '/sign-in?then=%2Fmodules%2Facme%2Ftopics%2F9.9.9',
  );
});
