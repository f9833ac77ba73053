import { expect, test } from 'vitest';
import type { ChannelView, RollbackView } from '@/api/types';
import { channelChanges, previewChanges } from './changed';

const PREVIEW: RollbackView = {
  channel: 'stable',
  from: '1.2.0',
  to: '1.1.0',
  to_verdict: 'compatible',
  passed_over: [],
  generation: 4,
  applied: false,
};

test('a channel that moved meanwhile is told with where it goes instead', () => {
  const after = { ...PREVIEW, from: '1.3.0', to: '1.2.0', generation: 5 };
  expect(previewChanges(PREVIEW, after)).toEqual([
    'stable pointed at 1.2.0, and points at 1.3.0 now.',
    'It would go back to 1.2.0 instead of 1.1.0.',
  ]);
});

test('a channel that went and came back is told too', () => {
  expect(previewChanges(PREVIEW, { ...PREVIEW, generation: 6 })).toEqual([
    'stable has moved and come back to 1.2.0.',
  ]);
});

test('what is passed over now, and what became of the target, is told', () => {
  const after = {
    ...PREVIEW,
    to_verdict: 'unknown' as const,
    passed_over: [{ version: '1.1.1', reason: 'it is quarantined' }],
  };
  expect(previewChanges(PREVIEW, after)).toEqual([
    '1.1.0 is unknown now.',
    '1.1.1 is passed over now: it is quarantined.',
  ]);
  expect(previewChanges(after, after)).toEqual(['What it would do is the same as before.']);
});

test('who moved a channel, and why, is told', () => {
  const before: ChannelView = { name: 'stable', version: '1.1.0', generation: 3 };
  const move = {
    generation: 4,
    action: 'quarantine',
    from: '1.1.0',
    to: null,
    actor: 'ops',
    reason: 'Bad',
    moved_at: '2026-11-23T01:00:00Z',
  };
  expect(
    channelChanges(before, { ...before, version: null, generation: 4, last_move: move }),
  ).toEqual(['stable pointed at 1.1.0, and points at nothing now.', 'ops moved it: “Bad”']);
  expect(channelChanges(before, before)).toEqual([]);
});
