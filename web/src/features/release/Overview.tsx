// The first thing to see of a release: whether it holds, how to use it, what it says of itself.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReleaseView } from '@/api/types';
import { Columns } from '@/features/shell/Columns';
import { Loaded } from '@/features/shell/Loaded';
import { Glance } from '@/features/smoke/Glance';
import { Running } from '@/features/smoke/Running';
import { VerdictPanel } from '@/features/smoke/VerdictPanel';
import { type ReleasePath, smokeRunQuery } from '@/queries/releases';
import { isUnderWay } from '@/queries/underWay';
import { Section } from '@/ui/Section';
import { ManifestPanel } from './ManifestPanel';
import { FewFindings } from './ReleaseFindings';
import { NotRun } from './SmokeTab';
import { UsePanel } from './UsePanel';

export interface OverviewProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

export function Overview({ path, release }: OverviewProps) {
  return (
    <Columns
      main={
        <>
          <FewFindings release={release} />
          <Proof path={path} release={release} />
          <ManifestPanel manifest={release.manifest} />
        </>
      }
      side={<UsePanel path={path} release={release} />}
    />
  );
}

function Proof({ path, release }: OverviewProps) {
  const query = useQuery(smokeRunQuery(path));
  const run = query.data;
  if (run && isUnderWay(run)) return <Running run={run} />;
  if (run?.report) {
    return (
      <VerdictPanel
        run={run}
        report={run.report}
        more={
          <Link
            to="."
            search={(before: object) => ({ ...before, tab: 'smoke' as const })}
            resetScroll={false}
          >
            The whole report
          </Link>
        }
      >
        <Glance report={run.report} />
      </VerdictPanel>
    );
  }
  return (
    <Section title="Smoke run">
      <Loaded query={query} lines={3}>
        {() => <NotRun state={release.state} />}
      </Loaded>
    </Section>
  );
}
