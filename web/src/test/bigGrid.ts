// A grid as large as wanted, always the same.

import type { Grid } from '@/api/types';

export function bigGrid(rows: number, columns: number): Grid {
  const next = dice(11);
  return {
    columns: Array.from({ length: columns }, (_, index) => ({
      version: `${Math.floor(index / 10) + 1}.${index % 10}.0`,
      state: 'published',
    })),
    rows: Array.from({ length: rows }, (_, index) => ({
      module: `acme/probe-${String(Math.floor(index / 4)).padStart(4, '0')}`,
      version: `${(Math.floor(index / 2) % 2) + 1}.${index % 2}.0`,
      kind: 'adapter',
      state: 'published',
      cells: Array.from({ length: columns }, () => 'ccciu.'.charAt(next(6))).join(''),
    })),
  };
}

/** Whole numbers below a limit that look thrown, from a seed. */
export function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
