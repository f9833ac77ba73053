// How well it does on its evaluation set: with the adapters and without, all rows and by group.

import type { Report } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { formatCount, plural, words } from '@/ui/format';
import { Section } from '@/ui/Section';
import classes from './EvaluationPanel.module.css';
import { formatChange, formatScore, type Score, scoresOf } from './evaluation';
import { homeScoresOf } from './loss';
import { ScoreLine } from './ScoreLine';

/** Nothing, where it ships no evaluation set. */
export function EvaluationPanel({ report }: { readonly report: Report }) {
  const { evaluation } = report;
  if (!evaluation) return null;
  const scores = scoresOf(evaluation, homeScoresOf(report));
  const has = {
    without: scores.some(({ without }) => without !== null),
    home: scores.some(({ home }) => home !== null),
    error: scores.some(({ error }) => error !== null),
  };
  return (
    <Section
      title="Evaluation"
      aside={`${words(evaluation.metric)} on ${plural(evaluation.rows, 'row')}${apart(evaluation.largest_gap)}`}
    >
      <p className={classes.legend}>
        <Sign kind="score">{has.without ? 'With the adapters' : 'Score'}</Sign>
        {has.without && <Sign kind="without">Without them</Sign>}
        {has.home && <Sign kind="home">At home</Sign>}
        {has.error && <Sign kind="error">One standard error to each side</Sign>}
        <span>Lines stand at 0, ¼, ½, ¾ and 1</span>
      </p>
      <DataTable
        label={`${words(evaluation.metric)} by group`}
        columns={[...FIRST, ...(has.without ? [WITHOUT] : []), ...(has.home ? [HOME] : []), LINE]}
        rows={scores}
        rowKey={({ group }) => group ?? ''}
      />
    </Section>
  );
}

/** How far the best and the worst group are from each other, where there are groups. */
function apart(gap: number | null | undefined) {
  return typeof gap === 'number' ? `, groups up to ${formatScore(gap)} apart` : '';
}

interface SignProps {
  readonly kind: 'score' | 'without' | 'home' | 'error';
  readonly children: string;
}

function Sign({ kind, children }: SignProps) {
  return (
    <span>
      <i data-kind={kind} aria-hidden /> {children}
    </span>
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

const WITHOUT: Column<Score> = {
  title: 'Without',
  number: true,
  cell: ({ score, without }) => <Against name="without" score={score} other={without} />,
};

const HOME: Column<Score> = {
  title: 'At home',
  number: true,
  cell: ({ score, home }) => <Against name="at home" score={score} other={home} />,
};

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

interface AgainstProps {
  readonly name: string;
  readonly score: number;
  readonly other: number | null;
}

/** Another score of the same rows, and by how much this one is better. */
function Against({ name, score, other }: AgainstProps) {
  if (other === null) return <>—</>;
  const change = score - other;
  return (
    <>
      <Named name={name}>{formatScore(other)}</Named>{' '}
      <span className={classes.change} data-sign={change < 0 ? 'down' : 'up'}>
        {formatChange(change)}
      </span>
    </>
  );
}
