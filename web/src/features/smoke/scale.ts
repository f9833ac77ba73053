// Where figures lie on the scales of a report, from 0 (left) to 1 (right). Pure.

/** Where a report has no bounds of its own: an older engine warned below this mean cosine, below the other it refused. */
export const WATCHED_BELOW = 0.99;
export const REFUSED_BELOW = 0.95;

/** On a scale of powers of ten; what is smaller or larger lies at its ends. */
export function logPlace(value: number, from: number, to: number): number {
  if (!(value > from)) return 0;
  if (value >= to) return 1;
  return Math.log(value / from) / Math.log(to / from);
}

/**
 * A cosine, by its distance from 1: what matters happens close to it. What is no number is the worst
 * that can be.
 */
export function cosinePlace(cosine: number): number {
  return Number.isNaN(cosine) ? 1 : logPlace(1 - cosine, 1e-4, 2);
}

export type Drift = 'same' | 'watched' | 'other';

/** What the engine makes of a likeness. */
export function driftOf(
  likeness: number,
  watchedBelow = WATCHED_BELOW,
  refusedBelow = REFUSED_BELOW,
): Drift {
  if (likeness >= watchedBelow) return 'same';
  return likeness >= refusedBelow ? 'watched' : 'other';
}

/** How much of the wider of two bars each fills, and how many times the second the first is. */
export interface Pair {
  readonly first: number;
  readonly second: number;
  readonly ratio: number | null;
}

export function pairOf(first: number, second: number): Pair {
  const widest = Math.max(first, second);
  if (!(widest > 0)) return { first: 0, second: 0, ratio: null };
  return {
    first: first / widest,
    second: second / widest,
    ratio: second > 0 ? first / second : null,
  };
}

/** `1.08 ×`. */
export function formatRatio(ratio: number): string {
  return `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3)} ×`;
}
