import { expect, test } from 'vitest';
import type { Report, SmokeRun } from '@/api/types';
import { homeOf, rerunCommands } from './rerun';

const RUN: SmokeRun = {
  id: '0197b2c4-0000-7000-8000-000000000001',
  state: 'finished',
  base: 'acme/bert@2.0.0',
  dependent: 'acme/topics@1.0.0',
};

function report(drift: 'passed' | 'skipped', parts: readonly string[], inputs = 'release'): Report {
  return {
    verdict: 'compatible',
    findings: [],
    checks: {
      drift: { status: drift },
      keys: { status: 'passed', parts: Object.fromEntries(parts.map((part) => [part, {}])) },
    },
    run: {
      engine: 'cambium-smoke 0.1.0',
      seed: 7,
      device: 'cpu',
      threads: 2,
      inputs,
      limits: {
        memory_bytes: 4 * 1024 ** 3,
        wall_seconds: 120,
        cpu_seconds: 240,
        output_bytes: 1,
        threads: 2,
      },
      sandbox: [],
      load_seconds: 1,
      forward_seconds: 1,
      peak_memory_bytes: 1,
      backbone_parameters: 1,
      module_parameters: 1,
    },
  };
}

const PARTS = ['acme/bert@1.0.0', 'acme/bert@2.0.0', 'acme/topics@1.0.0'];

test('a run against home fetches all three and names home', () => {
  expect(rerunCommands(RUN, report('passed', PARTS))).toEqual([
    'cambium download acme/bert@2.0.0',
    'cambium download acme/topics@1.0.0',
    'cambium download acme/bert@1.0.0',
    'cambium smoke bert-2.0.0 --with topics-1.0.0 --home bert-1.0.0 --threads 2 --time-limit 120 --memory-limit 4096',
  ]);
});

test('a backbone alone is run with the seed that made its inputs', () => {
  const alone = { ...RUN, dependent: null };
  expect(rerunCommands(alone, report('skipped', [], 'seed'))).toEqual([
    'cambium download acme/bert@2.0.0',
    'cambium smoke bert-2.0.0 --seed 7 --threads 2 --time-limit 120 --memory-limit 4096',
  ]);
});

test('home is known only where drift was measured against one backbone', () => {
  expect(homeOf(RUN, report('passed', PARTS))).toBe('acme/bert@1.0.0');
  expect(homeOf(RUN, report('skipped', PARTS))).toBeNull();
  expect(homeOf(RUN, report('passed', PARTS.slice(1)))).toBeNull();
});

test('what is no release of this registry cannot be fetched', () => {
  expect(rerunCommands({ ...RUN, base: 'a folder' }, report('skipped', []))).toEqual([]);
  expect(rerunCommands({ ...RUN, base: null, dependent: null }, report('skipped', []))).toEqual([]);
});
