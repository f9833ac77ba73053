// Which tensors of each part were used, and which were not. Pure.

import type { Report } from '@/api/types';
import { madeCheck } from './checks';
import { Figures, type Table } from './figures';

/** As many names as the engine lists; there may be more. */
const MOST_LISTED = 20;

export interface Unused {
  readonly kind: 'missing' | 'unexpected' | 'ignored';
  readonly names: readonly string[];
  /** Whether there may be more than are named. */
  readonly more: boolean;
}

export interface Coverage {
  /** The part, as `acme/topics@1.1.0`. */
  readonly part: string;
  readonly used: number;
  /** Tensors that the part has: at least so many, where `more` are unused than are named. */
  readonly all: number;
  readonly more: boolean;
  /** Of the tensors that it has and those that it lacks, the share that was used, from 0 to 1. */
  readonly share: number;
  /** What is not used, or not there to be used: kinds without any are left out. */
  readonly unused: readonly Unused[];
}

/** Parts whose tensors were counted, in the order of the report. */
export function coverageOf(report: Report): Coverage[] {
  const check = madeCheck(report, 'keys');
  const parts = check && new Figures(check.figures).table('parts');
  return Object.entries(parts ?? {}).flatMap(([part, given]) => {
    const coverage = isTable(given) ? ofPart(part, new Figures(given)) : null;
    return coverage ? [coverage] : [];
  });
}

function ofPart(part: string, figures: Figures): Coverage | null {
  const used = figures.number('consumed');
  if (used === null) return null;
  const unused = (['missing', 'unexpected', 'ignored'] as const).map((kind) => {
    const names = figures.names(kind) ?? [];
    return { kind, names, more: names.length >= MOST_LISTED };
  });
  const there = unused.filter(({ kind }) => kind !== 'missing');
  const all = used + there.reduce((sum, { names }) => sum + names.length, 0);
  const wanted = unused.reduce((sum, { names }) => sum + names.length, used);
  return {
    part,
    used,
    all,
    more: there.some(({ more }) => more),
    share: wanted === 0 ? 0 : used / wanted,
    unused: unused.filter(({ names }) => names.length > 0),
  };
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `103 of 104 tensors used`; `or more` where not all that are unused are named. */
export function coverageWords({ used, all, more }: Coverage): string {
  const tensors = all === 1 && !more ? 'tensor' : 'tensors';
  return `${used} of ${more ? `${all} or more` : all} ${tensors} used`;
}
