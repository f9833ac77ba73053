import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Overview, ReleaseBrief } from '@/api/types';
import { mockEvents, newEvent } from './fakeEventSource';
import { mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';

const QUIET: Overview = {
  modules: { backbone: 1, adapter: 3 },
  releases: { published: 6 },
  under_way: [],
  refused: [],
  quarantined: [],
  broken: [],
  recent: [],
  health: { status: 'idle', waiting: 0, running: 0, failing: 0, workers: [] },
};

const BRIEF: ReleaseBrief = {
  id: '0197',
  module: 'acme/topics',
  version: '1.1.0',
  kind: 'adapter',
  state: 'verifying',
  created_by: 'ana',
  since: '2026-07-02T09:00:00Z',
  errors: 0,
};

test('a first visit to an empty registry shows the three commands that publish', async () => {
  mockApi({ '/api/v1/overview': { ...QUIET, modules: {}, releases: {} } });
  renderAt('/');
  const steps = within(await screen.findByRole('region', { name: 'Publish the first module' }));
  for (const command of ['cambium login', 'cambium init', 'cambium publish']) {
    expect(steps.getByText(new RegExp(`^${command}`))).toBeTruthy();
  }
  const link = await steps.findByRole('link', { name: 'Sign in' });
  expect(link.getAttribute('href')).toBe('/sign-in');
});

test('a calm registry says so', async () => {
  mockApi({ '/api/v1/overview': QUIET });
  renderAt('/');
  expect(await screen.findByText('Nothing is broken, refused or in quarantine')).toBeTruthy();
  expect(screen.getByText('Nothing is being verified.')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Adapter 3' }).getAttribute('href')).toBe(
    '/modules?kind=adapter',
  );
});

test('what is wrong leads to what explains it', async () => {
  mockApi({
    '/api/v1/overview': {
      ...QUIET,
      broken: [
        {
          dependent: 'acme/topics@1.1.0',
          base: 'acme/tiny-bert@2.0.0',
          verdict: 'incompatible',
          reason: 'The outputs drifted from `1.0.0`.',
          since: '2026-07-02T09:00:00Z',
        },
      ],
      refused: [{ ...BRIEF, state: 'rejected', errors: 2, reason: 'It has another shape.' }],
      quarantined: [{ ...BRIEF, id: '0198', state: 'quarantined', reason: 'Knows only games' }],
      health: { ...QUIET.health, status: 'no_worker', waiting: 2 },
    },
  });
  renderAt('/');
  const broken = within(await screen.findByRole('region', { name: 'Broken pairs' }));
  expect(
    broken.getByRole('link', { name: 'acme/topics@1.1.0 does not work' }).getAttribute('href'),
  ).toBe('/modules/acme/tiny-bert/matrix?dependent=acme%2Ftopics%401.1.0&base=2.0.0');
  expect(broken.getByText('1.0.0').tagName).toBe('CODE');
  const refused = within(screen.getByRole('region', { name: 'Refused' }));
  expect(refused.getByRole('link').getAttribute('href')).toBe('/drafts/0197');
  expect(refused.getByText(/2 findings, first/)).toBeTruthy();
  const quarantined = within(screen.getByRole('region', { name: 'In quarantine' }));
  expect(quarantined.getByRole('link').getAttribute('href')).toBe('/modules/acme/topics/1.1.0');
  expect(screen.getByRole('alert').textContent).toContain('No worker is alive');
});

test('what is under way shows how far it is, and goes on as events tell', async () => {
  const stream = mockEvents();
  let stage: 'files' | 'smoke_run' = 'files';
  mockApi({
    '/api/v1/overview': () => ({
      ...QUIET,
      under_way: [
        { ...BRIEF, stage },
        { ...BRIEF, id: '0199', version: '2.0.0', state: 'in_review' as const },
      ],
    }),
  });
  renderAt('/');
  const bar = await screen.findByRole('progressbar');
  expect(bar.getAttribute('aria-valuetext')).toBe('Files, 2 of 5');
  expect(screen.getByText('ana · waits for a reviewer')).toBeTruthy();
  stage = 'smoke_run';
  await waitFor(() => stream());
  stream().open();
  stream().send(newEvent('release.verifying', { data: { stage } }));
  await waitFor(
    () => {
      expect(bar.getAttribute('aria-valuetext')).toBe('Smoke run, 4 of 5');
    },
    { timeout: 4000 },
  );
});

test('an overview that is refused says why', async () => {
  mockApi({ '/api/v1/overview': new Refusal({ status: 500, code: 'internal' }) });
  renderAt('/');
  expect(within(await screen.findByRole('alert')).getByText('internal')).toBeTruthy();
});
