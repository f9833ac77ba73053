import { expect, test } from 'vitest';
import type { EventView } from '@/api/types';
import { isTouched } from './stale';

function event(kind: string, module: string, data: object = {}) {
  return { kind, module, data } as Pick<EventView, 'kind' | 'module' | 'data'>;
}

const TOPICS = { namespace: 'acme', name: 'topics' };
const BERT = { namespace: 'acme', name: 'tiny-bert' };
const OTHER = { namespace: 'acme', name: 'other' };

const PUBLISHED = event('release.published', 'acme/topics');
const VERIFYING = event('release.verifying', 'acme/topics', { stage: 'smoke_run' });
const JUDGED = event('pair.judged', 'acme/topics', { base: 'acme/tiny-bert@2.0.0' });
const MOVED = event('channel.moved', 'acme/topics', { channel: 'stable' });

test.each([
  [['release', { ...TOPICS, revision: '1.1.0' }]],
  [['module', TOPICS, 'releases']],
  [['drafts', {}]],
  [['overview']],
  [['modules', { query: 'to' }]],
])('a release that was published makes %j old', (key) => {
  expect(isTouched(key, PUBLISHED)).toBe(true);
});

test('what another module says stays, but for what it says of its dependents', () => {
  expect(isTouched(['module', OTHER, 'releases'], PUBLISHED)).toBe(false);
  expect(isTouched(['release', { ...OTHER, revision: '1.0.0' }], PUBLISHED)).toBe(false);
  expect(isTouched(['module', OTHER, 'grid'], PUBLISHED)).toBe(true);
});

test('a pair that was judged changes both sides, and no list of modules', () => {
  expect(isTouched(['module', BERT, 'matrix'], JUDGED)).toBe(true);
  expect(isTouched(['release', { ...TOPICS, revision: '1.1.0' }, 'smoke-run'], JUDGED)).toBe(true);
  expect(isTouched(['pair', 'acme/topics@1.1.0', 'acme/tiny-bert@2.0.0'], JUDGED)).toBe(true);
  expect(isTouched(['module', OTHER, 'matrix'], JUDGED)).toBe(false);
  expect(isTouched(['modules', {}], JUDGED)).toBe(false);
});

test('a stage of a verification is no reason to list modules again', () => {
  expect(isTouched(['modules', {}], VERIFYING)).toBe(false);
  expect(isTouched(['module', OTHER, 'grid'], VERIFYING)).toBe(false);
  expect(isTouched(['release', { ...TOPICS, revision: '1.1.0' }], VERIFYING)).toBe(true);
  expect(isTouched(['overview'], VERIFYING)).toBe(true);
});

test('a channel that moved changes its module only, in whatever case it is written', () => {
  expect(isTouched(['module', { namespace: 'Acme', name: 'Topics' }, 'channels'], MOVED)).toBe(
    true,
  );
  expect(isTouched(['module', OTHER, 'channels'], MOVED)).toBe(false);
  expect(isTouched(['modules', {}], MOVED)).toBe(false);
});

test('who one is and the audit log are not asked for again at each event', () => {
  for (const key of [['identity'], ['tokens'], ['audit', {}]]) {
    expect(isTouched(key, PUBLISHED)).toBe(false);
  }
});
