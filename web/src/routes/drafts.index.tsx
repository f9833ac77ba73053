import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { createFileRoute, type ErrorComponentProps } from '@tanstack/react-router';
import { fromThrown } from '@/api/problem';
import { DraftList } from '@/features/drafts/DraftList';
import { SignedOut } from '@/features/session/SignedOut';
import { Outdated } from '@/features/shell/Outdated';
import { PageHead } from '@/features/shell/PageHead';
import { PageProblem } from '@/features/shell/PageStates';
import { draftsQuery } from '@/queries/drafts';
import { KEPT } from '@/queries/load';

export const Route = createFileRoute('/drafts/')({
  loader: ({ context: { queryClient } }) =>
    queryClient.infiniteQuery({ ...draftsQuery(), ...KEPT }),
  component: Drafts,
  errorComponent: NoDrafts,
});

function Drafts() {
  const query = useSuspenseInfiniteQuery(draftsQuery());
  return (
    <>
      <Head />
      <Outdated query={query} />
      <DraftList query={query} />
    </>
  );
}

function NoDrafts(props: ErrorComponentProps) {
  if (fromThrown(props.error).status !== 401) return <PageProblem {...props} />;
  return (
    <>
      <Head />
      <SignedOut title="Sign in to see your drafts">
        A draft, and an attempt that was refused, is seen by who made it and by those who may
        publish in its namespace.
      </SignedOut>
    </>
  );
}

function Head() {
  return (
    <>
      <title>Drafts · Cambium</title>
      <PageHead title="Drafts">
        What you began to publish and did not finish, and what was refused, with the reasons.
      </PageHead>
    </>
  );
}
