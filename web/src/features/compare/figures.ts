// What two runs took and how well they did, figure by figure. Pure.

import type { Change, Check, CheckPair, Evaluation, RunFigures } from '@/api/types';
import { formatBytes, formatCount, formatFigure, formatSeconds, words } from '@/ui/format';
import { changeOf, difference, type Difference } from './differ';

export interface FigureLine {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly change: Change;
  readonly difference?: Difference;
  /** Whether that is good or bad, where it can be said: `faster`. */
  readonly means?: string;
}

type Numbers = {
  [
    Field in keyof RunFigures as NonNullable<RunFigures[Field]> extends number ? Field : never
  ]: true;
};

interface Measure {
  readonly field: keyof Numbers;
  readonly name: string;
  readonly format: (value: number) => string;
  /** Words for more and for less. */
  readonly words?: readonly [string, string];
}

const TIME = ['slower', 'faster'] as const;

const MEASURES: readonly Measure[] = [
  { field: 'forward_seconds', name: 'Forward pass', format: formatSeconds, words: TIME },
  { field: 'bare_forward_seconds', name: 'Bare backbone', format: formatSeconds, words: TIME },
  { field: 'load_seconds', name: 'Loading', format: formatSeconds, words: TIME },
  { field: 'peak_memory_bytes', name: 'Peak memory', format: formatBytes },
  { field: 'bare_peak_memory_bytes', name: 'Bare peak memory', format: formatBytes },
  { field: 'module_parameters', name: 'Parameters of the module', format: formatCount },
  { field: 'backbone_parameters', name: 'Parameters of the backbone', format: formatCount },
  { field: 'threads', name: 'Threads', format: formatCount },
];

const FACTS = ['device', 'engine', 'inputs', 'seed', 'sandbox'] as const;

type Maybe<T> = T | null | undefined;

export function runLines(before: Maybe<RunFigures>, after: Maybe<RunFigures>): FigureLine[] {
  if (!before && !after) return [];
  const measured = MEASURES.map(({ field, name, format, words: meaning }) =>
    figureLine(name, [before?.[field], after?.[field]], { format, words: meaning }),
  );
  const facts = FACTS.map((field) => {
    const [had, has] = [before?.[field], after?.[field]];
    const text = (value: unknown) => (value === undefined ? NONE : formatFigure(value));
    return { name: words(field), before: text(had), after: text(has), change: changeOf(had, has) };
  });
  // What neither run measured is no line.
  return [...measured, ...facts].filter((line) => line.before !== NONE || line.after !== NONE);
}

export const NONE = 'none';

interface Manner {
  readonly format: (value: number) => string;
  readonly words?: readonly [string, string] | undefined;
  /** For what is a share itself. */
  readonly inPercent?: boolean;
}

function figureLine(
  name: string,
  [before, after]: readonly [Maybe<number>, Maybe<number>],
  { format, words: meaning, inPercent = true }: Manner,
): FigureLine {
  const text = (value: Maybe<number>) => (typeof value === 'number' ? format(value) : NONE);
  const line = {
    name,
    before: text(before),
    after: text(after),
    change: changeOf(before, after),
  };
  if (typeof before !== 'number' || typeof after !== 'number') return line;
  const by = difference(before, after, format, inPercent);
  const means = by.is === 'same' ? undefined : meaning?.[by.is === 'more' ? 0 : 1];
  return { ...line, difference: by, ...(means && { means }) };
}

const SCORE: Manner = {
  format: (score) => score.toFixed(3),
  words: ['better', 'worse'],
  inPercent: false,
};

/** The scores of two evaluations; those of other metrics stand for themselves. */
export function scoreLines(before: Maybe<Evaluation>, after: Maybe<Evaluation>): FigureLine[] {
  if (before && after && before.metric !== after.metric) {
    return [...scoreLines(before, null), ...scoreLines(null, after)];
  }
  const metric = words((after ?? before)?.metric ?? '');
  if (metric === '') return [];
  const groups = new Set(
    [before, after].flatMap((evaluation) => evaluation?.groups ?? []).map(({ group }) => group),
  );
  const groupScore = (evaluation: Maybe<Evaluation>, name: string) =>
    evaluation?.groups?.find(({ group }) => group === name)?.score;
  const line = (name: string, had: Maybe<number>, has: Maybe<number>) =>
    figureLine(name, [had, has], SCORE);
  const without = line(`${metric} without adapters`, before?.score_without, after?.score_without);
  return [
    line(metric, before?.score, after?.score),
    ...(without.before === NONE && without.after === NONE ? [] : [without]),
    ...[...groups].map((name) =>
      line(`${metric}: ${name}`, groupScore(before, name), groupScore(after, name)),
    ),
  ];
}

export interface CheckLine extends CheckPair {
  readonly change: Change;
}

/**
 * What failed comes first, as it does everywhere. That a check tells the name of its own release, or how
 * long it took, is no difference: the run's figures say that.
 */
export function checkLines(
  checks: readonly CheckPair[],
  [first, second]: readonly [string, string],
): CheckLine[] {
  const failed = ({ before, after }: CheckPair) =>
    before?.status === 'failed' || after?.status === 'failed' ? 0 : 1;
  return checks
    .map((pair) => {
      const change = changeOf(essence(pair.before, first), essence(pair.after, second));
      return { ...pair, change };
    })
    .sort((a, b) => failed(a) - failed(b));
}

function essence(check: Maybe<Check>, release: string): unknown {
  if (!check) return null;
  const facts = JSON.stringify({ ...check, seconds: null });
  return JSON.parse(facts.replaceAll(release, 'itself'));
}
