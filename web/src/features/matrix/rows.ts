// Which rows of a grid are shown. Pure.

import type { GridColumn, GridRow } from '@/api/types';
import { cellAt, hasCell, type Tally, tally } from './cells';
import type { MatrixSearch } from './search';

/** Indices of the rows whose module's name has that in it. */
export function namedRows(rows: readonly GridRow[], query = ''): number[] {
  const part = query.toLowerCase();
  return indices(rows, (row) => row.module.toLowerCase().includes(part));
}

/** Of these rows, those that the address asks for; `on` is the column of its release. */
export function wantedRows(
  rows: readonly GridRow[],
  named: readonly number[],
  { verdict, breaks }: Pick<MatrixSearch, 'verdict' | 'breaks'>,
  on: number,
): readonly number[] {
  if (!verdict && !breaks) return named;
  return named.filter((index) => {
    const row = rows[index];
    if (!row) return false;
    if (breaks && cellAt(row, on) !== 'incompatible') return false;
    return !verdict || hasCell(row, verdict);
  });
}

/** The column that the summary is about: the one that was asked for, or the highest version. */
export function columnOn(columns: readonly GridColumn[], version?: string): number {
  const asked = columns.findIndex((column) => column.version === version);
  return asked >= 0 ? asked : columns.length - 1;
}

export interface Summary {
  readonly releases: Tally;
  /** The modules of which a release does not fit. */
  readonly broken: readonly string[];
}

/** What becomes of these rows on one release. */
export function summaryOf(
  rows: readonly GridRow[],
  named: readonly number[],
  column: number,
): Summary {
  const cells = named.map((index) => cellAt(rows[index], column));
  const broken = named
    .filter((_, at) => cells[at] === 'incompatible')
    .map((index) => rows[index]?.module ?? '');
  return { releases: tally(cells), broken: [...new Set(broken)] };
}

function indices(rows: readonly GridRow[], fits: (row: GridRow) => boolean): number[] {
  return rows.flatMap((row, index) => (fits(row) ? [index] : []));
}
