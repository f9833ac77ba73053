// Between places in the grid and the elements that stand there.

import type { Place } from './keys';

/** What an element of the grid has to carry so that it is found. */
export function lineMark(line: number) {
  return { 'data-line': line };
}

export function columnMark(column: number) {
  return { 'data-column': column };
}

/** The place of what was clicked, hovered or focused. */
export function placeOf(target: EventTarget | null): Place | null {
  if (!(target instanceof Element)) return null;
  const cell = target.closest<HTMLElement>('[data-column]');
  const row = cell?.closest<HTMLElement>('[data-line]');
  if (!cell || !row) return null;
  return { line: Number(row.dataset.line), column: Number(cell.dataset.column) };
}

export function elementAt(scroller: HTMLElement | null, place: Place): HTMLElement | null {
  const at = `[data-line="${place.line}"] [data-column="${place.column}"]`;
  return scroller?.querySelector<HTMLElement>(at) ?? null;
}
