import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import type { SmokeRun } from '@/api/types';
import { PageHead } from '@/features/shell/PageHead';
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
  const { data: run } = useSuspenseQuery(smokeRunByIdQuery(id));
  const title = titleOf(run);
  return (
    <>
      <title>{`${title} · Cambium`}</title>
      <PageHead
        title={title}
        trail={[
          <Link key="all" to="/modules">
            Modules
          </Link>,
          'Smoke runs',
        ]}
        badges={run.verdict && <VerdictBadge verdict={run.verdict} />}
      />
      <SmokeReport run={run} alone />
    </>
  );
}

function titleOf({ base, dependent }: SmokeRun): string {
  if (base && dependent) return `${dependent} on ${base}`;
  return base ?? dependent ?? 'Smoke run';
}
