import { expect, test } from 'vitest';
import type { Report } from '@/api/types';
import { absencesOf } from './absences';

const RUN = { module_parameters: 10 } as Report['run'];
const effect = (status: 'passed' | 'skipped') => ({ adapter_effect: { status } });

test('a backbone alone misses nothing', () => {
  const run = { module_parameters: 0 } as Report['run'];
  expect(absencesOf({ checks: effect('skipped'), run } as unknown as Report)).toEqual([]);
});

test('an old report of an adapter lacks four things', () => {
  const absences = absencesOf({ checks: effect('passed'), run: RUN } as unknown as Report);
  expect(absences).toHaveLength(4);
});

test('what is there is not missed', () => {
  const absences = absencesOf({
    checks: effect('passed'),
    run: { ...RUN, bare_forward_seconds: 0.1, bare_peak_memory_bytes: 0 },
    updates: [{ parameter: 'a', norm: 1, relative_norm: 1 }],
    evaluation: { metric: 'accuracy', rows: 1, score: 1 },
  } as unknown as Report);
  expect(absences).toEqual([]);
});
