// What the address of a comparison says. Pure.

export interface CompareSearch {
  /** Each a version or a channel. */
  readonly from?: string;
  readonly to?: string;
  /** What is the same too. */
  readonly all?: true;
}

export function readCompare(search: Record<string, unknown>): CompareSearch {
  const { from, to, all } = search;
  return {
    ...(isName(from) && { from }),
    ...(isName(to) && { to }),
    ...(all === true && { all }),
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
