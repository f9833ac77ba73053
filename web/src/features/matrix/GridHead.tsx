// The headers of the columns: the releases of the backbone, under their major versions.

import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo, type RefObject } from 'react';
import { words } from '@/ui/format';
import { GROUPS, HEADER, type Place } from './keys';
import classes from './MatrixGrid.module.css';
import { columnIndex, rowIndex } from './place';
import type { Span } from './track';
import type { Band, View } from './view';

export interface GridHeadProps {
  readonly view: View;
  readonly columns: Span;
  readonly active: Place | null;
  /** The column that the summary above the grid is about. */
  readonly on: number;
  readonly readout: RefObject<HTMLDivElement | null>;
}

export const GridHead = memo(function GridHead(props: GridHeadProps) {
  const { view, columns, active, on, readout } = props;
  const bands = view.bands.filter(({ first, end }) => end > columns.first && first < columns.end);
  const shown = Array.from(
    { length: columns.end - columns.first },
    (_, index) => columns.first + index,
  );
  if (active?.line === HEADER && !shown.includes(active.column)) shown.push(active.column);
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={rowIndex(GROUPS)} className={classes.bands}>
        <div
          role="columnheader"
          aria-colindex={columnIndex(HEADER)}
          aria-rowspan={2}
          className={classes.corner}
        >
          <span className={classes.cornerName}>Dependent</span>
          <div ref={readout} className={classes.readout} aria-hidden />
        </div>
        {bands.map((band) => (
          <BandHead key={band.line.key} view={view} band={band} active={active} />
        ))}
      </div>
      <div role="row" aria-rowindex={rowIndex(HEADER)} className={classes.versions}>
        {shown.map((column) => (
          <ColumnHead
            key={column}
            view={view}
            column={column}
            active={active?.line === HEADER && active.column === column}
            on={on === column}
          />
        ))}
      </div>
    </div>
  );
});

interface BandHeadProps {
  readonly view: View;
  readonly band: Band;
  readonly active: Place | null;
}

function BandHead({ view, band: { line, first, end }, active }: BandHeadProps) {
  const toggles = line.group.members.length > 1;
  const Chevron = line.folded ? ChevronRight : ChevronDown;
  const start = view.across.start(first);
  return (
    <div
      role="columnheader"
      aria-colindex={columnIndex(first)}
      aria-colspan={end - first}
      {...(toggles && { 'aria-expanded': !line.folded })}
      tabIndex={active?.line === GROUPS && active.column === first ? 0 : -1}
      className={classes.band}
      title={`Version ${line.group.major}, ${line.group.members.length} releases`}
      style={{
        left: `calc(var(--head) + ${start}px)`,
        width: view.across.start(end) - start,
      }}
    >
      <span data-toggle={toggles || undefined} className={classes.bandName}>
        {toggles && <Chevron size={13} aria-hidden />}
        {line.group.major}.x
      </span>
    </div>
  );
}

interface ColumnHeadProps {
  readonly view: View;
  readonly column: number;
  readonly active: boolean;
  readonly on: boolean;
}

const ColumnHead = memo(function ColumnHead({ view, column, active, on }: ColumnHeadProps) {
  const drawn = view.columns[column];
  const release = view.column(column);
  if (!drawn || !release) return null;
  const state = release.state === 'published' || drawn.folded ? '' : words(release.state);
  const name = view.columnName(column);
  const text = drawn.folded ? `${drawn.members.length} releases` : name;
  return (
    <div
      role="columnheader"
      aria-colindex={columnIndex(column)}
      {...(on && { 'aria-current': true })}
      aria-label={`${drawn.folded ? `${name}, ${text}` : text}${state && `, ${state}`}`}
      tabIndex={active ? 0 : -1}
      className={classes.columnHead}
      data-state={state || undefined}
      title={`${name}${state && `, ${state.toLowerCase()}`}`}
      style={{
        left: `calc(var(--head) + ${view.across.start(column)}px)`,
        width: view.across.size(column),
      }}
    >
      <span className={classes.columnName}>{text}</span>
    </div>
  );
});
