import { expect, test } from 'vitest';
import { type Actions, actionsOf } from './actions';
import { type LineageSearch, morePaths, pathOf, readLineageSearch } from './search';

test('the address is read, and what makes no sense is left out', () => {
  expect(
    readLineageSearch({
      of: 'acme/topics@1.0.0',
      depth: 99,
      direction: 'up',
      focus: 'release:1',
      more: ['up release:1', 7],
      view: 'list',
      all: true,
    }),
  ).toEqual({
    of: 'acme/topics@1.0.0',
    depth: 10,
    direction: 'up',
    focus: 'release:1',
    more: ['up release:1'],
    view: 'list',
    all: true,
  });
  expect(
    readLineageSearch({ depth: 'deep', direction: 'both', view: 'graph', more: 'x', open: [] }),
  ).toEqual({});
});

test('what the server is asked for follows from the address', () => {
  expect(pathOf({ of: 'dataset:x' })).toEqual({ of: 'dataset:x', depth: 2, direction: 'both' });
  expect(morePaths({ more: ['down release:1', 'sideways release:2'] })).toEqual([
    { of: 'release:1', depth: 1, direction: 'down' },
  ]);
});

test('asking for more brings back what was hidden, or else asks the server', () => {
  let search: LineageSearch = {};
  const act: Actions = actionsOf((change) => {
    search = readLineageSearch({ ...search, ...change(search) });
  });
  act.more('release:1', 'down');
  expect(search).toEqual({ focus: 'release:1', more: ['down release:1'] });
  act.hide('release:1', 'down');
  expect(search).toEqual({ focus: 'release:1', hide: ['down release:1'] });
  act.more('release:1', 'down');
  expect(search).toEqual({ focus: 'release:1' });
  act.open('group');
  act.open('group');
  expect(search.open).toEqual(['group']);
  act.close('group');
  act.focus(undefined);
  expect(search).toEqual({});
});
