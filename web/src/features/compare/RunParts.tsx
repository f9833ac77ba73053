// How the runs that proved both releases went: checks, figures, scores.

import type { Check, Comparison } from '@/api/types';
import { CheckBadge } from '@/ui/badges';
import { formatFigure, words } from '@/ui/format';
import { Section } from '@/ui/Section';
import { tally, wanted } from './differ';
import { checkLines, type FigureLine, NONE, runLines, scoreLines } from './figures';
import classes from './RunParts.module.css';
import { Same } from './Same';
import { SideBySide, type Titles } from './SideBySide';

export interface RunPartsProps {
  readonly runs: Comparison['runs'];
  /** The module's full name. */
  readonly module: string;
  readonly titles: Titles;
  readonly all: boolean;
}

export function RunParts({ runs, module, titles, all }: RunPartsProps) {
  const figures = runLines(runs.before, runs.after);
  const scores = scoreLines(runs.evaluation_before, runs.evaluation_after);
  return (
    <>
      <Checks runs={runs} module={module} titles={titles} all={all} />
      <Figures
        {...{ title: 'Run', what: 'Figure', lines: figures, titles, all }}
        none="Neither was run."
      />
      {scores.length > 0 && (
        <Figures
          {...{ title: 'Evaluation', what: 'Score', lines: scores, titles, all }}
          none="Neither was evaluated."
        />
      )}
    </>
  );
}

function Checks({ runs, module, titles, all }: RunPartsProps) {
  const lines = checkLines(runs.checks, [`${module}@${titles.from}`, `${module}@${titles.to}`]);
  const shown = wanted(lines, all);
  return (
    <Section title="Checks" aside={tally(lines.map(({ change }) => change))}>
      {shown.length === 0 ? (
        <Same>
          {lines.length > 0
            ? 'Every check ended the same in both.'
            : 'Nothing was checked in either.'}
        </Same>
      ) : (
        <SideBySide
          label="Checks"
          what="Check"
          titles={titles}
          rows={shown.map(({ name, change, before, after }) => ({
            key: name,
            change,
            name: words(name),
            before: before && <CheckText check={before} />,
            after: after && <CheckText check={after} />,
          }))}
        />
      )}
    </Section>
  );
}

function CheckText({ check: { status, ...figures } }: { readonly check: Check }) {
  return (
    <>
      <CheckBadge status={status} />
      <ul className={classes.figures}>
        {Object.entries(figures).map(([name, value]) => (
          <li key={name}>
            <span>{words(name)}</span> {formatFigure(value)}
          </li>
        ))}
      </ul>
    </>
  );
}

interface FiguresProps {
  readonly title: string;
  readonly what: string;
  readonly lines: readonly FigureLine[];
  readonly titles: Titles;
  readonly all: boolean;
  /** What to say where there are none. */
  readonly none: string;
}

function Figures({ title, what, lines, titles, all, none }: FiguresProps) {
  const shown = wanted(lines, all);
  return (
    <Section title={title} aside={lines.length > 0 && tally(lines.map(({ change }) => change))}>
      {shown.length === 0 ? (
        <Same>{lines.length > 0 ? 'Every figure is the same in both.' : none}</Same>
      ) : (
        <SideBySide
          label={title}
          what={what}
          titles={titles}
          rows={shown.map((line) => ({
            key: line.name,
            change: line.change,
            name: line.name,
            before: line.before === NONE ? null : line.before,
            after: line.after === NONE ? null : line.after,
            difference: (
              <>
                {line.difference && line.difference.is !== 'same' && line.difference.text}
                {line.means && <strong className={classes.means}>{line.means}</strong>}
              </>
            ),
          }))}
        />
      )}
    </Section>
  );
}
