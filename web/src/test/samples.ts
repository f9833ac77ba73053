// What the server says, to begin tests with.

import type { ReleaseView, Report, SmokeRun } from '@/api/types';

export const RELEASE: ReleaseView = {
  id: '0197b2c4-0000-7000-8000-000000000000',
  module: 'acme/topics',
  kind: 'adapter',
  version: '1.1.0',
  state: 'published',
  digest: `sha256:${'ab'.repeat(32)}`,
  manifest: {
    module: { name: 'acme/topics', kind: 'adapter', version: '1.1.0', description: 'Sorts mails' },
    requires: [{ module: 'acme/tiny-bert', version: '>=1, <3' }],
  },
  findings: [],
  created_by: 'ana',
  created_at: '2026-07-02T09:00:00Z',
  published_at: '2026-07-02T09:00:00Z',
};

export const REPORT: Report = {
  verdict: 'compatible',
  findings: [],
  checks: {
    loads: { status: 'passed', seconds: 0.0137 },
    keys: {
      status: 'passed',
      parts: {
        'acme/topics@1.1.0': { consumed: 26, missing: [], unexpected: [] },
        'acme/tiny-bert@1.0.0': { consumed: 103, missing: [], unexpected: [] },
      },
    },
    adapter_effect: { status: 'passed', max_abs: 5.35, mean_abs: 0.4045, new_outputs: ['logits'] },
    drift: { status: 'skipped', reason: 'no home was given' },
  },
  run: {
    engine: 'cambium-smoke 0.1.0 libtorch 2.13.0',
    seed: 0,
    device: 'cpu',
    threads: 2,
    inputs: 'release',
    limits: null,
    sandbox: ['seccomp', 'landlock'],
    load_seconds: 0.0137,
    forward_seconds: 0.6,
    peak_memory_bytes: 300 * 1024 ** 2,
    backbone_parameters: 22_713_216,
    module_parameters: 76_038,
  },
};

export const RUN: SmokeRun = {
  id: '0197b2c4-0000-7000-8000-000000000001',
  dependent: 'acme/topics@1.1.0',
  base: 'acme/tiny-bert@1.0.0',
  state: 'finished',
  verdict: 'compatible',
  report: REPORT,
  started_at: '2026-07-02T09:00:00Z',
  finished_at: '2026-07-02T09:00:01.5Z',
};
