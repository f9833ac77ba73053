// What the address says about how the matrix is looked at. Pure.

import { type Cell, CELLS } from './cells';

export const DENSITIES = ['comfortable', 'compact'] as const;

export type Density = (typeof DENSITIES)[number];

export interface MatrixSearch {
  /** Part of a dependent module's name. */
  readonly query?: string | undefined;
  /** Only rows with such a cell. */
  readonly verdict?: Cell | undefined;
  /** The release of the backbone that the summary is about; the newest when absent. */
  readonly on?: string | undefined;
  /** Only rows that do not fit on that release. */
  readonly breaks?: true | undefined;
  /** Which groups are folded; see `Fold`. */
  readonly fold?: string | undefined;
  /** The cell that is explained: `namespace/name@version`, … */
  readonly dependent?: string | undefined;
  /** … and a version of the backbone. */
  readonly base?: string | undefined;
  readonly density?: 'compact' | undefined;
}

export function readMatrixSearch(search: Record<string, unknown>): MatrixSearch {
  const text = (name: string) => {
    const value = search[name];
    // The router reads `?query=12` as a number.
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
  const verdict = CELLS.find((known) => known === search.verdict);
  const [query, on, fold] = [text('query'), text('on'), text('fold')];
  const [dependent, base] = [text('dependent'), text('base')];
  return {
    ...(query && { query }),
    ...(verdict && { verdict }),
    ...(on && { on }),
    ...((search.breaks === true || search.breaks === 'true') && { breaks: true }),
    ...(fold && { fold }),
    ...(dependent && base && { dependent, base }),
    ...(search.density === 'compact' && { density: 'compact' }),
  };
}
