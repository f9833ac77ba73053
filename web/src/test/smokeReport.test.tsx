import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Report, SmokeRun } from '@/api/types';
import { mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';
import { REPORT, RUN } from './samples';

const PAGE = `/smoke-runs/${RUN.id}`;

function answers(run: Partial<SmokeRun>, report: Partial<Report> = {}) {
  mockApi({
    '/api/v1/smoke-runs/{id}': { ...RUN, report: { ...REPORT, ...report }, ...run },
  });
}

test('a run by itself says what ran on what, and what it came to', async () => {
  answers({});
  renderAt(PAGE);
  const title = await screen.findByRole('heading', { level: 1 });
  expect(title.textContent).toBe('acme/topics@1.1.0 on acme/tiny-bert@1.0.0');
  expect(screen.getByText('3 passed, 1 skipped')).toBeTruthy();
  const strip = screen.getByRole('list', { name: 'Checks at a glance' });
  const checks = within(strip)
    .getAllByRole('listitem')
    .map((item) => item.textContent);
  expect(checks).toEqual(['Loads passed', 'Keys passed', 'Adapter effect passed', 'Drift skipped']);
});

test('key coverage says of each part what was used, what is missing and what has no place', async () => {
  answers(
    { verdict: 'incompatible' },
    {
      verdict: 'incompatible',
      checks: {
        keys: {
          status: 'failed',
          parts: {
            'acme/topics@1.1.0': {
              consumed: 26,
              missing: ['query.lora_A'],
              unexpected: ['x', 'y'],
            },
            'acme/tiny-bert@1.0.0': {
              consumed: 103,
              ignored: ['ids'],
              missing: [],
              unexpected: [],
            },
          },
        },
      },
    },
  );
  renderAt(PAGE);
  const panel = await screen.findByRole('region', { name: 'Key coverage' });
  const [topics, base] = [...(panel.querySelector('ul')?.children ?? [])];
  expect(topics?.textContent).toContain('acme/topics@1.1.0 26 of 28 tensors used');
  expect(topics?.textContent).toMatch(/Missing: .* \(1\)query\.lora_A/);
  expect(topics?.textContent).toMatch(/Unexpected: .* \(2\)xy/);
  expect(base?.textContent).toContain('acme/tiny-bert@1.0.0 103 of 104 tensors used');
  expect(base?.textContent).not.toMatch(/Missing|Unexpected/);
});

test('checks that the page has no words for are shown with their figures', async () => {
  const unknown = ['rows_apart', 'upside_down', 'quarter_precision'];
  const check = { status: 'passed' as const, max_abs: 0.000012, tolerance: 0.0001 };
  answers({}, { checks: Object.fromEntries(unknown.map((name) => [name, check])) });
  renderAt(PAGE);
  const table = await screen.findByRole('table', { name: 'Checks' });
  for (const title of ['Rows apart', 'Upside down', 'Quarter precision']) {
    const row = within(table).getByRole('row', { name: new RegExp(`^${title}`) });
    expect(row.textContent).toMatch(/Passed/);
    expect(row.textContent).toMatch(/Max abs 0\.000012|Max abs 1\.2/);
    expect(row.textContent).toMatch(/Tolerance/);
  }
});

test('an old report has no empty charts, and says what it lacks', async () => {
  answers({});
  renderAt(PAGE);
  expect(await screen.findByText(/What the adapter does to each layer/)).toBeTruthy();
  for (const name of ['Updates by layer', 'Evaluation']) {
    expect(screen.queryByRole('region', { name })).toBeNull();
  }
  const cost = screen.getByRole('region', { name: 'Cost' });
  expect(within(cost).getByText('600 ms')).toBeTruthy();
  expect(within(cost).queryByText(/the bare backbone/)).toBeNull();
});

test('time and memory stand beside those of the bare backbone', async () => {
  answers(
    {},
    {
      run: {
        ...REPORT.run,
        bare_forward_seconds: 0.5,
        bare_peak_memory_bytes: 200 * 1024 ** 2,
      },
    },
  );
  renderAt(PAGE);
  const cost = await screen.findByRole('region', { name: 'Cost' });
  expect(within(cost).getByText('1.20 × the bare backbone')).toBeTruthy();
  expect(within(cost).getByText('1.50 × the bare backbone')).toBeTruthy();
  expect(within(cost).getByText('200 MiB')).toBeTruthy();
});

test('drift is said with its borders, failures come first, and how to run it again', async () => {
  answers(
    { verdict: 'incompatible' },
    {
      verdict: 'incompatible',
      checks: {
        ...REPORT.checks,
        keys: {
          status: 'passed',
          parts: {
            'acme/topics@1.1.0': {},
            'acme/tiny-bert@1.0.0': {},
            'acme/tiny-bert@0.9.0': {},
          },
        },
        drift: { status: 'failed', cosine_mean: 0.77, cosine_min: -0.91, max_abs: 1.93 },
      },
    },
  );
  renderAt(PAGE);
  const scale = await screen.findByRole('img', { name: /Mean cosine 0.77/ });
  expect(scale.getAttribute('aria-label')).toContain('behaves otherwise');
  expect(screen.getByText('Lowest -0.91')).toBeTruthy();
  const [, first] = within(screen.getByRole('table', { name: 'Checks' })).getAllByRole('row');
  expect(first?.textContent).toContain('Drift');
  expect(screen.getByText(/cambium smoke .* --home tiny-bert-0.9.0/)).toBeTruthy();
});

test('scores stand in a table, with their standard error and the change', async () => {
  answers(
    {},
    {
      evaluation: {
        metric: 'accuracy',
        rows: 200,
        score: 0.75,
        score_without: 0.5,
        groups: [{ group: 'games', rows: 100, score: 0.6, score_without: 0.7 }],
      },
    },
  );
  renderAt(PAGE);
  const table = await screen.findByRole('table', { name: 'Accuracy by group' });
  const rows = within(table).getAllByRole('row');
  expect(rows[1]?.textContent).toContain('All rows');
  expect(rows[1]?.textContent).toContain('0.750 ± 0.031');
  expect(rows[1]?.textContent).toContain('+0.250');
  expect(rows[2]?.textContent).toContain('−0.100');
});

test('updates are gone through by layer and role, in the measure of the address', async () => {
  answers(
    {},
    {
      updates: [0, 2].map((layer) => ({
        parameter: `encoder.layer.${layer}.attention.self.query.weight`,
        norm: 2,
        relative_norm: 0.05 * (layer + 1),
        effective_rank: 3.5,
        rank_bound: 8,
      })),
    },
  );
  const router = renderAt(PAGE);
  const grid = await screen.findByRole('grid', { name: 'encoder.layer: 3 layers' });
  const cells = within(grid)
    .getAllByRole('gridcell')
    .map((cell) => cell.textContent);
  expect(cells).toEqual(['5 %', 'unchanged', '15 %']);
  fireEvent.click(screen.getByRole('radio', { name: 'Effective rank' }));
  expect((await within(grid).findAllByText('3.5 of 8')).length).toBe(2);
  expect(router.state.location.search).toEqual({ measure: 'rank' });
  fireEvent.keyDown(grid, { key: 'End' });
  expect(grid.getAttribute('aria-activedescendant')).toBe(
    within(grid).getAllByRole('gridcell')[2]?.id,
  );
  fireEvent.click(screen.getByText('The figures, the largest change first'));
});

test('a run that goes on is followed', async () => {
  let asked = 0;
  mockApi({
    '/api/v1/smoke-runs/{id}': () => {
      asked += 1;
      return asked === 1 ? { ...RUN, state: 'running', report: null, verdict: null } : RUN;
    },
  });
  renderAt(PAGE);
  expect(await screen.findByText(/in the sandbox/)).toBeTruthy();
  expect(await screen.findByText('3 passed, 1 skipped', {}, { timeout: 4000 })).toBeTruthy();
});

test('a run that is queued says that it waits', async () => {
  answers({ state: 'queued', report: null, verdict: null });
  renderAt(PAGE);
  expect(await screen.findByText(/waits to run in the sandbox/)).toBeTruthy();
});

test('a run whose worker was lost says so', async () => {
  answers({ state: 'abandoned', report: null, verdict: null });
  renderAt(PAGE);
  expect(await screen.findByText('The run left no report')).toBeTruthy();
  expect(screen.getByText(/Its worker was lost/)).toBeTruthy();
});

test('a run that is not there, or not for us, offers to sign in', async () => {
  mockApi({ '/api/v1/smoke-runs/{id}': new Refusal({ status: 404, code: 'not_found' }) });
  renderAt(PAGE);
  const link = await screen.findByRole('link', { name: 'Sign in' });
  expect(link.getAttribute('href')).toBe(`/sign-in?then=${encodeURIComponent(PAGE)}`);
});
