// What an adapter does to a backbone, by layer and role. Pure.

import type { Update } from '@/api/types';
import { placeOf, rankOf } from './parameters';

export const MEASURES = ['relative', 'norm', 'rank'] as const;
export type Measure = (typeof MEASURES)[number];

export interface StripRow {
  readonly role: string;
  readonly word: string;
  /** By layer, from the first on; null where nothing changes. */
  readonly cells: readonly (Update | null)[];
}

/** The layers of one stack, as of an encoder. */
export interface Strip {
  readonly stack: string;
  readonly layers: number;
  readonly rows: readonly StripRow[];
}

export interface Strips {
  readonly strips: readonly Strip[];
  /** Updates of what stands outside of all layers. */
  readonly apart: readonly Update[];
}

/** A number of that size is no layer's: a strip with so many cells shows nothing. */
const MOST_LAYERS = 1024;

export function stripsOf(updates: readonly Update[]): Strips {
  const apart: Update[] = [];
  const stacks = new Map<string, Map<string, Roles>>();
  for (const update of updates) {
    const place = placeOf(update.parameter);
    if (place.layer === null || place.layer >= MOST_LAYERS) {
      apart.push(update);
      continue;
    }
    const rows = entry(stacks, place.stack, () => new Map<string, Roles>());
    const row = entry(rows, place.role, () => ({
      rank: rankOf(place),
      word: place.word,
      at: new Map<number, Update>(),
    }));
    row.at.set(place.layer, update);
  }
  const strips = [...stacks].map(([stack, rows]) => {
    const layers = 1 + Math.max(...[...rows.values()].flatMap(({ at }) => [...at.keys()]));
    const sorted = [...rows].sort(
      ([a, { rank: first }], [b, { rank: second }]) => first - second || a.localeCompare(b),
    );
    return { stack, layers, rows: sorted.map(([role, row]) => rowOf(role, row, layers)) };
  });
  return { strips, apart };
}

interface Roles {
  readonly rank: number;
  readonly word: string;
  readonly at: Map<number, Update>;
}

function rowOf(role: string, row: Roles, layers: number): StripRow {
  const cells = Array.from({ length: layers }, (_, layer) => row.at.get(layer) ?? null);
  return { role, word: row.word, cells };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

export function valueOf(update: Update, measure: Measure): number | null {
  if (measure === 'relative') return update.relative_norm ?? null;
  if (measure === 'norm') return update.norm;
  return update.effective_rank ?? null;
}

/** What a full cell means: the largest value; for ranks the largest bound, where there is one. */
export function fullOf(updates: readonly Update[], measure: Measure): number {
  const of = (update: Update) =>
    Math.max(valueOf(update, measure) ?? 0, measure === 'rank' ? (update.rank_bound ?? 0) : 0);
  return updates.reduce((most, update) => Math.max(most, of(update)), 0);
}

/** How full a cell is, from 0 to 1. */
export function shareOf(value: number | null, full: number): number {
  if (value === null || !(full > 0) || Number.isNaN(value)) return 0;
  return Math.min(1, Math.max(0, value / full));
}

/** The update that changes its parameter most, as far as that can be said of a share. */
export function largestOf(updates: readonly Update[]): Update | null {
  const measured = updates.filter((update) => typeof update.relative_norm === 'number');
  return byChange(measured)[0] ?? null;
}

/** The largest changes first; those of parameters that were all zeros have no share and come before all. */
export function byChange(updates: readonly Update[]): Update[] {
  const of = (update: Update) => update.relative_norm ?? Number.POSITIVE_INFINITY;
  return [...updates].sort((a, b) => (of(a) === of(b) ? 0 : of(b) - of(a)));
}
