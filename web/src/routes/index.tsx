import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { OverviewPage } from '@/features/overview/OverviewPage';
import { Outdated } from '@/features/shell/Outdated';
import { KEPT } from '@/queries/load';
import { overviewQuery } from '@/queries/overview';

export const Route = createFileRoute('/')({
  loader: ({ context }) => context.queryClient.query({ ...overviewQuery(), ...KEPT }),
  component: Front,
});

function Front() {
  const query = useSuspenseQuery(overviewQuery());
  return (
    <>
      <title>Overview · Cambium</title>
      <Outdated query={query} />
      <OverviewPage overview={query.data} />
    </>
  );
}
