// Each check: what it proves, how it ended, and what was seen.

import type { CheckStatus, Report } from '@/api/types';
import { CheckBadge } from '@/ui/badges';
import { type Column, DataTable } from '@/ui/DataTable';
import { formatFigure, words } from '@/ui/format';
import { Section } from '@/ui/Section';
import classes from './CheckPanel.module.css';
import { type CheckLine, linesOf } from './checks';
import { saidOf } from './sentences';

export function CheckPanel({ report }: { readonly report: Report }) {
  const lines = linesOf(report).sort((a, b) => FIRST[a.status] - FIRST[b.status]);
  return (
    <Section title="Check by check">
      <DataTable label="Checks" columns={COLUMNS} rows={lines} rowKey={({ name }) => name} />
    </Section>
  );
}

/** What failed is what one came for. */
const FIRST: Record<CheckStatus, number> = { failed: 0, passed: 1, skipped: 2 };

const COLUMNS: readonly Column<CheckLine>[] = [
  {
    title: 'Check',
    wide: true,
    cell: ({ title, proves }) => (
      <>
        <span className={classes.title}>{title}</span>
        <span className={classes.proves}>{proves}</span>
      </>
    ),
  },
  { title: 'Result', cell: ({ status }) => <CheckBadge status={status} /> },
  { title: 'What was seen', wide: true, cell: (line) => <Seen line={line} /> },
];

function Seen({ line }: { readonly line: CheckLine }) {
  const { sentences, left } = saidOf(line);
  return (
    <ul className={classes.seen}>
      {sentences.map((text) => (
        <li key={text}>{text}</li>
      ))}
      {left.map(([name, value]) => (
        <li key={name}>
          {words(name)} <code>{formatFigure(value)}</code>
        </li>
      ))}
    </ul>
  );
}
