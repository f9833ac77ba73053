// Between places in the grid and the elements that stand there: these carry their indices for everybody.

import { GROUPS, type Place } from './keys';

/** Rows are counted from one, and begin with the two of the header. */
export function rowIndex(line: number): number {
  return line - GROUPS + 1;
}

/** Columns are counted from one, and begin with the names of the rows. */
export function columnIndex(column: number): number {
  return column + 2;
}

/** The place of what was clicked, hovered or focused. */
export function placeOf(target: EventTarget | null): Place | null {
  if (!(target instanceof Element)) return null;
  const cell = target.closest('[aria-colindex]');
  const row = cell?.closest('[aria-rowindex]');
  if (!cell || !row) return null;
  return {
    line: Number(row.getAttribute('aria-rowindex')) - rowIndex(0),
    column: Number(cell.getAttribute('aria-colindex')) - columnIndex(0),
  };
}

export function elementAt(scroller: HTMLElement | null, place: Place): HTMLElement | null {
  const [row, column] = [rowIndex(place.line), columnIndex(place.column)];
  const at = `[aria-rowindex="${row}"] > [aria-colindex="${column}"]`;
  return scroller?.querySelector<HTMLElement>(at) ?? null;
}
