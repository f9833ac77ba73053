// Which lines of a long list are to be drawn, where all are of one height. Pure.

export interface Window {
  readonly first: number;
  /** The one after the last. */
  readonly end: number;
}

/** Lines beyond the edges, so that none is missing while it is scrolled. */
const BEYOND = 10;

export function windowOf(top: number, height: number, line: number, count: number): Window {
  const first = Math.floor(top / line) - BEYOND;
  const end = Math.ceil((top + height) / line) + BEYOND;
  return { first: Math.max(0, Math.min(first, count)), end: Math.max(0, Math.min(end, count)) };
}

/** Where to scroll so that a line is seen whole; null where it is. */
export function topFor(at: number, top: number, height: number, line: number): number | null {
  const start = at * line;
  if (start < top) return start;
  if (start + line > top + height) return start + line - height;
  return null;
}
