// What the panel shows of a facet. Pure.

import type { FacetCount } from '@/api/types';
import type { Facet } from './filter';
import { nameOf } from './words';

/** How many values show before somebody asks for all. */
export const FEW = 6;
/** From how many on they can be searched. */
export const MANY = 10;

export interface Choice extends FacetCount {
  readonly chosen: boolean;
}

/** The values of a facet, with those that were chosen though no module has them any more. */
export function choicesOf(counts: readonly FacetCount[], chosen: readonly string[]): Choice[] {
  const known = new Set(counts.map(({ value }) => value));
  const gone = chosen.filter((value) => !known.has(value));
  return [
    ...counts.map((count) => ({ ...count, chosen: chosen.includes(count.value) })),
    ...gone.map((value) => ({ value, count: 0, chosen: true })),
  ];
}

/** Of all choices those that show: what was chosen always, of the others what fits or what there is room for. */
export function shownOf(
  facet: Facet,
  choices: readonly Choice[],
  { all, text }: { readonly all: boolean; readonly text: string },
): Choice[] {
  const wanted = text.trim().toLowerCase();
  if (wanted !== '') {
    return choices.filter(({ value, chosen }) => {
      return chosen || `${value} ${nameOf(facet, value)}`.toLowerCase().includes(wanted);
    });
  }
  if (all) return [...choices];
  return choices.filter(({ chosen }, index) => chosen || index < FEW);
}
