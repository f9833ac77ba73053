import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { ReleaseView } from '@/api/types';
import { mockEvents, newEvent } from './fakeEventSource';
import { ANA } from './identities';
import { type Answers, mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';
import { RELEASE, RUN } from './samples';

const AT = '/api/v1/modules/{namespace}/{name}/releases/{revision}';
const PAGE = '/modules/acme/topics/1.1.0';

const LINEAGE = {
  root: 'me',
  truncated: false,
  nodes: [
    {
      kind: 'release' as const,
      key: 'base',
      reference: 'acme/tiny-bert@1.0.0',
      module_kind: 'backbone',
      state: 'published',
      up: 0,
      down: 1,
    },
  ],
  edges: [{ from: 'me', to: 'base', relation: 'attaches_to' }],
};

test('a part that fails leaves the rest of the page standing', async () => {
  mockApi({
    [AT]: RELEASE,
    [`${AT}/smoke-run`]: new Refusal({ status: 500, code: 'internal' }),
    [`${AT}/lineage`]: { root: 'a', nodes: [], edges: [], truncated: false },
  });
  renderAt(PAGE);
  expect(await screen.findByText('internal')).toBeTruthy();
  expect(screen.getByText('cambium download acme/topics@1.1.0')).toBeTruthy();
  expect(screen.getByRole('region', { name: 'Manifest' })).toBeTruthy();
});

test('what was never run and has no interface says so', async () => {
  mockApi({ [AT]: RELEASE });
  renderAt(`${PAGE}?tab=smoke`);
  expect(await screen.findByText('It was not run')).toBeTruthy();
  fireEvent.click(screen.getByRole('link', { name: 'Interface' }));
  expect(await screen.findByText('No interface is known')).toBeTruthy();
});

test('the parts of a release are links, and the address says which is shown', async () => {
  mockApi({ [AT]: RELEASE });
  const router = renderAt(PAGE);
  const parts = await screen.findByRole('navigation', { name: 'Parts of this release' });
  const current = () => within(parts).getAllByRole('link', { current: 'page' });
  expect(current().map((link) => link.textContent)).toEqual(['Overview']);
  fireEvent.click(within(parts).getByRole('link', { name: 'Provenance' }));
  expect(await screen.findByText('It does not say')).toBeTruthy();
  expect(router.state.location.search).toEqual({ tab: 'provenance' });
  expect(current().map((link) => link.textContent)).toEqual(['Provenance']);
});

test('the summary says what it needs, what it was made for and who points at it', async () => {
  mockApi({
    [AT]: RELEASE,
    [`${AT}/lineage`]: LINEAGE,
    [`${AT}/smoke-run`]: RUN,
    '/api/v1/modules/{namespace}/{name}/channels': [
      { name: 'stable', version: '1.1.0', generation: 2 },
      { name: 'canary', version: '1.2.0', generation: 1 },
    ],
  });
  renderAt(PAGE);
  expect(await screen.findByText('stable')).toBeTruthy();
  expect(screen.queryByText('canary')).toBeNull();
  const home = await screen.findByRole('link', { name: '1.0.0' });
  expect(home.getAttribute('href')).toBe('/modules/acme/tiny-bert/1.0.0');
  expect(
    await screen.findByText('cambium can-i-deploy acme/tiny-bert@1.0.0 acme/topics@1.1.0'),
  ).toBeTruthy();
  expect(screen.getAllByText('Compatible').length).toBeGreaterThan(0);
});

test('who came by a channel is told that it can move', async () => {
  mockApi({
    [AT]: RELEASE,
    '/api/v1/modules/{namespace}/{name}/channels': [
      { name: 'stable', version: '1.1.0', generation: 2 },
    ],
  });
  renderAt('/modules/acme/topics/stable?tab=files');
  const forGood = await screen.findByRole('link', { name: '1.1.0 for good' });
  expect(forGood.getAttribute('href')).toBe('/modules/acme/topics/1.1.0?tab=files');
});

test('a finding shows its rule, its place, what changed and what to do', async () => {
  mockApi({
    [AT]: {
      ...RELEASE,
      findings: [
        finding('info', 'config_ignored'),
        {
          ...finding('error', 'shape_mismatch'),
          subject: 'encoder.weight',
          before: [2, 128],
          after: [2, 64],
        },
      ],
    },
  });
  renderAt(`${PAGE}?tab=findings`);
  const findings = await screen.findByRole('region', { name: 'Findings' });
  for (const words of ['shape_mismatch', 'encoder.weight', '2 × 128', '2 × 64', 'Error']) {
    expect(within(findings).getByText(words)).toBeTruthy();
  }
  const rules = within(findings).getAllByText(/shape_mismatch|config_ignored/);
  expect(rules.map((rule) => rule.textContent)).toEqual(['shape_mismatch', 'config_ignored']);
});

function finding(severity: 'error' | 'info', rule: string) {
  return { rule, severity, subject: 'a', message: 'Something.', remedy: 'Do something.' };
}

test('the manifest can be had as it was written', async () => {
  mockApi({ [AT]: RELEASE });
  renderAt(`${PAGE}?manifest=toml`);
  expect(await screen.findByText(/\[\[requires\]\]\s+module = "acme\/tiny-bert"/)).toBeTruthy();
  fireEvent.click(screen.getByRole('radio', { name: 'JSON' }));
  expect(await screen.findByText(/"version": ">=1, <3"/)).toBeTruthy();
});

describe('a release on its way', () => {
  const verifying: ReleaseView = {
    ...RELEASE,
    state: 'verifying',
    stage: 'structure',
    published_at: null,
    submitted_at: '2026-07-02T09:00:00Z',
  };

  test('shows its steps, and which it is at', async () => {
    mockApi({ [AT]: verifying });
    renderAt(PAGE);
    const region = await screen.findByRole('region', { name: 'Verifying' });
    const step = within(region).getByRole('listitem', { current: 'step' });
    expect(step.textContent).toContain('Structure');
    expect(within(region).getAllByText('Done')).toHaveLength(2);
  });

  test('is followed until it is published, with its run', async () => {
    let asked = 0;
    mockApi({
      [AT]: () => {
        asked += 1;
        return asked === 1 ? verifying : RELEASE;
      },
      [`${AT}/smoke-run`]: () =>
        asked <= 1 ? new Refusal({ status: 404, code: 'not_found' }) : RUN,
    });
    renderAt(PAGE);
    expect(await screen.findByText('It did not run yet')).toBeTruthy();
    await waitFor(() => screen.getByText('Published', { selector: 'span' }), { timeout: 4000 });
    expect(await screen.findByText(/Proven: it works/)).toBeTruthy();
    expect(screen.queryByRole('region', { name: 'Verifying' })).toBeNull();
  });

  /** Watched until the server says that there is no such release. */
  async function refusedUnderOurEyes(answers: Answers) {
    const stream = mockEvents();
    let refused = false;
    mockApi({
      ...answers,
      [AT]: () => (refused ? new Refusal({ status: 404, code: 'not_found' }) : verifying),
    });
    const router = renderAt(PAGE);
    await screen.findByRole('region', { name: 'Verifying' });
    await waitFor(() => stream());
    stream().open();
    refused = true;
    stream().send(newEvent('release.rejected', { data: { id: verifying.id } }));
    return router;
  }

  test('that is refused leads who may publish there to the reasons', async () => {
    const router = await refusedUnderOurEyes({
      '/api/v1/whoami': ANA,
      '/api/v1/drafts/{id}': { ...verifying, state: 'rejected', files: [], missing_blobs: [] },
    });
    expect(await screen.findByRole('region', { name: 'Why it was refused' })).toBeTruthy();
    expect(router.state.location.pathname).toBe(`/drafts/${verifying.id}`);
  });

  test('that is refused says so to who may only read', async () => {
    const router = await refusedUnderOurEyes({});
    expect(await screen.findByText('It was refused')).toBeTruthy();
    expect(router.state.location.pathname).toBe(PAGE);
    expect(screen.queryByRole('region', { name: 'Verifying' })).toBeNull();
  });
});

test('what could not be brought up to date stays, and says so', async () => {
  const stream = mockEvents();
  let broken = false;
  mockApi({
    [AT]: () => (broken ? new Refusal({ status: 500, code: 'internal' }) : RELEASE),
  });
  renderAt(PAGE);
  await screen.findByRole('region', { name: 'Manifest' });
  await waitFor(() => stream());
  stream().open();
  broken = true;
  stream().send(newEvent('release.yanked'));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('This could not be brought up to date internal');
  expect(screen.getByRole('region', { name: 'Manifest' })).toBeTruthy();
  broken = false;
  fireEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
  await waitFor(() => {
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

test('bytes of what is quarantined are refused with the reason', async () => {
  mockApi({
    [AT]: { ...RELEASE, state: 'quarantined', state_reason: 'It answers nothing but games' },
    [`${AT}/files`]: [{ path: 'a/weights.bin', size: 2048, digest: `sha256:${'cd'.repeat(32)}` }],
  });
  renderAt(`${PAGE}?tab=files`);
  const files = await screen.findByRole('region', { name: 'Files' });
  expect(await within(files).findByText('a/weights.bin')).toBeTruthy();
  expect(within(files).getByText(/It answers nothing but games/)).toBeTruthy();
  expect(within(files).getByText('1 file, 2.0 KiB')).toBeTruthy();
  expect(within(files).queryByRole('link')).toBeNull();
});

test('files are links to their bytes', async () => {
  mockApi({
    [AT]: RELEASE,
    [`${AT}/files`]: [{ path: 'a/weights.bin', size: 2048, digest: `sha256:${'cd'.repeat(32)}` }],
  });
  renderAt(`${PAGE}?tab=files`);
  const link = await screen.findByRole('link', { name: 'a/weights.bin' });
  expect(link.getAttribute('href')).toBe(
    '/api/v1/modules/acme/topics/releases/1.1.0/files/a/weights.bin',
  );
});

test('provenance is followed where it leads somewhere', async () => {
  mockApi({
    [AT]: {
      ...RELEASE,
      manifest: {
        ...RELEASE.manifest,
        provenance: {
          base_model: 'google/bert',
          parents: ['acme/topics@1.0.0'],
          code: 'https://git.example/train?rev=ab12',
          run: 'javascript:alert(1)',
        },
      },
    },
  });
  renderAt(`${PAGE}?tab=provenance`);
  const region = await screen.findByRole('region', { name: 'Where it says it comes from' });
  const links = within(region)
    .getAllByRole('link')
    .map((link) => link.getAttribute('href'));
  expect(links).toEqual(['/modules/acme/topics/1.0.0', 'https://git.example/train?rev=ab12']);
  expect(within(region).getByText('javascript:alert(1)')).toBeTruthy();
  const whole = screen.getByRole('link', { name: 'As a graph' });
  expect(whole.getAttribute('href')).toBe('/lineage?of=acme%2Ftopics%401.1.0');
});
