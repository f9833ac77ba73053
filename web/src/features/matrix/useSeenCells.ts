// Which lines of a grid its scroller shows.

import { useCallback, useSyncExternalStore } from 'react';
import type { Span } from './track';
import type { View } from './view';

/** What stands still beside and above the cells, in pixels. */
export interface Frame {
  readonly top: number;
  readonly left: number;
  /** Where there is less room than `narrow`, this much stands beside. */
  readonly narrow: number;
  readonly narrowLeft: number;
}

export interface Shown {
  readonly rows: Span;
  readonly columns: Span;
  /** How much stands beside the cells. */
  readonly left: number;
}

/** Lines that are drawn before they are seen. */
const EXTRA_ROWS = 8;
const EXTRA_COLUMNS = 4;
/** Columns come and go in blocks of that many. */
export const BLOCK = 8;

/** Draws anew only when scrolling brings lines that are not drawn yet. */
export function useSeenCells(scroller: HTMLElement | null, view: View, frame: Frame): Shown {
  const follow = useCallback(
    (notify: () => void) => {
      if (!scroller) return () => undefined;
      const observer = new ResizeObserver(notify);
      observer.observe(scroller);
      scroller.addEventListener('scroll', notify, { passive: true });
      return () => {
        observer.disconnect();
        scroller.removeEventListener('scroll', notify);
      };
    },
    [scroller],
  );
  // A text, because it is compared with the one before.
  const text = useSyncExternalStore(follow, () => look(scroller, view, frame).join(' '));
  const [firstRow = 0, endRow = 0, firstColumn = 0, endColumn = 0, left = 0] = text
    .split(' ')
    .map(Number);
  return {
    rows: { first: firstRow, end: endRow },
    columns: { first: firstColumn, end: endColumn },
    left,
  };
}

function look(scroller: HTMLElement | null, view: View, frame: Frame): readonly number[] {
  if (!scroller) return [0, 0, 0, 0, frame.left];
  const { scrollTop, scrollLeft, clientWidth, clientHeight } = scroller;
  const left = clientWidth < frame.narrow ? frame.narrowLeft : frame.left;
  const rows = view.down.span(scrollTop, clientHeight - frame.top, EXTRA_ROWS, 1);
  const columns = view.across.span(scrollLeft, clientWidth - left, EXTRA_COLUMNS, BLOCK);
  return [rows.first, rows.end, columns.first, columns.end, left];
}
