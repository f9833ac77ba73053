// What the address says about which modules are wanted. Pure.

import { KINDS } from '@/api/types';
import type { ModuleFilter } from '@/queries/modules';

/** The filter in the search part of an address; what makes no sense is left out. */
export function readFilter(search: Record<string, unknown>): ModuleFilter {
  const kind = KINDS.find((known) => known === search.kind);
  // The router reads `?query=12` as a number.
  const given = search.query;
  const query = typeof given === 'string' || typeof given === 'number' ? String(given) : '';
  return { ...(query && { query }), ...(kind && { kind }) };
}
