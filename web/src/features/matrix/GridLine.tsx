// One line of the grid: its header, and the cells of it that are seen.

import { ChevronDown, ChevronRight } from 'lucide-react';
import { type CSSProperties, memo } from 'react';
import { plural, words } from '@/ui/format';
import { CELL_GLYPHS, CELL_WORDS, type Tally } from './cells';
import { HEADER } from './keys';
import classes from './MatrixGrid.module.css';
import { columnIndex, rowIndex } from './place';
import type { Span } from './track';
import { BLOCK } from './useSeenCells';
import type { View } from './view';

export interface GridLineProps {
  readonly view: View;
  readonly line: number;
  readonly columns: Span;
  /** The column that the keyboard is at, when it is in this line. */
  readonly active: number | null;
  /** The column whose cell is explained, when it is in this line. */
  readonly selected: number | null;
  /** How much stands above the lines and beside the cells. */
  readonly above: number;
  readonly left: number;
}

export const GridLine = memo(function GridLine(props: GridLineProps) {
  const { view, line, columns, active, selected, above, left } = props;
  const blocks = blocksOf(columns, active);
  return (
    <div
      role="row"
      aria-rowindex={rowIndex(line)}
      className={classes.line}
      {...(view.rows[line]?.folded && { 'data-folded': true })}
      {...(view.rows[line]?.leads && { 'data-leads': true })}
      style={{ top: above + view.down.start(line), height: view.down.size(line) }}
    >
      <LineHead view={view} line={line} active={active === HEADER} />
      {blocks.map((block) => (
        <Block
          key={block}
          view={view}
          line={line}
          block={block}
          left={left}
          active={within(active, block)}
          selected={within(selected, block)}
        />
      ))}
    </div>
  );
});

/** The blocks of columns that are seen, and the one with the keyboard in it, which must not vanish. */
function blocksOf({ first, end }: Span, active: number | null): number[] {
  const blocks = [];
  for (let block = Math.floor(first / BLOCK); block * BLOCK < end; block += 1) blocks.push(block);
  const pinned = active === null || active < 0 ? -1 : Math.floor(active / BLOCK);
  if (pinned >= 0 && !blocks.includes(pinned)) blocks.push(pinned);
  return blocks;
}

function within(column: number | null, block: number): number | null {
  return column !== null && Math.floor(column / BLOCK) === block ? column : null;
}

interface BlockProps {
  readonly view: View;
  readonly line: number;
  readonly block: number;
  readonly left: number;
  readonly active: number | null;
  readonly selected: number | null;
}

const Block = memo(function Block(props: BlockProps) {
  const { view, line, block, left, active, selected } = props;
  const first = block * BLOCK;
  const end = Math.min(first + BLOCK, view.columns.length);
  const cells = [];
  for (let column = first; column < end; column += 1) {
    const { cell, counts, label } = view.at(line, column);
    cells.push(
      <div
        key={column}
        role="gridcell"
        aria-colindex={columnIndex(column)}
        aria-label={label}
        aria-selected={column === selected ? true : undefined}
        tabIndex={column === active ? 0 : undefined}
        className={classes.cell}
        data-cell={cell}
        data-group={counts ? true : undefined}
        style={boxOf(view, left, column, counts)}
      >
        {CELL_GLYPHS[cell]}
        {cell !== 'unpaired' && counts?.[cell]}
        {view.sizes.words && <small>{CELL_WORDS[cell]}</small>}
      </div>,
    );
  }
  return cells;
});

/** Few properties, because there are many cells. */
function boxOf(view: View, left: number, column: number, counts?: Tally): CSSProperties {
  const start = left + view.across.start(column);
  if (!counts && !view.columns[column]?.folded) return { left: start };
  return { left: start, width: view.across.size(column), ...(counts && shares(counts)) };
}

/** Of all that were paired: how far what broke, and what broke or is unknown, reaches. */
function shares({ compatible, incompatible, unknown }: Tally): CSSProperties {
  const all = Math.max(1, compatible + incompatible + unknown);
  const part = (count: number) => `${((count / all) * 100).toFixed(1)}%`;
  return { '--bad': part(incompatible), '--open': part(incompatible + unknown) } as CSSProperties;
}

interface LineHeadProps {
  readonly view: View;
  readonly line: number;
  readonly active: boolean;
}

function LineHead({ view, line, active }: LineHeadProps) {
  const drawn = view.rows[line];
  const row = view.row(line);
  if (!drawn || !row) return null;
  const { group, folded, leads } = drawn;
  const [namespace = '', name = ''] = row.module.split('/');
  const toggles = leads && group.members.length > 1;
  const Chevron = folded ? ChevronRight : ChevronDown;
  const state = row.state === 'published' || folded ? '' : words(row.state);
  return (
    <div
      role="rowheader"
      aria-colindex={columnIndex(HEADER)}
      className={classes.lineHead}
      tabIndex={active ? 0 : -1}
      title={`${view.rowName(line)}${state && `, ${state.toLowerCase()}`}`}
      {...(toggles && { 'aria-expanded': !folded })}
    >
      <span className={classes.toggle} data-toggle={toggles || undefined}>
        {toggles && <Chevron size={14} aria-hidden />}
      </span>
      <span className={classes.module}>
        <span className={classes.namespace}>{namespace}/</span>
        {name}
      </span>
      {folded ? (
        <span className={classes.version}>
          {group.major}.x <small>{plural(group.members.length, 'release')}</small>
        </span>
      ) : (
        <span className={classes.version}>
          {state && <small>{state}</small>}{' '}
          <a
            href={`/modules/${row.module}/${encodeURIComponent(row.version)}`}
            tabIndex={-1}
            data-open={`${row.module}@${row.version}`}
          >
            {row.version}
          </a>
        </span>
      )}
    </div>
  );
}
