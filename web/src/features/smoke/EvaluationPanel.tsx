// How well it does on its evaluation set: with the adapters and without, all rows and by group.

import type { Report } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { formatCount, plural, words } from '@/ui/format';
import { Section } from '@/ui/Section';
import classes from './EvaluationPanel.module.css';
import { formatChange, formatScore, type Score, scoresOf } from './evaluation';
import { ScoreLine } from './ScoreLine';

/** Nothing, where it ships no evaluation set. */
export function EvaluationPanel({ report: { evaluation } }: { readonly report: Report }) {
  if (!evaluation) return null;
  const scores = scoresOf(evaluation);
  const compared = scores.some(({ without }) => without !== null);
  const known = scores.some(({ error }) => error !== null);
  return (
    <Section
      title="Evaluation"
      aside={`${words(evaluation.metric)} on ${plural(evaluation.rows, 'row')}`}
    >
      <p className={classes.legend}>
        <span>
          <i data-kind="with" aria-hidden /> {compared ? 'With the adapters' : 'Score'}
        </span>
        {compared && (
          <span>
            <i data-kind="without" aria-hidden /> Without
          </span>
        )}
        {known && (
          <span>
            <i data-kind="error" aria-hidden /> One standard error to each side
          </span>
        )}
        <span>Lines stand at 0, ¼, ½, ¾ and 1</span>
      </p>
      <DataTable
        label={`${words(evaluation.metric)} by group`}
        columns={compared ? [...FIRST, ...COMPARED, LINE] : [...FIRST, LINE]}
        rows={scores}
        rowKey={({ group }) => group ?? ''}
      />
    </Section>
  );
}

const FIRST: readonly Column<Score>[] = [
  {
    title: 'Group',
    cell: ({ group }) => (group === null ? <strong>All rows</strong> : <code>{group}</code>),
  },
  {
    title: 'Rows',
    number: true,
    cell: ({ rows }) => <Named name="rows">{formatCount(rows)}</Named>,
  },
  {
    title: 'Score',
    number: true,
    cell: ({ score, error }) => (
      <>
        <strong>{formatScore(score)}</strong>
        {error !== null && <span className={classes.quiet}> ± {formatScore(error)}</span>}
      </>
    ),
  },
];

const COMPARED: readonly Column<Score>[] = [
  {
    title: 'Without',
    number: true,
    cell: ({ without }) =>
      without === null ? '—' : <Named name="without">{formatScore(without)}</Named>,
  },
  {
    title: 'Change',
    number: true,
    cell: ({ change }) => (change === null ? '—' : <Change change={change} />),
  },
];

const LINE: Column<Score> = {
  title: 'From 0 to 1',
  wide: true,
  cell: (score) => <ScoreLine score={score} />,
};

/** Its column's name, where there is no room for columns. */
function Named({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <>
      {children}
      <span className={classes.name} aria-hidden>
        {' '}
        {name}
      </span>
    </>
  );
}

function Change({ change }: { readonly change: number }) {
  const sign = change > 0 ? 'up' : change < 0 ? 'down' : 'none';
  return (
    <span className={classes.change} data-sign={sign}>
      {formatChange(change)}
    </span>
  );
}
