import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { SmokeRun } from '@/api/types';
import { Outdated } from '@/features/shell/Outdated';
import { PageHead } from '@/features/shell/PageHead';
import { PathLink } from '@/features/shell/PathLink';
import { pairPath } from '@/features/shell/paths';
import { ModuleLink, ReferenceLink } from '@/features/shell/ReferenceLink';
import { SmokeReport } from '@/features/smoke/SmokeReport';
import { readReportView } from '@/features/smoke/view';
import { KEPT } from '@/queries/load';
import { smokeRunByIdQuery } from '@/queries/smokeRuns';
import { VerdictBadge } from '@/ui/badges';

export const Route = createFileRoute('/smoke-runs/$id')({
  validateSearch: readReportView,
  loader: ({ context: { queryClient }, params }) =>
    queryClient.query({ ...smokeRunByIdQuery(params.id), ...KEPT }),
  component: Run,
});

function Run() {
  const { id } = Route.useParams();
  const query = useSuspenseQuery(smokeRunByIdQuery(id));
  const run = query.data;
  const title = titleOf(run);
  return (
    <>
      <title>{`${title} · Cambium`}</title>
      <PageHead
        title={title}
        trail={trailOf(run)}
        badges={run.verdict && <VerdictBadge verdict={run.verdict} />}
      />
      <Outdated query={query} />
      <SmokeReport run={run} alone />
    </>
  );
}

function titleOf({ base, dependent }: SmokeRun): string {
  if (base && dependent) return `${dependent} on ${base}`;
  return base ?? dependent ?? 'Smoke run';
}

/** By the matrix of the backbone that it ran on, where it is a field of one. */
function trailOf({ base, dependent }: SmokeRun): ReactNode[] {
  const modules = (
    <Link key="all" to="/modules">
      Modules
    </Link>
  );
  const only = base ?? dependent;
  if (!only) return [modules];
  const module = <ModuleLink key="module" module={only.replace(/@.*$/, '')} />;
  const pair = base && dependent ? pairPath(dependent, base) : null;
  if (!pair) return [modules, module, <ReferenceLink key="release" reference={only} />];
  return [
    modules,
    module,
    <PathLink key="pair" path={pair}>
      Matrix
    </PathLink>,
  ];
}
