// Thousands of cells, of which only those are drawn that are seen.

import {
  type CSSProperties,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { GridHead } from './GridHead';
import { GridLine } from './GridLine';
import { HEADER, GROUPS, type Place, step } from './keys';
import classes from './MatrixGrid.module.css';
import { elementAt, placeOf } from './place';
import { useCrosshair } from './useCrosshair';
import { type Frame, useSeenCells } from './useSeenCells';
import type { View } from './view';

export interface MatrixGridProps {
  readonly label: string;
  readonly view: View;
  /** The column that the summary above is about. */
  readonly on: number;
  /** The place of the cell that is explained. */
  readonly selected: Place | null;
  /** Cells of that verdict stand out. */
  readonly only?: string | undefined;
  /** Explains a cell, unfolds a group or chooses a release, by where it is. */
  readonly onPress: (place: Place) => void;
  readonly onToggle: (place: Place) => void;
  readonly onOpen: (reference: string) => void;
}

const HEAD_HEIGHT = 112;
/** In pixels: the names above the columns and beside the rows. */
const FRAME: Frame = { top: HEAD_HEIGHT, left: 288, narrow: 640, narrowLeft: 148 };

export function MatrixGrid(props: MatrixGridProps) {
  const { label, view, on, selected, only } = props;
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const { rows, columns, left } = useSeenCells(scroller, view, FRAME);
  const { across, down, words } = useCrosshair(scroller, view, HEAD_HEIGHT, left);
  const keyboard = useKeyboard(scroller, { ...props, left });
  const { active } = keyboard;
  const lines = Array.from({ length: rows.end - rows.first }, (_, index) => rows.first + index);
  if (active.line >= 0 && !lines.includes(active.line)) lines.push(active.line);
  return (
    <div
      ref={setScroller}
      role="grid"
      aria-label={label}
      aria-rowcount={view.rows.length + 2}
      aria-colcount={view.columns.length + 1}
      tabIndex={-1}
      className={classes.scroller}
      data-only={only}
      {...(view.sizes.words && { 'data-words': true })}
      style={frameOf(view, left)}
      onKeyDown={keyboard.onKeyDown}
      onFocus={keyboard.onFocus}
      onClick={(event) => {
        click(event, props, keyboard.go);
      }}
    >
      <div
        className={classes.canvas}
        style={{ width: left + view.across.total, height: HEAD_HEIGHT + view.down.total }}
      >
        <GridHead
          view={view}
          columns={columns}
          active={active.line < 0 ? active : null}
          on={on}
          readout={words}
        />
        <div role="rowgroup">
          {lines.map((line) => (
            <GridLine
              key={view.rows[line]?.key ?? line}
              view={view}
              line={line}
              columns={columns}
              active={active.line === line ? active.column : null}
              selected={selected?.line === line ? selected.column : null}
              above={HEAD_HEIGHT}
              left={left}
            />
          ))}
        </div>
        <div ref={across} className={classes.across} aria-hidden hidden />
        <div ref={down} className={classes.down} aria-hidden hidden />
      </div>
    </div>
  );
}

function frameOf(view: View, left: number): CSSProperties {
  const { column, row } = view.sizes;
  return {
    '--head': `${left}px`,
    '--above': `${HEAD_HEIGHT}px`,
    '--column': `${column}px`,
    '--row': `${row}px`,
  } as CSSProperties;
}

function click(event: MouseEvent, props: MatrixGridProps, go: (place: Place) => void): void {
  const { onPress, onToggle, onOpen } = props;
  const place = placeOf(event.target);
  if (!place || !(event.target instanceof Element)) return;
  const link = event.target.closest<HTMLElement>('[data-open]');
  if (link?.dataset.open) {
    // Another tab is for the browser to open.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(link.dataset.open);
  } else if (event.target.closest('[data-toggle]')) {
    onToggle(place);
  } else if (place.column !== HEADER) {
    go(place);
    onPress(place);
  }
}

type KeyboardProps = MatrixGridProps & { readonly left: number };

function useKeyboard(scroller: HTMLElement | null, props: KeyboardProps) {
  const { view, left, onPress } = props;
  const [wanted, setWanted] = useState<Place>({ line: 0, column: 0 });
  const active = {
    line: Math.max(GROUPS, Math.min(wanted.line, view.rows.length - 1)),
    column: Math.max(HEADER, Math.min(wanted.column, view.columns.length - 1)),
  };
  const go = (place: Place) => {
    // Drawn first, so that there is something to move the focus to.
    flushSync(() => {
      setWanted(place);
    });
    reveal(scroller, view, place, left);
    const element = elementAt(scroller, place);
    element?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') {
      const place = placeOf(event.target);
      if (!place) return;
      event.preventDefault();
      onPress(place);
      return;
    }
    const seen = (scroller?.clientHeight ?? 0) - HEAD_HEIGHT;
    const next = step(active, event.key, event.ctrlKey || event.metaKey, {
      lines: view.rows.length,
      columns: view.columns.length,
      page: Math.max(1, Math.floor(seen / view.down.size(0)) - 1),
      groupAt: (column) => view.bandAt(column),
    });
    if (!next) return;
    event.preventDefault();
    go(next);
  };
  const onFocus = (event: FocusEvent) => {
    const place = placeOf(event.target);
    if (place) setWanted(place);
  };
  return { active, go, onKeyDown, onFocus };
}

function reveal(element: HTMLElement | null, view: View, place: Place, left: number): void {
  if (!element) return;
  const { scrollTop, scrollLeft, clientHeight, clientWidth } = element;
  if (place.line >= 0) {
    element.scrollTop = view.down.reveal(place.line, scrollTop, clientHeight - HEAD_HEIGHT);
  }
  if (place.column >= 0) {
    element.scrollLeft = view.across.reveal(place.column, scrollLeft, clientWidth - left);
  }
}
