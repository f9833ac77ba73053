import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AttachPointChange, Comparison, RunFigures } from '@/api/types';
import { mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';
import { answers, AT, release } from './topics';

const RUN: RunFigures = {
  engine: 'cambium-smoke 0.1.0',
  device: 'cpu',
  inputs: 'probe',
  forward_seconds: 0.01,
  load_seconds: 0.2,
  peak_memory_bytes: 2048,
  backbone_parameters: 100,
  module_parameters: 10,
  sandbox: ['landlock'],
  seed: 7,
  threads: 2,
};

/** Twelve layers, each with a parameter that was added or changed. */
const POINTS = Array.from({ length: 12 }, (_, layer): AttachPointChange => {
  const point = { name: `encoder.layer.${layer}.query.weight`, dtype: 'float32', shape: [128, 64] };
  return layer < 6
    ? { name: point.name, change: 'added', after: point }
    : { name: point.name, change: 'changed', before: { ...point, shape: [128, 32] }, after: point };
});

function finding(rule: string) {
  return {
    rule,
    severity: 'error' as const,
    subject: 'x',
    message: `${rule} it is`,
    remedy: 'No.',
  };
}

const COMPARISON: Comparison = {
  from: release('1.0.0'),
  to: release('1.1.0'),
  manifest: [
    { path: '/module/license', change: 'changed', before: 'MIT', after: 'Apache-2.0' },
    { path: '/provenance/datasets/1', change: 'added', after: 'acme/june' },
  ],
  contract: {
    given: 'minor',
    demanded: 'major',
    demands: [
      {
        bump: 'major',
        finding: {
          rule: 'output_removed',
          severity: 'error',
          subject: 'output `pooler_output`',
          message: 'The output `pooler_output` is gone: whoever reads it finds nothing.',
          remedy: 'Keep giving it.',
        },
      },
      {
        bump: 'patch',
        finding: {
          rule: 'tokenizer_declared',
          severity: 'info',
          subject: 'interface',
          message: 'The tokenizer is now part of the release.',
          remedy: 'Nothing, if it is true.',
        },
      },
    ],
  },
  interface: {
    ports: [
      {
        direction: 'input',
        name: 'input_ids',
        change: 'same',
        before: { name: 'input_ids', dtype: 'int64', dims: ['batch'] },
        after: { name: 'input_ids', dtype: 'int64', dims: ['batch'] },
      },
      {
        direction: 'output',
        name: 'logits',
        change: 'changed',
        before: { name: 'logits', dtype: 'float32', dims: ['batch', 6] },
        after: { name: 'logits', dtype: 'float32', dims: ['batch', 8] },
      },
    ],
    attach_points: POINTS,
    attach_points_same: 188,
  },
  files: [
    {
      path: 'adapter_model.safetensors',
      change: 'changed',
      before: { size: 2048, digest: 'sha256:aa' },
      after: { size: 1024, digest: 'sha256:bb' },
    },
    {
      path: 'adapter_config.json',
      change: 'same',
      before: { size: 612, digest: 'sha256:cc' },
      after: { size: 612, digest: 'sha256:cc' },
    },
  ],
  findings: {
    introduced: [finding('behaviour_drift')],
    resolved: [finding('license_missing')],
    persisting: [finding('no_probe')],
  },
  runs: {
    before: RUN,
    after: { ...RUN, forward_seconds: 0.012 },
    checks: [
      { name: 'loads', before: { status: 'passed' }, after: { status: 'passed' } },
      { name: 'golden', before: { status: 'skipped' }, after: { status: 'failed', max: 0.31 } },
    ],
    evaluation_before: { metric: 'accuracy', rows: 600, score: 0.8 },
    evaluation_after: { metric: 'accuracy', rows: 600, score: 0.85 },
  },
};

/** What is the same in both. */
const UNCHANGED = ['adapter_config.json', 'input_ids', 'no_probe', 'Loads', 'Device'];
const PATH = '/modules/acme/topics/compare';
const region = (name: string) => screen.findByRole('region', { name });

async function rowOf(name: string, text: string) {
  const rows = within(await region(name)).getAllByRole('row');
  return rows.find((row) => row.textContent.includes(text));
}

test('two releases stand side by side with what differs, told apart by signs', async () => {
  mockApi(answers({ [`${AT}/compare`]: COMPARISON }));
  renderAt(`${PATH}?from=1.0.0&to=1.1.0`);
  const license = await rowOf('Manifest', 'module › license');
  expect(license?.textContent).toContain('MIT');
  expect(license?.textContent).toContain('Apache-2.0');
  if (license) expect(within(license).getByRole('img', { name: 'Changed' }).textContent).toBe('~');
  const added = await rowOf('Manifest', 'acme/june');
  if (added) expect(within(added).getByRole('img', { name: 'Added' }).textContent).toBe('+');
  expect(added?.textContent).toContain('not there');
  expect((await rowOf('Interface', 'logits'))?.textContent).toContain('[batch, 8]');
  expect((await rowOf('Files', 'adapter_model'))?.textContent).toContain('−1.0 KiB (−50 %)');
  expect((await rowOf('Checks', 'Golden'))?.textContent).toContain('Failed');
  expect((await rowOf('Run', 'Forward pass'))?.textContent).toContain('+2.00 ms (+20 %)slower');
  expect((await rowOf('Evaluation', 'Accuracy'))?.textContent).toContain('+0.050better');
  const owed = await region('What the version owes');
  expect(owed.textContent).toContain('demands major, the version gives minor');
  const rule = within(owed).getByRole('link', { name: 'output_removed' });
  expect(rule.getAttribute('href')).toBe('/docs/rules#output_removed');
  const findings = await region('Findings');
  expect(findings.textContent).toContain('1 introduced, 1 resolved, 1 persisting');
});

test('what is the same is shown only when it is asked for, and the address says so', async () => {
  mockApi(answers({ [`${AT}/compare`]: COMPARISON }));
  const router = renderAt(`${PATH}?from=1.0.0&to=1.1.0`);
  await region('Files');
  for (const words of [...UNCHANGED, 'tokenizer_declared']) {
    expect(screen.queryByText(words)).toBe(null);
  }
  fireEvent.click(screen.getByRole('switch', { name: 'Show what is the same too' }));
  for (const words of [...UNCHANGED, 'tokenizer_declared']) {
    expect(await screen.findByText(words)).toBeTruthy();
  }
  expect(router.state.location.search).toEqual({ from: '1.0.0', to: '1.1.0', all: true });
});

test('hundreds of attach points lie in their layers, and are found by name and by what became of them', async () => {
  mockApi(answers({ [`${AT}/compare`]: COMPARISON }));
  renderAt(`${PATH}?from=1.0.0&to=1.1.0`);
  const part = await region('Interface');
  expect(part.textContent).toContain('188 the same');
  expect(within(part).getAllByRole('group')).toHaveLength(12);
  expect(within(part).queryByText('query.weight')).toBe(null);
  fireEvent.change(within(part).getByRole('searchbox'), { target: { value: 'layer.1' } });
  await waitFor(() => {
    expect(within(part).getByText('3 shown')).toBeTruthy();
  });
  expect(within(part).getAllByText('query.weight')).toHaveLength(3);
  fireEvent.click(within(part).getByRole('radio', { name: '+ Added' }));
  expect(within(part).getAllByText('query.weight')).toHaveLength(1);
  fireEvent.change(within(part).getByRole('searchbox'), { target: { value: 'nothing so' } });
  expect(within(part).getByText('No attach point fits.')).toBeTruthy();
});

test('the sides are swapped and chosen, channels among them', async () => {
  const asked: string[] = [];
  mockApi(
    answers({
      [`${AT}/compare`]: (url) => {
        asked.push(url.search);
        return COMPARISON;
      },
    }),
  );
  const router = renderAt(`${PATH}?from=1.0.0&to=1.1.0`);
  fireEvent.click(await screen.findByRole('button', { name: 'Swap the sides' }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ from: '1.1.0', to: '1.0.0' });
  });
  fireEvent.click(screen.getByRole('combobox', { name: 'To' }));
  fireEvent.click(await screen.findByRole('option', { name: /stable/ }));
  await waitFor(() => {
    expect(asked.at(-1)).toBe('?from=1.1.0&to=stable');
  });
});

test('without two sides there is nothing to compare, but what changed last is a press away', async () => {
  mockApi(answers());
  renderAt(`${PATH}?from=1.0.0`);
  expect(await screen.findByText('Choose two releases')).toBeTruthy();
  const link = await screen.findByRole('link', { name: '1.0.1 with 1.1.0' });
  expect(link.getAttribute('href')).toBe('/modules/acme/topics/compare?from=1.0.1&to=1.1.0');
});

test('two releases that say the same have parts that say so', async () => {
  mockApi(
    answers({
      [`${AT}/compare`]: {
        ...COMPARISON,
        manifest: [],
        contract: { demands: [] },
        interface: { ports: [], attach_points: [], attach_points_same: 0 },
        files: [],
        findings: { introduced: [], resolved: [], persisting: [] },
        runs: { checks: [] },
      },
    }),
  );
  renderAt(`${PATH}?from=1.0.0&to=1.1.0`);
  for (const words of [
    'But for the version, both manifests say the same.',
    'Neither has ports.',
    'The contract is the same in both.',
    'Neither has files.',
    'Neither has findings.',
    'Nothing was checked in either.',
    'Neither was run.',
  ]) {
    expect(await screen.findByText(words)).toBeTruthy();
  }
});

test('a side that is not there is refused with its reason, and others can be chosen', async () => {
  mockApi(
    answers({
      [`${AT}/compare`]: new Refusal({ status: 404, code: 'not_found', detail: 'No 9.9.9.' }),
    }),
  );
  renderAt(`${PATH}?from=1.0.0&to=9.9.9`);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('not_found');
  expect(alert.textContent).toContain('No 9.9.9.');
  expect(screen.getByRole('combobox', { name: 'To' })).toBeTruthy();
});
