import { expect, test } from 'vitest';
import { readReleaseSearch } from './view';

test('the address says which part is shown, and nothing that holds anyhow', () => {
  expect(readReleaseSearch({ tab: 'smoke', measure: 'rank' })).toEqual({
    tab: 'smoke',
    measure: 'rank',
  });
  expect(readReleaseSearch({ tab: 'overview', measure: 'relative', manifest: 'read' })).toEqual({});
});

test('what nobody knows is left out', () => {
  expect(readReleaseSearch({ tab: 'secrets', find: ['a'], manifest: 7, more: 1 })).toEqual({});
});

test('a number can be sought', () => {
  expect(readReleaseSearch({ find: 11 })).toEqual({ find: '11' });
});
