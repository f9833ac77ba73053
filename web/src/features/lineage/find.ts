// Looking for nodes by name. Pure.

import { compareNodes, nameOf } from './names';
import type { Net } from './net';

/** Keys of the nodes whose name has all these words in it, by name. */
export function find(net: Net, text: string): string[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const fits = (name: string) => words.every((word) => name.includes(word));
  return [...net.nodes.values()]
    .filter((node) => fits(nameOf(node).toLowerCase()))
    .sort(compareNodes)
    .map(({ key }) => key);
}

/** The hit after the one that is looked at, round and round. */
export function nextHit(
  hits: readonly string[],
  at: string | undefined,
  step: 1 | -1,
): string | null {
  if (hits.length === 0) return null;
  const index = at === undefined ? -1 : hits.indexOf(at);
  if (index < 0) return hits[step === 1 ? 0 : hits.length - 1] ?? null;
  return hits[(index + step + hits.length) % hits.length] ?? null;
}
