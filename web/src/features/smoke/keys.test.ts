import { expect, test } from 'vitest';
import type { Report } from '@/api/types';
import { coverageOf, coverageWords } from './keys';

function report(parts: unknown, status = 'passed'): Report {
  return { checks: { keys: { status, parts } } } as unknown as Report;
}

test('each part says how many of its tensors were used, and which were not', () => {
  const [base, topics] = coverageOf(
    report({
      'acme/bert@1.0.0': { consumed: 103, ignored: ['ids'], missing: [], unexpected: [] },
      'acme/topics@1.0.0': { consumed: 2, missing: ['a', 'b'], unexpected: [] },
    }),
  );
  if (!base || !topics) throw new Error('no coverage');
  expect(coverageWords(base)).toBe('103 of 104 tensors used');
  expect(base.unused).toEqual([{ kind: 'ignored', names: ['ids'], more: false }]);
  expect(base.share).toBeCloseTo(103 / 104);
  // What is missing is none of the tensors that it has.
  expect(coverageWords(topics)).toBe('2 of 2 tensors used');
  expect(topics.unused).toEqual([{ kind: 'missing', names: ['a', 'b'], more: false }]);
  expect(topics.share).toBe(0.5);
});

test('the engine names twenty, so that there may be more', () => {
  const unexpected = Array.from({ length: 20 }, (_, n) => `x${n}`);
  const [part] = coverageOf(report({ a: { consumed: 0, unexpected } }, 'failed'));
  if (!part) throw new Error('no coverage');
  expect(coverageWords(part)).toBe('0 of 20 or more tensors used');
  expect(part.unused[0]?.more).toBe(true);
});

test('one tensor is one, and none are none', () => {
  const words = coverageOf(report({ a: { consumed: 1 }, b: { consumed: 0 } })).map(coverageWords);
  expect(words).toEqual(['1 of 1 tensor used', '0 of 0 tensors used']);
});

test('figures of another shape are left to the check', () => {
  expect(coverageOf(report({ a: {}, b: 3, c: null, d: { consumed: 'x' } }))).toEqual([]);
  expect(coverageOf(report(undefined))).toEqual([]);
  expect(coverageOf(report({ a: { consumed: 1 } }, 'skipped'))).toEqual([]);
  expect(coverageOf({ checks: {} } as Report)).toEqual([]);
});
