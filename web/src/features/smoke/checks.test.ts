import { describe, expect, test } from 'vitest';
import type { CheckStatus, Report } from '@/api/types';
import { linesOf, madeCheck, tallyOf, tallyWords } from './checks';
import { saidOf } from './sentences';

function report(checks: Report['checks']): Report {
  return { checks } as Report;
}

const REPORT = report({
  weather: { status: 'passed', clouds: 3 },
  drift: { status: 'skipped', reason: 'no home was given' },
  finite: { status: 'failed', outputs: 2 },
  loads: { status: 'passed', seconds: 1.5 },
});

test('checks come as the engine makes them, those that nobody knows last', () => {
  const lines = linesOf(REPORT);
  expect(lines.map(({ name }) => name)).toEqual(['loads', 'finite', 'drift', 'weather']);
  expect(lines[1]).toMatchObject({ title: 'Finite', status: 'failed', figures: { outputs: 2 } });
  expect(lines[3]?.title).toBe('Weather');
});

test('they are counted by how they ended', () => {
  expect(tallyWords(tallyOf(linesOf(REPORT)))).toBe('2 passed, 1 failed, 1 skipped');
  expect(tallyWords({ passed: 9, failed: 0, skipped: 0 })).toBe('9 passed');
});

test('a check that was skipped was not made', () => {
  expect(madeCheck(REPORT, 'drift')).toBeNull();
  expect(madeCheck(REPORT, 'golden')).toBeNull();
  expect(madeCheck(REPORT, 'loads')?.figures).toEqual({ seconds: 1.5 });
});

function said(name: string, figures: object, status: CheckStatus = 'passed') {
  const [line] = linesOf(report({ [name]: { status, ...figures } }));
  if (!line) throw new Error('no line');
  return saidOf(line);
}

describe('figures become sentences', () => {
  test('of tensors and where they went', () => {
    const { sentences, left } = said('keys', {
      parts: {
        'acme/bert@1.0.0': { consumed: 103, ignored: ['ids'], missing: [], unexpected: [] },
        'acme/topics@1.0.0': { consumed: 1, missing: ['a', 'b'], unexpected: [], reshaped: 2 },
      },
    });
    expect(sentences).toEqual([
      'acme/bert@1.0.0: 103 tensors in place, 1 ignored (ids).',
      'acme/topics@1.0.0: 1 tensor in place, 2 missing (a, b), reshaped 2.',
    ]);
    expect(left).toEqual([]);
  });

  test('of what passed other than of what failed', () => {
    expect(said('deterministic', { runs: 2 }).sentences).toEqual(['2 runs gave the same bits.']);
    expect(said('deterministic', { runs: 2 }, 'failed').sentences).toEqual([
      '2 runs did not give the same bits.',
    ]);
    expect(said('finite', { outputs: 1 }).sentences[0]).toContain('without a NaN');
  });

  test('of drift and golden outputs', () => {
    expect(said('drift', { cosine_mean: 0.77, outputs: ['logits'] }).sentences).toEqual([
      "Mean cosine 0.77 to home's outputs.",
      'Compared: logits.',
    ]);
    const inside = { effect_cosine: 0.23, effect_ratio: 1.5, effect_output: 'logits' };
    expect(said('drift', { correlation: 0.95, bare_correlation: 1, ...inside })).toMatchObject({
      sentences: [
        "What tells rows apart has a correlation of 0.95 with home's.",
        "The bare backbone's outputs have a correlation of 1 with home's.",
        "What the adapters change in logits has a cosine of 0.23 to home's.",
        'It is 1.5 times as large.',
      ],
      left: [],
    });
    expect(said('golden', { max_abs_error: 2.5e-6, tolerance: 0.0001 }).sentences).toEqual([
      'At most 2.50e-6 from the golden outputs.',
      '1.00e-4 is tolerated.',
    ]);
  });

  test('of surroundings and half precision', () => {
    expect(said('padding_independent', { max_abs: 0.5, tolerance: 0.0001 }).sentences).toEqual([
      'No number differs by more than 0.5.',
      '1.00e-4 is tolerated.',
    ]);
    expect(
      said('half_precision', { cosine_mean: 0.9, cosine_mean_bare: 0.99, cosine_at_least: 0.98 }),
    ).toEqual({
      sentences: [
        'Mean cosine 0.9 to float32.',
        "The bare backbone's is 0.99.",
        'Below 0.98 is worth a look.',
      ],
      left: [],
    });
  });
});

describe('figures of other shapes', () => {
  test('of a router say how often it chose which', () => {
    const chosen = { 'demo/one': 5, 'demo/two': 1, 'demo/three': 0 };
    const parts = { 'demo/router@1.0.0': { output: 'scores', candidates: 3, rows: 6, chosen } };
    expect(said('routes', { parts }).sentences).toEqual([
      'demo/router@1.0.0: demo/one 5 times, demo/two once, of 3 candidates.',
    ]);
  });

  test('say why a check was not made', () => {
    expect(said('drift', { reason: 'no home was given' }, 'skipped').sentences).toEqual([
      'No home was given.',
    ]);
  });

  test('are left as they are where no sentence tells them', () => {
    const { sentences, left } = said('loads', { seconds: 'soon', shards: 4 });
    expect(sentences).toEqual([]);
    expect(left).toEqual([
      ['seconds', 'soon'],
      ['shards', 4],
    ]);
    expect(said('weather', { clouds: 3 }).left).toEqual([['clouds', 3]]);
  });
});
