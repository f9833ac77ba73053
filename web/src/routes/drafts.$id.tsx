import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { DraftHead } from '@/features/drafts/DraftHead';
import { DraftPage } from '@/features/drafts/DraftPage';
import { type Form, readForm } from '@/features/release/view';
import { Outdated } from '@/features/shell/Outdated';
import { readReportView, type ReportView } from '@/features/smoke/view';
import { draftQuery, draftSmokeRunQuery } from '@/queries/drafts';
import { begin, KEPT } from '@/queries/load';

interface DraftSearch extends ReportView {
  readonly manifest?: Form | undefined;
}

export const Route = createFileRoute('/drafts/$id')({
  validateSearch: (search: Record<string, unknown>): DraftSearch => ({
    ...readForm(search),
    ...readReportView(search),
  }),
  loader: async ({ context: { queryClient }, params: { id } }) => {
    begin(queryClient.query(draftSmokeRunQuery(id)));
    await queryClient.query({ ...draftQuery(id), ...KEPT });
  },
  component: Draft,
});

function Draft() {
  const { id } = Route.useParams();
  const query = useSuspenseQuery(draftQuery(id));
  const draft = query.data;
  return (
    <>
      <title>{`${draft.module}@${draft.version}, a draft · Cambium`}</title>
      <DraftHead draft={draft} />
      <Outdated query={query} />
      <DraftPage draft={draft} />
    </>
  );
}
