// Where the keyboard leads in a grid. Pure.

import type { Span } from './track';

/** A place in the grid: -1 is a header, and line -2 the header of groups of columns. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export const GROUPS = -2;
export const HEADER = -1;

export interface Bounds {
  readonly lines: number;
  readonly columns: number;
  /** How many lines are seen at once. */
  readonly page: number;
  /** The columns of the group that a column is in. */
  readonly groupAt: (column: number) => Span;
}

/** The place that a key leads to; null for a key that leads nowhere. */
export function step(place: Place, key: string, ctrl: boolean, bounds: Bounds): Place | null {
  const { lines, columns, page } = bounds;
  const line = (to: number) => within(place, { ...place, line: to }, bounds);
  const column = (to: number) => within(place, { ...place, column: to }, bounds);
  switch (key) {
    case 'ArrowUp':
      return line(ctrl ? 0 : place.line - 1);
    case 'ArrowDown':
      return line(ctrl ? lines - 1 : place.line + 1);
    case 'ArrowLeft':
      return column(ctrl ? 0 : place.column - 1);
    case 'ArrowRight':
      return column(ctrl ? columns - 1 : nextColumn(place, bounds));
    case 'PageUp':
      return line(Math.max(Math.min(0, place.line), place.line - page));
    case 'PageDown':
      return line(Math.min(lines - 1, place.line + page));
    case 'Home':
      return within(place, { line: ctrl ? 0 : place.line, column: ctrl ? 0 : HEADER }, bounds);
    case 'End':
      return within(place, { line: ctrl ? lines - 1 : place.line, column: columns - 1 }, bounds);
    default:
      return null;
  }
}

function nextColumn(place: Place, { groupAt }: Bounds): number {
  return place.line === GROUPS ? groupAt(place.column).end : place.column + 1;
}

/** A place that is there. The headers of rows have none above them but the lines below them. */
function within(from: Place, to: Place, { lines, columns, groupAt }: Bounds): Place {
  const line = Math.max(to.column === HEADER ? 0 : GROUPS, Math.min(to.line, lines - 1));
  const least = line < 0 ? 0 : HEADER;
  const column = Math.max(least, Math.min(to.column, columns - 1));
  // Above the first row there is no header of rows: stay.
  if (from.column === HEADER && to.line < 0) return from;
  return { line, column: line === GROUPS ? groupAt(column).first : column };
}
