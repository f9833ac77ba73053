// What happened when the release was run.

import { useQuery } from '@tanstack/react-query';
import { FlaskConicalOff, Hourglass } from 'lucide-react';
import type { Report, SmokeRun } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { type ReleasePath, smokeRunQuery } from '@/queries/releases';
import { CheckBadge, VerdictBadge } from '@/ui/badges';
import { type Column, DataTable } from '@/ui/DataTable';
import { Findings } from '@/ui/Findings';
import { formatBytes, formatCount, formatFigure, formatSeconds, words } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Waiting } from '@/ui/Waiting';
import { type CheckLine, linesOf } from './checks';
import classes from './SmokePanel.module.css';

export function SmokePanel({ path }: { readonly path: ReleasePath }) {
  const query = useQuery(smokeRunQuery(path));
  const verdict = query.data?.verdict;
  return (
    <Section title="Smoke run" aside={verdict && <VerdictBadge verdict={verdict} />}>
      <Loaded query={query}>{(run) => <Run run={run} />}</Loaded>
    </Section>
  );
}

function Run({ run }: { readonly run: SmokeRun | null }) {
  if (!run) {
    return (
      <Message icon={FlaskConicalOff} title="It was not run">
        <p>A release is run with what it attaches to while it is verified.</p>
      </Message>
    );
  }
  if (run.state === 'running') return <Waiting lines={5} />;
  if (!run.report) return <Message icon={Hourglass} title="The run left no report" />;
  return <ReportView run={run} report={run.report} />;
}

function ReportView({ run, report }: { readonly run: SmokeRun; readonly report: Report }) {
  return (
    <>
      <Pair run={run} />
      <Figures report={report} />
      {report.findings.length > 0 && (
        <div className={classes.part}>
          <Findings findings={report.findings} />
        </div>
      )}
      <div className={classes.part}>
        <DataTable
          label="Checks"
          columns={COLUMNS}
          rows={linesOf(report)}
          rowKey={({ name }) => name}
        />
      </div>
      <p className={classes.repeat}>
        {report.run.engine}, {report.run.device}, {report.run.threads} threads, seed{' '}
        {report.run.seed}, inputs from {report.run.inputs}
        {report.run.sandbox.length > 0 && `, confined by ${report.run.sandbox.join(', ')}`}
      </p>
    </>
  );
}

/** What ran on what. */
function Pair({ run: { base, dependent } }: { readonly run: SmokeRun }) {
  if (!base || !dependent) return null;
  return (
    <p className={classes.pair}>
      <ReferenceLink reference={dependent} /> on <ReferenceLink reference={base} />
    </p>
  );
}

function Figures({ report: { run } }: { readonly report: Report }) {
  const figures: readonly (readonly [string, string])[] = [
    ['Load time', formatSeconds(run.load_seconds)],
    ['Forward pass', formatSeconds(run.forward_seconds)],
    ...(run.bare_forward_seconds
      ? [['Bare backbone', formatSeconds(run.bare_forward_seconds)] as const]
      : []),
    ['Peak memory', formatBytes(run.peak_memory_bytes)],
    ['Backbone', `${formatCount(run.backbone_parameters)} parameters`],
    ...(run.module_parameters > 0
      ? [['Put on it', `${formatCount(run.module_parameters)} parameters`] as const]
      : []),
  ];
  return (
    <dl className={classes.figures}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const COLUMNS: readonly Column<CheckLine>[] = [
  { title: 'Check', cell: ({ name }) => <span className={classes.check}>{words(name)}</span> },
  { title: 'Result', cell: ({ status }) => <CheckBadge status={status} /> },
  {
    title: 'Figures',
    wide: true,
    cell: ({ figures }) => (
      <ul className={classes.checkFigures}>
        {figures.map(([name, value]) => (
          <li key={name}>
            {words(name)} <code>{formatFigure(value)}</code>
          </li>
        ))}
      </ul>
    ),
  },
];
