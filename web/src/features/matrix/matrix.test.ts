import { describe, expect, test } from 'vitest';
import type { GridRow } from '@/api/types';
import { bigGrid } from '@/test/bigGrid';
import { cellAt, sayTally, tally, tallyOf, worstOf } from './cells';
import { columnGroups, linesOf, rowGroups } from './groups';
import { columnOn, namedRows, summaryOf, wantedRows } from './rows';
import { readMatrixSearch } from './search';
import { View } from './view';

const row = (module: string, version: string, cells: string): GridRow => ({
  module,
  version,
  kind: 'adapter',
  state: 'published',
  cells,
});
const COLUMNS = ['1.0.0', '1.1.0', '2.0.0'].map((version) => ({
  version,
  state: 'published' as const,
}));
const ROWS = [
  row('acme/topics', '1.0.0', 'cci'),
  row('acme/topics', '1.1.0', 'ccc'),
  row('acme/urgency', '1.0.0', '.ui'),
];
const ALL = [0, 1, 2];

function view(folded: (key: string) => boolean, shown = ALL): View {
  const rows = linesOf(rowGroups(ROWS, shown), folded);
  const columns = linesOf(columnGroups(COLUMNS), folded);
  return new View({ rows: ROWS, columns: COLUMNS }, rows, columns, 'comfortable');
}

describe('cells', () => {
  test('a character is a verdict, and what is missing was never paired', () => {
    expect([0, 1, 2, 3].map((column) => cellAt(ROWS[2], column))).toEqual([
      'unpaired',
      'unknown',
      'incompatible',
      'unpaired',
    ]);
    expect(cellAt(undefined, 0)).toBe('unpaired');
  });

  test('what broke is worse than what is unknown, and what never met says nothing', () => {
    expect(worstOf(tally(['compatible', 'unknown', 'incompatible']))).toBe('incompatible');
    expect(worstOf(tally(['compatible', 'unknown']))).toBe('unknown');
    expect(worstOf(tally(['unpaired', 'compatible']))).toBe('compatible');
    expect(worstOf(tally([]))).toBe('unpaired');
    expect(sayTally(tally(['compatible', 'incompatible', 'compatible']))).toBe(
      '1 incompatible, 2 compatible',
    );
  });
});

describe('which rows are shown', () => {
  test('by a part of the name, in any case', () => {
    expect(namedRows(ROWS, 'TOP')).toEqual([0, 1]);
    expect(namedRows(ROWS)).toEqual(ALL);
  });

  test('by a verdict anywhere, or by what breaks on one release', () => {
    expect(wantedRows(ROWS, ALL, { verdict: 'unknown' }, 2)).toEqual([2]);
    expect(wantedRows(ROWS, ALL, { breaks: true }, 2)).toEqual([0, 2]);
    expect(wantedRows(ROWS, ALL, { breaks: true }, 1)).toEqual([]);
    expect(wantedRows(ROWS, ALL, { breaks: true, verdict: 'unknown' }, 2)).toEqual([2]);
  });

  test('the newest release is meant unless another that is there is named', () => {
    expect(columnOn(COLUMNS)).toBe(2);
    expect(columnOn(COLUMNS, '1.1.0')).toBe(1);
    expect(columnOn(COLUMNS, '7.0.0')).toBe(2);
  });

  test('what a release breaks is counted by releases and by modules', () => {
    const { releases, broken } = summaryOf(ROWS, ALL, 2);
    expect(releases).toEqual({ compatible: 1, incompatible: 2, unknown: 0, unpaired: 0 });
    expect(broken).toEqual(['acme/topics', 'acme/urgency']);
  });
});

describe('what is drawn', () => {
  test('the newest stands first in both directions, and every cell says what it is', () => {
    const drawn = view(() => false);
    expect(drawn.at(0, 0).label).toBe('acme/topics 1.1.0 on 2.0.0: compatible');
    expect(drawn.at(1, 0).label).toBe('acme/topics 1.0.0 on 2.0.0: incompatible');
    expect(drawn.at(2, 2).label).toBe('acme/urgency 1.0.0 on 1.0.0: never paired');
  });

  test('a folded row sums up its releases in a column', () => {
    const drawn = view((key) => key === 'acme/topics@1');
    expect(drawn.rows).toHaveLength(2);
    expect(drawn.at(0, 0)).toMatchObject({
      cell: 'incompatible',
      label: 'acme/topics 1.x on 2.0.0: 1 incompatible, 1 compatible',
    });
  });

  test('folded rows and columns sum up what is in both', () => {
    const drawn = view(() => true);
    expect(drawn.at(0, 1)).toMatchObject({
      cell: 'compatible',
      counts: { compatible: 4, incompatible: 0, unknown: 0, unpaired: 0 },
      label: 'acme/topics 1.x on 1.x: 4 compatible',
    });
    expect(drawn.at(1, 1).label).toBe('acme/urgency 1.0.0 on 1.x: 1 unknown, 1 never paired');
  });

  test('a group of columns reaches over the columns that are drawn of it', () => {
    const spans = (drawn: View) => drawn.bands.map(({ first, end }) => [first, end]);
    expect(spans(view(() => false))).toEqual([
      [0, 1],
      [1, 3],
    ]);
    expect(spans(view(() => true))).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(view(() => false).bandAt(2)).toMatchObject({ first: 1, end: 3 });
  });

  test('all of two million cells are counted, and every row has its place', () => {
    const { rows, columns } = bigGrid(5000, 400);
    const counts = tallyOf(rows, columns.length);
    const shown = namedRows(rows);
    const lines = linesOf(rowGroups(rows, shown), () => false);
    const across = linesOf(columnGroups(columns), () => false);
    const drawn = new View({ rows, columns }, lines, across, 'compact');
    const unknown = rows.flatMap(({ cells }) => cells.match(/u/g) ?? []).length;
    expect(counts.unknown).toBe(unknown);
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(2_000_000);
    expect(drawn.down.total).toBe(5000 * 24);
  });
});

test('the address is read, and what makes no sense is left out', () => {
  expect(
    readMatrixSearch({
      query: 12,
      verdict: 'unpaired',
      breaks: true,
      density: 'compact',
      fold: '',
    }),
  ).toEqual({ query: '12', verdict: 'unpaired', breaks: true, density: 'compact' });
  // Half a cell is none.
  expect(readMatrixSearch({ dependent: 'acme/topics@1.0.0', verdict: 'good', breaks: 1 })).toEqual(
    {},
  );
});
