// What the figures of a check say, in plain words. Pure.

import { formatCount, formatFigure, formatSeconds, plural, sentence, words } from '@/ui/format';
import type { CheckLine } from './checks';
import { Figures, type Table } from './figures';

export interface Said {
  readonly sentences: readonly string[];
  /** Figures that no sentence tells. */
  readonly left: readonly (readonly [string, unknown])[];
}

type Teller = (figures: Figures, passed: boolean) => readonly (string | null)[];

const TELLERS: Readonly<Record<string, Teller>> = {
  loads: (figures) => [said(figures.number('seconds'), (s) => `Loaded in ${formatSeconds(s)}.`)],
  keys: (figures) => Object.entries(figures.table('parts') ?? {}).map(keysOf),
  finite: (figures, passed) => [
    said(figures.number('outputs'), (outputs) =>
      passed
        ? `${plural(outputs, 'output')}, without a NaN or an infinity.`
        : `${plural(outputs, 'output')} looked through.`,
    ),
  ],
  deterministic: (figures, passed) => [
    said(figures.number('runs'), (runs) =>
      passed ? `${runs} runs gave the same bits.` : `${runs} runs did not give the same bits.`,
    ),
  ],
  output_contract: contract,
  routes: (figures) => Object.entries(figures.table('parts') ?? {}).map(routesOf),
  batch_independent: apart,
  padding_independent: apart,
  half_precision: (figures) => [
    said(figures.number('cosine_mean'), (mean) => `Mean cosine ${shown(mean)} to float32.`),
    said(figures.number('cosine_mean_bare'), (mean) => `The bare backbone's is ${shown(mean)}.`),
    said(figures.number('cosine_at_least'), (least) => `Below ${shown(least)} is worth a look.`),
  ],
  adapter_effect: effect,
  restored,
  golden,
  evaluation,
  drift,
};

export function saidOf(line: CheckLine): Said {
  const figures = new Figures(line.figures);
  const reason = said(figures.text('reason'), sentence);
  const told = TELLERS[line.name]?.(figures, line.status === 'passed') ?? [];
  return {
    sentences: [...told, reason].filter((text) => text !== null),
    left: figures.left,
  };
}

function said<T>(value: T | null, tell: (value: T) => string): string | null {
  return value === null ? null : tell(value);
}

const shown = (value: number) => formatFigure(value);

/** `demo/minilm@1.0.0: 103 tensors in place, 1 ignored (embeddings.position_ids).` */
function keysOf([part, given]: [string, unknown]): string {
  const figures = new Figures(isRecord(given) ? given : { figures: given });
  const consumed = figures.number('consumed');
  const parts = [
    consumed === null ? null : `${plural(consumed, 'tensor')} in place`,
    ...(['missing', 'unexpected', 'ignored'] as const).map((word) => {
      const names = figures.names(word) ?? [];
      return names.length > 0 ? `${names.length} ${word} (${names.join(', ')})` : null;
    }),
    ...figures.left.map(([name, value]) => `${name} ${formatFigure(value)}`),
  ];
  return `${part}: ${parts.filter((text) => text !== null).join(', ')}.`;
}

/** `demo/router@1.0.0: demo/one 5 times, demo/two 3 times, of 4 candidates.` */
function routesOf([part, given]: [string, unknown]): string {
  const figures = new Figures(isRecord(given) ? given : {});
  const chosen = Object.entries(figures.table('chosen') ?? {})
    .filter(([, times]) => times !== 0)
    .map(
      ([candidate, times]) =>
        `${candidate} ${times === 1 ? 'once' : `${formatFigure(times)} times`}`,
    );
  const candidates = figures.number('candidates');
  const of = candidates === null ? '' : `, of ${plural(candidates, 'candidate')}`;
  return `${part}: ${chosen.length > 0 ? chosen.join(', ') : 'none chosen'}${of}.`;
}

function isRecord(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function contract(figures: Figures): readonly (string | null)[] {
  const declared = said(figures.number('declared'), (count) =>
    count === 0
      ? 'None is declared: each has to follow the batch.'
      : `${plural(count, 'output')} declared.`,
  );
  const shapes = said(figures.table('shapes'), (table) => `Given: ${formatFigure(table)}.`);
  return [declared, shapes];
}

function apart(figures: Figures): readonly (string | null)[] {
  return [
    said(figures.number('max_abs'), (max) => `No number differs by more than ${shown(max)}.`),
    said(figures.number('tolerance'), (most) => `${shown(most)} is tolerated.`),
  ];
}

function effect(figures: Figures): readonly (string | null)[] {
  const [max, mean] = [figures.number('max_abs'), figures.number('mean_abs')];
  const names = figures.names('new_outputs') ?? [];
  return [
    max === null ? null : `It moves the backbone's outputs by ${shown(max)} at most.`,
    mean === null ? null : `By ${shown(mean)} on average.`,
    names.length > 0 ? `It brings outputs of its own: ${names.join(', ')}.` : null,
  ];
}

function drift(figures: Figures): readonly (string | null)[] {
  const output = figures.text('effect_output');
  const ratio = figures.number('effect_ratio');
  return [
    said(
      figures.number('correlation'),
      (like) => `What tells rows apart has a correlation of ${shown(like)} with home's.`,
    ),
    said(figures.number('watched_below'), (most) => `Below ${shown(most)} is worth a look.`),
    said(figures.number('refused_below'), (most) => `Below ${shown(most)} is refused.`),
    said(figures.number('cosine_mean'), (mean) => `Mean cosine ${shown(mean)} to home's outputs.`),
    said(figures.number('cosine_min'), (least) => `The lowest of a row is ${shown(least)}.`),
    said(figures.number('max_abs'), (max) => `No number differs by more than ${shown(max)}.`),
    said(figures.names('outputs'), (outputs) => `Compared: ${outputs.join(', ')}.`),
    said(
      figures.number('bare_correlation'),
      (like) => `The bare backbone's outputs have a correlation of ${shown(like)} with home's.`,
    ),
    said(
      figures.number('effect_cosine'),
      (like) =>
        `What the adapters change in ${output ?? 'the backbone'} has a cosine of ${shown(like)} to home's.`,
    ),
    ratio === null ? null : `It is ${shown(ratio)} times as large.`,
  ];
}

function restored(figures: Figures): readonly (string | null)[] {
  const same = figures.flag('parameters');
  return [
    same === null ? null : `Its parameters ${same ? 'are' : 'are not'} what they were.`,
    said(figures.number('outputs'), (outputs) => `${plural(outputs, 'output')} compared.`),
  ];
}

function golden(figures: Figures): readonly (string | null)[] {
  const [error, tolerance] = [figures.number('max_abs_error'), figures.number('tolerance')];
  return [
    error === null ? null : `At most ${shown(error)} from the golden outputs.`,
    tolerance === null ? null : `${shown(tolerance)} is tolerated.`,
    said(figures.table('outputs'), (table) => `By output: ${formatFigure(table)}.`),
  ];
}

function evaluation(figures: Figures): readonly (string | null)[] {
  const metric = words(figures.text('metric') ?? 'score');
  const [rows, all] = [figures.number('rows'), figures.number('rows_in_file')];
  const on = rows === null ? '' : ` on ${plural(rows, 'row')}`;
  const of = all !== null && rows !== null && all > rows ? ` of ${formatCount(all)}` : '';
  const [lost, gained] = [figures.number('rows_lost'), figures.number('rows_gained')];
  // A table of its own tells them.
  figures.table('home_groups');
  return [
    said(figures.number('score'), (score) => `${metric} ${shown(score)}${on}${of}.`),
    said(figures.number('score_without'), (score) => `${shown(score)} without the adapters.`),
    said(figures.number('home_score'), (score) => `${shown(score)} at home.`),
    lost === null || gained === null
      ? null
      : `${plural(lost, 'row')} right there and wrong here, ${formatCount(gained)} the other way round.`,
    said(figures.number('loss'), (loss) => `That is a loss of ${shown(loss)}.`),
    said(
      figures.number('loss_at_most'),
      (most) => `At most ${shown(most)}, with a confidence of 95 %.`,
    ),
    said(
      figures.number('constant_score'),
      (score) => `Always the same answer would score ${shown(score)}.`,
    ),
  ];
}
