// Facets and their values, in words. Pure.

import { words } from '@/ui/format';
import type { Facet } from './filter';

export const TITLES: Record<Facet, string> = {
  kind: 'Kind',
  namespace: 'Namespace',
  task: 'Task',
  base: 'Base model',
  state: 'State',
};

/** The API's own words are put as ours; names stay as they were given. */
export function nameOf(facet: Facet, value: string): string {
  if (facet === 'state' && value === 'none') return 'No release';
  return facet === 'kind' || facet === 'state' ? words(value) : value;
}
