// Hundreds of attach points, by the part of the model that they belong to. Pure.

import type { AttachPointChange, Change } from '@/api/types';

export interface PointGroup {
  /** `encoder.layer.0` */
  readonly prefix: string;
  readonly points: readonly AttachPointChange[];
}

/** The layer that a parameter is in: its name up to the first number, or else its first two words. */
export function prefixOf(name: string): string {
  const parts = name.split('.');
  const number = parts.findIndex((part) => /^\d+$/.test(part));
  if (number >= 0 && number < parts.length - 1) return parts.slice(0, number + 1).join('.');
  return parts.slice(0, Math.min(2, Math.max(1, parts.length - 1))).join('.');
}

/** In the order in which they come. */
export function groupsOf(points: readonly AttachPointChange[]): PointGroup[] {
  const groups = new Map<string, AttachPointChange[]>();
  for (const point of points) {
    const prefix = prefixOf(point.name);
    groups.set(prefix, [...(groups.get(prefix) ?? []), point]);
  }
  return [...groups].map(([prefix, members]) => ({ prefix, points: members }));
}

export interface PointFilter {
  /** Part of the name, in any case. */
  readonly text: string;
  /** What became of it; any when absent. */
  readonly change: Change | null;
}

export function pointsThatFit(
  points: readonly AttachPointChange[],
  { text, change }: PointFilter,
): AttachPointChange[] {
  const part = text.trim().toLowerCase();
  return points.filter(
    (point) =>
      (change === null || point.change === change) && point.name.toLowerCase().includes(part),
  );
}

/** `float32 128 × 128` */
export function pointText({ dtype, shape }: { dtype: string; shape: readonly number[] }): string {
  return `${dtype} ${shape.length > 0 ? shape.join(' × ') : 'scalar'}`;
}
