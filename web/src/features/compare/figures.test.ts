import { expect, test } from 'vitest';
import type { Evaluation, RunFigures } from '@/api/types';
import { checkLines, runLines, scoreLines } from './figures';

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

test('two runs are told apart figure by figure, and slower is said in a word', () => {
  const lines = runLines(RUN, { ...RUN, forward_seconds: 0.012, device: 'cuda:0' });
  const line = (name: string) => lines.find((other) => other.name === name);
  expect(line('Forward pass')).toEqual({
    name: 'Forward pass',
    before: '10.0 ms',
    after: '12.0 ms',
    change: 'changed',
    difference: { text: '+2.00 ms (+20 %)', is: 'more' },
    means: 'slower',
  });
  expect(line('Device')).toMatchObject({ before: 'cpu', after: 'cuda:0', change: 'changed' });
  expect(line('Threads')).toMatchObject({ change: 'same' });
  expect(line('Bare backbone')).toBe(undefined);
});

test('a run that the other release lacks was added', () => {
  expect(runLines(null, RUN).find(({ name }) => name === 'Loading')).toMatchObject({
    before: 'none',
    after: '200 ms',
    change: 'added',
  });
  expect(runLines(null, null)).toEqual([]);
});

const SCORE: Evaluation = {
  metric: 'accuracy',
  rows: 600,
  score: 0.8,
  groups: [{ group: 'games', rows: 100, score: 0.5 }],
};

test('scores are compared over all and by group, and more is better', () => {
  const after: Evaluation = {
    ...SCORE,
    score: 0.85,
    groups: [
      { group: 'games', rows: 100, score: 0.45 },
      { group: 'sound', rows: 50, score: 0.7 },
    ],
  };
  expect(
    scoreLines(SCORE, after).map(({ name, difference, means }) => [name, difference?.text, means]),
  ).toEqual([
    ['Accuracy', '+0.050', 'better'],
    ['Accuracy: games', '−0.050', 'worse'],
    ['Accuracy: sound', undefined, undefined],
  ]);
});

test('scores of different metrics are not compared', () => {
  const lines = scoreLines(SCORE, { metric: 'f1', rows: 600, score: 0.7 });
  expect(lines.map(({ name, change }) => [name, change])).toEqual([
    ['Accuracy', 'removed'],
    ['Accuracy: games', 'removed'],
    ['F1', 'added'],
  ]);
  expect(scoreLines(null, undefined)).toEqual([]);
});

const RELEASES = ['acme/topics@1.0.0', 'acme/topics@1.1.0'] as const;

test('checks that failed on either side come first', () => {
  const lines = checkLines(
    [
      { name: 'loads', before: { status: 'passed' }, after: { status: 'passed' } },
      { name: 'golden', before: { status: 'passed' }, after: { status: 'failed', max: 1 } },
      { name: 'keys', before: null, after: { status: 'passed' } },
    ],
    RELEASES,
  );
  expect(lines.map(({ name, change }) => [name, change])).toEqual([
    ['golden', 'changed'],
    ['loads', 'same'],
    ['keys', 'added'],
  ]);
});

test('that a check names its own release, or how long it took, is no difference', () => {
  const keys = (release: string, missing: number, seconds: number) => ({
    status: 'passed' as const,
    seconds,
    parts: { [release]: { missing } },
  });
  const changes = checkLines(
    [
      { name: 'keys', before: keys(RELEASES[0], 0, 1), after: keys(RELEASES[1], 0, 2) },
      { name: 'more keys', before: keys(RELEASES[0], 0, 1), after: keys(RELEASES[1], 1, 1) },
    ],
    RELEASES,
  ).map(({ change }) => change);
  expect(changes).toEqual(['same', 'changed']);
});
