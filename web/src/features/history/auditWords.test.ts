import { expect, test } from 'vitest';
import type { AuditEntry } from '@/api/types';
import { sayEntry } from './auditWords';
import { textOf } from './said';

function entry(action: string, subject: string, detail: object = {}) {
  return { action, subject, detail: detail as AuditEntry['detail'] };
}

test.each([
  ['release.submit', 'acme/topics@1.1.0', {}, 'acme/topics@1.1.0 was submitted'],
  ['release.publish', 'acme/topics@1.1.0', { rules: [] }, 'acme/topics@1.1.0 was published'],
  [
    'release.deprecate',
    'acme/topics@1.0.0',
    { from: 'published', to: 'deprecated', replacement: 'acme/topics@1.1.0' },
    'acme/topics@1.0.0 was deprecated, use acme/topics@1.1.0 instead',
  ],
  ['draft.create', 'acme/topics@1.1.0', {}, 'acme/topics@1.1.0 was drafted'],
  ['draft.delete', 'acme/topics@1.1.0', {}, 'The draft of acme/topics@1.1.0 was thrown away'],
  ['module.create', 'acme/topics', { kind: 'adapter' }, 'acme/topics is new: adapter'],
  ['module.describe', 'acme/topics', { to: 'Sorts' }, 'acme/topics was described anew'],
  ['namespace.create', 'acme', { visibility: 'public' }, 'acme is a new namespace, public'],
  [
    'namespace.set_visibility',
    'acme',
    { from: 'private', to: 'public' },
    'acme became public, it was private',
  ],
  [
    'channel.roll_back',
    'acme/topics',
    { channel: 'stable', action: 'roll_back', from: '2.0.0', to: '1.1.0' },
    'stable of acme/topics was rolled back from 2.0.0 to 1.1.0',
  ],
  [
    'pair.prove',
    'acme/topics@1.1.0 on acme/tiny-bert@2.0.0',
    { verdict: 'incompatible' },
    'acme/topics@1.1.0 does not work on acme/tiny-bert@2.0.0',
  ],
  ['role.set', 'acme', { actor: 'ben', role: 'reviewer' }, 'ben became reviewer in acme'],
  ['role.remove', 'acme', { actor: 'ben' }, 'ben lost the role in acme'],
  ['actor.create', 'ci', { kind: 'machine' }, 'ci is new: machine'],
  ['token.create', 'ana', { name: 'nightly' }, 'A token was made for ana'],
  ['session.open', 'ana', {}, 'ana signed in'],
  ['registry.found', 'admin', {}, 'The registry was founded'],
  ['release.celebrate', 'acme/topics@1.1.0', {}, 'Release celebrate: acme/topics@1.1.0'],
  ['weather.change', 'rain', {}, 'Weather change: rain'],
])('%s of %s says so', (action, subject, detail, text) => {
  expect(textOf(sayEntry(entry(action, subject, detail)).pieces)).toBe(text);
});

test('what was touched is a link away', () => {
  const paths = (action: string, subject: string, detail: object = {}) =>
    sayEntry(entry(action, subject, detail)).pieces.flatMap((piece) =>
      typeof piece === 'string' ? [] : [piece.path],
    );
  expect(paths('release.submit', 'acme/topics@1.1.0', { release: '0197' })).toEqual([
    '/drafts/0197',
  ]);
  expect(paths('release.reject', 'acme/topics@1.1.0', { release: '0197' })).toEqual([
    '/drafts/0197',
  ]);
  expect(paths('release.reject', 'acme/topics@1.1.0')).toEqual([]);
  expect(paths('namespace.create', 'acme')).toEqual(['/modules?namespace=acme']);
  expect(paths('session.open', 'ana')).toEqual(['/activity?actor=ana']);
});

test('reasons are told', () => {
  const said = sayEntry(entry('release.reject', 'acme/topics@1.1.0', { rules: ['a', 'b'] }));
  expect(said.reason).toBe('a, b');
  expect(sayEntry(entry('release.yank', 'a/b@1.0.0', { reason: 'Wrong' })).reason).toBe('Wrong');
});
