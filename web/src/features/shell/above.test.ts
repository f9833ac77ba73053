import { expect, test } from 'vitest';
import { aboveOf } from './above';

test('a release that is not there leads to its module', () => {
  expect(aboveOf('/modules/acme/topics/9.9.9')).toEqual({
    what: 'release',
    above: { path: '/modules/acme/topics', name: 'acme/topics' },
  });
});

test('a module has only the list above it, a draft the list of drafts', () => {
  expect(aboveOf('/modules/acme/topics')).toEqual({ what: 'module', above: null });
  expect(aboveOf('/drafts/0197').above?.path).toBe('/drafts');
  expect(aboveOf('/smoke-runs/0197').what).toBe('smoke run');
  expect(aboveOf('/elsewhere')).toEqual({ what: 'page', above: null });
});
