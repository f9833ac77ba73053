// What the characters of a grid mean, and counting them. Pure.

import type { GridRow, Verdict } from '@/api/types';

/** A cell of a grid: a verdict, or none because the two never met. */
export type Cell = Verdict | 'unpaired';

export const CELLS = [
  'compatible',
  'incompatible',
  'unknown',
  'unpaired',
] as const satisfies readonly Cell[];

/** The worst first: what a group of cells comes to. */
const WORST = [
  'incompatible',
  'unknown',
  'compatible',
  'unpaired',
] as const satisfies readonly Cell[];

const BY_CODE: Partial<Record<string, Cell>> = {
  c: 'compatible',
  i: 'incompatible',
  u: 'unknown',
};

const LETTERS: Record<Cell, string> = {
  compatible: 'c',
  incompatible: 'i',
  unknown: 'u',
  unpaired: '.',
};

export const CELL_WORDS: Record<Cell, string> = {
  compatible: 'compatible',
  incompatible: 'incompatible',
  unknown: 'unknown',
  unpaired: 'never paired',
};

export const CELL_GLYPHS: Record<Cell, string> = {
  compatible: '✓',
  incompatible: '✕',
  unknown: '?',
  unpaired: '·',
};

/** The cell of a row in a column; a row that is too short was never paired there. */
export function cellAt(row: GridRow | undefined, column: number): Cell {
  return BY_CODE[row?.cells.charAt(column) ?? ''] ?? 'unpaired';
}

/** Whether a row has such a cell at all. */
export function hasCell(row: GridRow, cell: Cell): boolean {
  return row.cells.includes(LETTERS[cell]);
}

/** How many cells there are of each kind. */
export type Tally = Readonly<Record<Cell, number>>;

export function tally(cells: Iterable<Cell>): Tally {
  const counts = { compatible: 0, incompatible: 0, unknown: 0, unpaired: 0 };
  for (const cell of cells) counts[cell] += 1;
  return counts;
}

/** Of all cells of these rows. */
export function tallyOf(rows: readonly GridRow[], columns: number): Tally {
  // By character code: these may be millions.
  const codes = new Uint32Array(128);
  for (const { cells } of rows) {
    const length = Math.min(columns, cells.length);
    for (let at = 0; at < length; at += 1) {
      const code = cells.charCodeAt(at) & 127;
      codes[code] = (codes[code] ?? 0) + 1;
    }
  }
  const count = (cell: Cell) => codes[LETTERS[cell].charCodeAt(0)] ?? 0;
  const [compatible, incompatible, unknown] = [
    count('compatible'),
    count('incompatible'),
    count('unknown'),
  ];
  const unpaired = rows.length * columns - compatible - incompatible - unknown;
  return { compatible, incompatible, unknown, unpaired };
}

/** What a group of cells comes to: the worst of those that were paired at all. */
export function worstOf(counts: Tally): Cell {
  return WORST.find((cell) => counts[cell] > 0) ?? 'unpaired';
}

/** `3 incompatible, 1 unknown, 12 compatible`. */
export function sayTally(counts: Tally): string {
  const said = WORST.filter((cell) => counts[cell] > 0).map(
    (cell) => `${counts[cell]} ${CELL_WORDS[cell]}`,
  );
  return said.length > 0 ? said.join(', ') : 'nothing';
}
