// From the answer and the address to what is drawn.

import { useMemo } from 'react';
import type { WholeGrid } from '@/queries/matrix';
import { parseReference } from '@/api/reference';
import { type Tally, tallyOf } from './cells';
import { Fold } from './fold';
import { columnGroups, linesOf, rowGroups } from './groups';
import type { Place } from './keys';
import { columnOn, namedRows, type Summary, summaryOf, wantedRows } from './rows';
import type { MatrixSearch } from './search';
import { View } from './view';

export interface MatrixModel {
  readonly view: View;
  readonly fold: Fold;
  /** Of all cells of the rows that are named so. */
  readonly counts: Tally;
  /** The column of the summary, in the answer and as it is drawn. */
  readonly on: number;
  readonly onDrawn: number;
  readonly summary: Summary;
  readonly shownRows: number;
  readonly selected: Place | null;
}

export function useMatrix(grid: WholeGrid, search: MatrixSearch): MatrixModel {
  const { rows, columns } = grid;
  const { query, verdict, breaks, fold: folded, density = 'comfortable' } = search;
  const on = columnOn(columns, search.on);
  const named = useMemo(() => namedRows(rows, query), [rows, query]);
  const fold = useMemo(() => new Fold(folded), [folded]);
  const wanted = useMemo(
    () => wantedRows(rows, named, { verdict, breaks }, on),
    [rows, named, verdict, breaks, on],
  );
  const view = useMemo(() => {
    const down = linesOf(rowGroups(rows, wanted), (key) => fold.has('rows', key));
    const across = linesOf(columnGroups(columns), (key) => fold.has('columns', key));
    return new View({ rows, columns }, down, across, density);
  }, [rows, columns, wanted, fold, density]);
  const counts = useMemo(
    () =>
      tallyOf(
        named.flatMap((index) => rows[index] ?? []),
        columns.length,
      ),
    [rows, columns, named],
  );
  return {
    view,
    fold,
    counts,
    on,
    onDrawn: view.columns.findIndex((line) => line.members.includes(on)),
    summary: useMemo(() => summaryOf(rows, named, on), [rows, named, on]),
    shownRows: wanted.length,
    selected: useMemo(() => selectedPlace(grid, view, search), [grid, view, search]),
  };
}

/** Where the cell of the address is drawn, if it is. */
function selectedPlace(
  { rows, columns }: WholeGrid,
  view: View,
  { dependent = '', base }: MatrixSearch,
): Place | null {
  const wanted = parseReference(dependent);
  if (!wanted || !base) return null;
  const module = `${wanted.namespace}/${wanted.name}`;
  const row = rows.findIndex((row) => row.module === module && row.version === wanted.version);
  const at = columns.findIndex((column) => column.version === base);
  const line = view.rows.findIndex(({ folded, members }) => !folded && members[0] === row);
  const column = view.columns.findIndex(({ folded, members }) => !folded && members[0] === at);
  return line >= 0 && column >= 0 ? { line, column } : null;
}
