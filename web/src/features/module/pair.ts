// Two releases that are chosen to be compared. Pure.

/** With that one chosen, or not any more; a third takes the place of the one chosen first. */
export function choose(chosen: readonly string[], version: string): string[] {
  if (chosen.includes(version)) return chosen.filter((other) => other !== version);
  return [...chosen, version].slice(-2);
}

/** From the older to the newer: versions come highest first. */
export function sidesOf(
  versions: readonly string[],
  chosen: readonly string[],
): { from: string; to: string } | null {
  const [to, from, more] = versions.filter((version) => chosen.includes(version));
  return to !== undefined && from !== undefined && more === undefined ? { from, to } : null;
}
