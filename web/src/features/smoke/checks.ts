// The checks of a report: in which order, what each proves, and how many ended how. Pure.

import type { CheckStatus, Report } from '@/api/types';
import { words } from '@/ui/format';
import { figuresOf } from './figures';

export interface CheckLine {
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** What it proves, in a sentence. */
  readonly proves: string;
  readonly status: CheckStatus;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** In the order in which the engine makes them. */
const KNOWN: readonly (readonly [name: string, title: string, proves: string])[] = [
  ['loads', 'Loads', 'Every part of it can be loaded.'],
  ['keys', 'Keys', 'Every tensor has its place, and no place is left empty.'],
  ['finite', 'Finite', 'No weight and no output is a NaN or an infinity.'],
  ['deterministic', 'Deterministic', 'The same inputs give the same bits twice.'],
  ['output_contract', 'Output contract', 'Outputs have the shapes and types that were declared.'],
  ['routes', 'Routes', 'A router chooses among its candidates, and nothing else.'],
  ['batch_independent', 'Batch', 'A row gives the same whatever other rows are beside it.'],
  ['padding_independent', 'Padding', 'Tokens give the same with padding behind them.'],
  ['half_precision', 'Half precision', 'Rounded to bfloat16, its outputs mean the same.'],
  ['adapter_effect', 'Adapter effect', 'The adapter changes what the backbone gives.'],
  ['restored', 'Restored', 'Taken off, it leaves the backbone bit for bit as it was.'],
  ['golden', 'Golden', 'It gives the outputs that its maker saw.'],
  ['evaluation', 'Evaluation', 'It answers its evaluation set, and no worse than at home.'],
  ['drift', 'Drift', 'It behaves here as on the backbone that it was made for.'],
];

const ORDER = new Map(KNOWN.map(([name], place) => [name, place]));
const SAYS = new Map(KNOWN.map(([name, title, proves]) => [name, { title, proves }]));

/** In the engine's order; checks that this page does not know come last, by name. */
export function linesOf(report: Report): CheckLine[] {
  const place = (name: string) => ORDER.get(name) ?? KNOWN.length;
  return Object.entries(report.checks)
    .map(([name, check]) => ({
      name,
      ...saysOf(name),
      status: check.status,
      figures: figuresOf(check),
    }))
    .sort((a, b) => place(a.name) - place(b.name) || a.name.localeCompare(b.name));
}

/** The check of that name, where the report has one that was made. */
export function madeCheck(report: Report, name: string): CheckLine | null {
  const line = linesOf(report).find((check) => check.name === name);
  return line && line.status !== 'skipped' ? line : null;
}

function saysOf(name: string): { title: string; proves: string } {
  return (
    SAYS.get(name) ?? { title: words(name), proves: 'A check that this page has no words for.' }
  );
}

export type Tally = Readonly<Record<CheckStatus, number>>;

export function tallyOf(lines: readonly CheckLine[]): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { status } of lines) tally[status] += 1;
  return tally;
}

/** `6 passed, 1 failed, 2 do not apply`. */
export function tallyWords({ passed, failed, skipped }: Tally): string {
  return [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
    .filter(Boolean)
    .join(', ');
}
