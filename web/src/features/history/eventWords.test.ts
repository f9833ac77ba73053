import { expect, test } from 'vitest';
import { newEvent } from '@/test/fakeEventSource';
import { sayEvent } from './eventWords';
import { textOf } from './said';

const saying = (kind: string, data: object = {}) =>
  textOf(sayEvent(newEvent(kind, { data })).pieces);

test.each([
  ['module.created', { kind: 'adapter' }, 'acme/topics is new: adapter'],
  ['release.submitted', {}, 'acme/topics@1.1.0 was submitted'],
  ['release.verifying', { stage: 'smoke_run' }, 'acme/topics@1.1.0 is being verified: smoke run'],
  ['release.published', {}, 'acme/topics@1.1.0 was published'],
  ['release.restored', {}, 'acme/topics@1.1.0 was restored'],
  [
    'pair.judged',
    { base: 'acme/tiny-bert@2.0.0', verdict: 'incompatible' },
    'acme/topics@1.1.0 does not work on acme/tiny-bert@2.0.0',
  ],
  [
    'channel.moved',
    { channel: 'stable', action: 'point', from: '1.0.0', to: '1.1.0' },
    'stable of acme/topics moved from 1.0.0 to 1.1.0',
  ],
  [
    'channel.moved',
    { channel: 'stable', action: 'point', from: null, to: '1.1.0' },
    'stable of acme/topics points at 1.1.0',
  ],
  [
    'channel.moved',
    { channel: 'stable', action: 'roll_back', from: '2.0.0', to: '1.1.0' },
    'stable of acme/topics was rolled back from 2.0.0 to 1.1.0',
  ],
  [
    'channel.moved',
    { channel: 'stable', action: 'quarantine', from: '2.0.0', to: null },
    'stable of acme/topics left 2.0.0 and points at nothing',
  ],
  ['release.celebrated', {}, 'Release celebrated: acme/topics@1.1.0'],
])('%s with %j says: %s', (kind, data, text) => {
  expect(saying(kind, data)).toBe(text);
});

test('what was refused leads to the attempt and names the rules', () => {
  const said = sayEvent(newEvent('release.rejected', { data: { id: '0197', rules: ['a', 'b'] } }));
  expect(said.pieces[0]).toEqual({ text: 'acme/topics@1.1.0', path: '/drafts/0197' });
  expect(said.reason).toBe('a, b');
});

test('why something was taken back is said', () => {
  const said = sayEvent(newEvent('release.quarantined', { data: { reason: 'Knows only games' } }));
  expect(said).toMatchObject({ tone: 'bad', reason: 'Knows only games' });
});
