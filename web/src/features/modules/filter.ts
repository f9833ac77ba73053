// What the address says about which modules are wanted, and back. Pure.

import type { ModuleFilter } from '@/queries/modules';

/** What a list of modules can be narrowed to, in the order of the panel. */
export const FACETS = ['kind', 'namespace', 'task', 'base', 'state'] as const;
export type Facet = (typeof FACETS)[number];

/** The filter in the search part of an address; what makes no sense is left out. */
export function readFilter(search: Record<string, unknown>): ModuleFilter {
  const query = textOf(search.query).trim();
  const narrowed = FACETS.map((facet) => [facet, listOf(textOf(search[facet])).join(',')] as const);
  return Object.fromEntries(
    [['query', query] as const, ...narrowed].filter(([, value]) => value !== ''),
  );
}

/** The router reads `?query=12` as a number, and `?query=true` as a truth. */
function textOf(given: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof given) ? String(given) : '';
}

/** Each value once, in a fixed order: the same filter has one address and one answer. */
function listOf(text: string): string[] {
  const values = text.split(',').map((value) => value.trim());
  return [...new Set(values)].filter((value) => value !== '').sort();
}

/** What a facet is narrowed to; nothing when it is not. */
export function chosenOf(filter: ModuleFilter, facet: Facet): string[] {
  return listOf(filter[facet] ?? '');
}

/** The filter with that value taken in, or out where it is in. */
export function toggled(filter: ModuleFilter, facet: Facet, value: string): ModuleFilter {
  const chosen = chosenOf(filter, facet);
  const next = chosen.includes(value)
    ? chosen.filter((other) => other !== value)
    : [...chosen, value];
  return readFilter({ ...filter, [facet]: next.join(',') });
}

/** The filter with those words to search for. */
export function searched(filter: ModuleFilter, query: string): ModuleFilter {
  return readFilter({ ...filter, query });
}

export interface Narrowing {
  readonly facet: Facet;
  readonly value: string;
}

/** Everything that the list is narrowed to, apart from what is searched for. */
export function narrowings(filter: ModuleFilter): Narrowing[] {
  return FACETS.flatMap((facet) => chosenOf(filter, facet).map((value) => ({ facet, value })));
}

export function isNarrowed(filter: ModuleFilter): boolean {
  return Object.keys(readFilter({ ...filter })).length > 0;
}
