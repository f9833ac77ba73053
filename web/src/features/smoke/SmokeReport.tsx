// What happened when something was run: on its way, lost, or told by a report.

import { Link } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import type { Report, SmokeRun } from '@/api/types';
import { isUnderWay } from '@/queries/underWay';
import { Findings } from '@/ui/Findings';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Stack } from '@/ui/Stack';
import { byWeight } from '@/ui/weight';
import { BehaviourPanel } from './BehaviourPanel';
import { CheckPanel } from './CheckPanel';
import { CostPanel } from './CostPanel';
import { EvaluationPanel } from './EvaluationPanel';
import { KeyPanel } from './KeyPanel';
import { RunFacts } from './RunFacts';
import { Running } from './Running';
import { UpdatePanel } from './UpdatePanel';
import { VerdictPanel } from './VerdictPanel';

export interface SmokeReportProps {
  readonly run: SmokeRun;
  /** Whether it stands on the page of the run, which needs no link to itself. */
  readonly alone?: boolean;
}

export function SmokeReport({ run, alone = false }: SmokeReportProps) {
  if (isUnderWay(run)) return <Running run={run} />;
  if (!run.report) return <Lost run={run} />;
  return (
    <Stack>
      <VerdictPanel
        run={run}
        report={run.report}
        more={
          !alone && (
            <Link to="/smoke-runs/$id" params={{ id: run.id }}>
              The run by itself
            </Link>
          )
        }
      />
      <Reasons report={run.report} />
      <BehaviourPanel report={run.report} />
      <CostPanel report={run.report} />
      <EvaluationPanel report={run.report} />
      <UpdatePanel report={run.report} />
      <KeyPanel report={run.report} />
      <CheckPanel report={run.report} />
      <RunFacts run={run} report={run.report} />
    </Stack>
  );
}

function Lost({ run }: { readonly run: SmokeRun }) {
  return (
    <Section title="Smoke run">
      <Message icon={Hourglass} title="The run left no report">
        <p>
          {run.state === 'abandoned'
            ? 'Its worker was lost before it ended. The server runs it again by itself.'
            : 'It ended, and what it found was not kept.'}
        </p>
      </Message>
    </Section>
  );
}

function Reasons({ report: { findings } }: { readonly report: Report }) {
  if (findings.length === 0) return null;
  return (
    <Section title="What it found" aside={plural(findings.length, 'finding')}>
      <Findings findings={byWeight(findings)} />
    </Section>
  );
}
