import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { OverviewPage } from '@/features/overview/OverviewPage';
import { KEPT } from '@/queries/load';
import { overviewQuery } from '@/queries/overview';

export const Route = createFileRoute('/')({
  loader: ({ context }) => context.queryClient.query({ ...overviewQuery(), ...KEPT }),
  component: Front,
});

function Front() {
  const { data: overview } = useSuspenseQuery(overviewQuery());
  return (
    <>
      <title>Overview · Cambium</title>
      <OverviewPage overview={overview} />
    </>
  );
}
