import { expect, test } from 'vitest';
import { textOf } from '@/features/history/said';
import { newEvent } from '@/test/fakeEventSource';
import { lately } from './lately';

const judged = (module: string, verdict: string, base = 'acme/tiny-bert@2.0.0') =>
  newEvent('pair.judged', { module, data: { base, verdict } });

const texts = (events: Parameters<typeof lately>[0]) =>
  lately(events).map(({ said }) => textOf(said.pieces));

test('pairs judged one after the other on one base are one line, with the latest word on each', () => {
  const events = [
    judged('acme/topics', 'incompatible'),
    judged('acme/urgency', 'compatible'),
    judged('acme/tone', 'unknown'),
    judged('acme/topics', 'unknown'),
    judged('acme/urgency', 'unknown'),
  ];
  expect(texts(events)).toEqual([
    '3 releases on acme/tiny-bert@2.0.0: 1 does not work, 1 works, 1 to be proven',
  ]);
  expect(lately(events)[0]?.said.tone).toBe('bad');
});

test('a pair alone keeps its sentence', () => {
  const events = [judged('acme/topics', 'compatible'), judged('acme/topics', 'unknown')];
  expect(texts(events)).toEqual(['acme/topics@1.1.0 works on acme/tiny-bert@2.0.0']);
});

test('another base, and something in between, begin another line', () => {
  const events = [
    judged('acme/topics', 'compatible'),
    judged('acme/urgency', 'compatible', 'acme/other@1.0.0'),
    newEvent('module.created', { data: { kind: 'head' } }),
    judged('acme/topics', 'compatible'),
  ];
  expect(lately(events)).toHaveLength(4);
});

test('that something was submitted is left out once its outcome is known', () => {
  const submitted = newEvent('release.submitted');
  expect(texts([newEvent('release.published'), submitted])).toEqual([
    'acme/topics@1.1.0 was published',
  ]);
  expect(texts([newEvent('release.published', { version: '1.2.0' }), submitted])).toHaveLength(2);
});
