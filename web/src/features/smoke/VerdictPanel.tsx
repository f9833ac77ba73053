// What a run came to, at a glance: the verdict, what ran on what, each check as a field.

import { Check, type LucideIcon, SkipForward, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CheckStatus, Report, SmokeRun, Verdict } from '@/api/types';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { Ago } from '@/ui/Ago';
import { VerdictBadge } from '@/ui/badges';
import { formatSeconds } from '@/ui/format';
import { Section } from '@/ui/Section';
import { type CheckLine, linesOf, tallyOf, tallyWords } from './checks';
import classes from './VerdictPanel.module.css';

export interface VerdictPanelProps {
  readonly run: SmokeRun;
  readonly report: Report;
  /** Where there is more to see of it. */
  readonly more?: ReactNode;
  /** What else stands below the checks. */
  readonly children?: ReactNode;
}

export function VerdictPanel({ run, report, more, children }: VerdictPanelProps) {
  const lines = linesOf(report);
  return (
    <Section title="Smoke run" aside={tallyWords(tallyOf(lines))}>
      <div className={classes.head} data-verdict={report.verdict}>
        <p className={classes.sentence}>
          <VerdictBadge verdict={report.verdict} />
          <span>
            {SENTENCES[report.verdict]}
            <On run={run} />
          </span>
        </p>
        <p className={classes.when}>
          <When run={run} />
          {more}
        </p>
      </div>
      <div className={classes.checks}>
        <Strip lines={lines} />
      </div>
      {children && <div className={classes.below}>{children}</div>}
    </Section>
  );
}

const SENTENCES: Record<Verdict, string> = {
  compatible: 'Proven: it works',
  incompatible: 'Refuted: it does not work',
  unknown: 'Nothing could be proven',
};

function On({ run: { base, dependent } }: { readonly run: SmokeRun }) {
  if (base && dependent) {
    return (
      <>
        . <ReferenceLink reference={dependent} /> ran on <ReferenceLink reference={base} />.
      </>
    );
  }
  const only = base ?? dependent;
  if (!only) return '.';
  return (
    <>
      . <ReferenceLink reference={only} /> ran by itself.
    </>
  );
}

function When({ run: { started_at, finished_at } }: { readonly run: SmokeRun }) {
  if (!finished_at) return null;
  const seconds = started_at
    ? (new Date(finished_at).getTime() - new Date(started_at).getTime()) / 1000
    : null;
  return (
    <span>
      <Ago at={finished_at} />
      {seconds !== null && seconds > 0 && `, took ${formatSeconds(seconds)}`}
    </span>
  );
}

const SIGNS: Record<CheckStatus, LucideIcon> = { passed: Check, failed: X, skipped: SkipForward };

function Strip({ lines }: { readonly lines: readonly CheckLine[] }) {
  return (
    <ol className={classes.strip} aria-label="Checks at a glance">
      {lines.map(({ name, title, proves, status }) => {
        const Sign = SIGNS[status];
        return (
          <li key={name} data-status={status} title={proves}>
            <span className={classes.title}>{title}</span>
            <span className={classes.status}>
              <Sign size={13} strokeWidth={2.5} aria-hidden /> {status}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
