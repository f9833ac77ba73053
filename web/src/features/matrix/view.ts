// The grid as it is drawn: lines in both directions, and what a cell of it says. Pure.

import type { GridColumn, GridRow } from '@/api/types';
import { type Cell, cellAt, CELL_WORDS, sayTally, type Tally, tally, worstOf } from './cells';
import type { Line } from './groups';
import type { Density } from './search';
import { type Span, Track } from './track';

/** In pixels. */
export interface Sizes {
  readonly row: number;
  readonly column: number;
  /** Of a column that stands for a whole group. */
  readonly folded: number;
  /** Whether a cell has room for its verdict as a word. */
  readonly words: boolean;
}

/** Columns up to that many are drawn wide. */
const FEW = 8;

/** A cell is never smaller than what a finger can hit, and as wide as there is room for. */
export function sizesOf(density: Density, columns: number): Sizes {
  if (density === 'compact') return { row: 24, column: 24, folded: 44, words: false };
  if (columns <= FEW) return { row: 34, column: 122, folded: 122, words: true };
  return { row: 32, column: 36, folded: 56, words: false };
}

/** What a cell shows: of one pair, or of many. */
export interface Drawn {
  readonly cell: Cell;
  /** Where it stands for more than one pair: what these came to. */
  readonly counts?: Tally;
  readonly label: string;
}

interface Releases {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly GridRow[];
}

export class View {
  readonly rows: readonly Line[];
  readonly columns: readonly Line[];
  /** Where the lines stand. */
  readonly down: Track;
  readonly across: Track;
  readonly sizes: Sizes;
  readonly #grid: Releases;
  readonly #bands: readonly Band[];

  constructor(grid: Releases, rows: readonly Line[], columns: readonly Line[], density: Density) {
    this.sizes = sizesOf(density, columns.length);
    const { row, column, folded } = this.sizes;
    this.rows = rows;
    this.columns = columns;
    this.down = new Track(rows.map(() => row));
    this.across = new Track(columns.map((line) => (line.folded ? folded : column)));
    this.#grid = grid;
    this.#bands = bandsOf(columns);
  }

  /** The groups of columns, each with the columns that are drawn of it. */
  get bands(): readonly Band[] {
    return this.#bands;
  }

  bandAt(column: number): Span {
    const band = this.#bands.find(({ end }) => column < end);
    return band ?? { first: column, end: column + 1 };
  }

  row(line: number): GridRow | undefined {
    return this.#grid.rows[this.rows[line]?.members[0] ?? -1];
  }

  column(column: number): GridColumn | undefined {
    return this.#grid.columns[this.columns[column]?.members[0] ?? -1];
  }

  /** `acme/topics 1.0.0`, or `acme/topics 1.x` for a group. */
  rowName(line: number): string {
    const drawn = this.rows[line];
    if (!drawn) return '';
    const { module, major } = drawn.group;
    return `${module} ${drawn.folded ? `${major}.x` : (this.row(line)?.version ?? '')}`;
  }

  columnName(column: number): string {
    const drawn = this.columns[column];
    if (!drawn) return '';
    return drawn.folded ? `${drawn.group.major}.x` : (this.column(column)?.version ?? '');
  }

  tally(line: number, column: number): Tally {
    const [rows, columns] = [this.rows[line]?.members ?? [], this.columns[column]?.members ?? []];
    const { rows: all } = this.#grid;
    return tally(rows.flatMap((row) => columns.map((at) => cellAt(all[row], at))));
  }

  at(line: number, column: number): Drawn {
    const about = `${this.rowName(line)} on ${this.columnName(column)}`;
    const [row, drawn] = [this.rows[line], this.columns[column]];
    if (!row?.folded && !drawn?.folded) {
      const cell = cellAt(this.row(line), drawn?.members[0] ?? -1);
      return { cell, label: `${about}: ${CELL_WORDS[cell]}` };
    }
    const counts = this.tally(line, column);
    return { cell: worstOf(counts), counts, label: `${about}: ${sayTally(counts)}` };
  }
}

/** A group of columns over the columns that are drawn of it. */
export interface Band extends Span {
  readonly line: Line;
}

function bandsOf(columns: readonly Line[]): Band[] {
  const firsts = columns.flatMap((line, index) => (line.leads ? [{ line, first: index }] : []));
  return firsts.map(({ line, first }, index) => ({
    line,
    first,
    end: firsts[index + 1]?.first ?? columns.length,
  }));
}
