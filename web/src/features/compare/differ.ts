// Differences in words and figures. Pure.

import type { Change, Port } from '@/api/types';
import { formatFigure } from '@/ui/format';

/** What became of something of which either side may lack it. */
export function changeOf(before: unknown, after: unknown): Change {
  const [had, has] = [before ?? null, after ?? null];
  if (had === null && has === null) return 'same';
  if (had === null) return 'added';
  if (has === null) return 'removed';
  return sameJson(had, has) ? 'same' : 'changed';
}

/** The order of fields makes no difference. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Object.is(a, b);
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => key in right && sameJson(left[key], right[key]))
  );
}

/** Without what is the same, unless everything is wanted. */
export function wanted<T extends { readonly change: Change }>(
  items: readonly T[],
  all: boolean,
): readonly T[] {
  return all ? items : items.filter(({ change }) => change !== 'same');
}

/** `1 added, 2 changed`; the same is no difference. */
export function tally(changes: readonly Change[]): string {
  const said = (['added', 'removed', 'changed'] as const)
    .map((change) => [changes.filter((other) => other === change).length, change] as const)
    .filter(([count]) => count > 0)
    .map(([count, change]) => `${count} ${change}`);
  return said.length > 0 ? said.join(', ') : 'No difference';
}

/** `/provenance/datasets/0` (RFC 6901) as a reader puts it. */
export function pointerName(pointer: string): string {
  if (pointer === '') return 'everything';
  const parts = pointer.slice(1).split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join(' › ');
}

/** A value of the manifest as it stands there; text without its quotation marks, plain lists with commas. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) {
    return value.join(', ');
  }
  return JSON.stringify(value);
}

export interface Difference {
  readonly text: string;
  readonly is: 'more' | 'less' | 'same';
}

/** By how much a figure grew or shrank, in its own measure and, unless it is a share itself, in percent. */
export function difference(
  before: number,
  after: number,
  format: (size: number) => string = formatFigure,
  inPercent = true,
): Difference {
  const by = after - before;
  if (by === 0) return { text: '±0', is: 'same' };
  const sign = by > 0 ? '+' : '−';
  const share = before === 0 || !inPercent ? '' : ` (${shareText(sign, Math.abs(by / before))})`;
  return { text: `${sign}${format(Math.abs(by))}${share}`, is: by > 0 ? 'more' : 'less' };
}

function shareText(sign: string, share: number): string {
  // Beyond that nobody reads percent.
  if (share >= 10) return `${Math.round(share + 1)} times as much`;
  const percent = share * 100;
  return `${sign}${percent < 10 ? +percent.toPrecision(2) : Math.round(percent)} %`;
}

const PORT_FIELDS = [
  'dtype',
  'dims',
  'semantics',
  'modality',
  'normalisation',
  'vocabulary',
  'classes',
  'origin',
] as const;

export interface PortPart {
  readonly field: (typeof PORT_FIELDS)[number];
  readonly text: string;
  /** Whether the other side says it otherwise. */
  readonly differs: boolean;
}

/** What a port says, part by part, against the same port of the other side. */
export function portParts(port: Port, other: Port | null | undefined): PortPart[] {
  return PORT_FIELDS.flatMap((field) => {
    const value = port[field];
    if (value === null || value === undefined) return [];
    if (field === 'classes' && value.length === 0) return [];
    const text = Array.isArray(value) ? `[${value.join(', ')}]` : value;
    const differs = other !== null && other !== undefined && !sameJson(value, other[field] ?? null);
    return [{ field, text, differs }];
  });
}
