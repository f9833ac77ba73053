import { describe, expect, test } from 'vitest';
import type { GridColumn, GridRow } from '@/api/types';
import { columnGroups, linesOf, majorOf, rowGroups } from './groups';

const column = (version: string): GridColumn => ({ version, state: 'published' });
const row = (module: string, version: string): GridRow => ({
  module,
  version,
  kind: 'adapter',
  state: 'published',
  cells: '',
});

test.each([
  ['2.1.0', '2'],
  ['0.3.1-rc.1', '0'],
  ['10.0.0', '10'],
  ['nightly', 'nightly'],
])('the major version of %s is %s', (version, major) => {
  expect(majorOf(version)).toBe(major);
});

test('columns are grouped by major version, the newest first', () => {
  const groups = columnGroups(['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0'].map(column));
  expect(groups.map(({ key, members }) => [key, members])).toEqual([
    ['2', [3, 2]],
    ['1', [1, 0]],
  ]);
});

test('rows are grouped by module and major version, the newest of a module first', () => {
  const rows = [
    row('acme/topics', '1.0.0'),
    row('acme/topics', '1.1.0'),
    row('acme/topics', '2.0.0'),
    row('acme/urgency', '1.0.0'),
  ];
  const groups = rowGroups(rows, [0, 1, 2, 3]);
  expect(groups.map(({ key, members }) => [key, members])).toEqual([
    ['acme/topics@2', [2]],
    ['acme/topics@1', [1, 0]],
    ['acme/urgency@1', [3]],
  ]);
  expect(rowGroups(rows, [1, 3]).map(({ members }) => members)).toEqual([[1], [3]]);
});

describe('what is drawn of groups', () => {
  const groups = columnGroups(['1.0.0', '1.1.0', '2.0.0'].map(column));

  test('each release, and the first of a group leads', () => {
    const lines = linesOf(groups, () => false);
    expect(lines.map(({ members, leads }) => [members, leads])).toEqual([
      [[2], true],
      [[1], true],
      [[0], false],
    ]);
  });

  test('one line for a group that is folded, but never for a group of one', () => {
    const lines = linesOf(groups, () => true);
    expect(lines.map(({ members, folded }) => [members, folded])).toEqual([
      [[2], false],
      [[1, 0], true],
    ]);
  });

  test('no key twice', () => {
    const keys = linesOf(groups, (key) => key === '1').map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
