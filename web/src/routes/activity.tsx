import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { ActivityLog } from '@/features/activity/ActivityLog';
import { filterOf, readSearch } from '@/features/activity/filter';
import { Filters } from '@/features/activity/Filters';
import { SignedOut } from '@/features/session/SignedOut';
import { PageHead } from '@/features/shell/PageHead';
import { auditQuery } from '@/queries/audit';
import { identityQuery } from '@/queries/identity';
import { begin, KEPT } from '@/queries/load';

export const Route = createFileRoute('/activity')({
  validateSearch: readSearch,
  // What was left out of the address is still in what the router keeps of it.
  loaderDeps: ({ search }) => readSearch({ ...search }),
  loader: async ({ context: { queryClient }, deps }) => {
    const identity = await queryClient.query({ ...identityQuery(), ...KEPT });
    if (identity.actor) begin(queryClient.infiniteQuery(auditQuery(filterOf(deps))));
  },
  component: Activity,
});

function Activity() {
  const search = readSearch({ ...Route.useSearch() });
  const navigate = Route.useNavigate();
  const { data: identity } = useSuspenseQuery(identityQuery());
  const clear = () => {
    void navigate({ search: {} });
  };
  return (
    <>
      <title>Activity · Cambium</title>
      <PageHead title="Activity">
        Who did what, and when: nothing is ever taken out of this log.
      </PageHead>
      {identity.actor ? (
        <>
          <Filters
            search={search}
            onChange={(change) => {
              void navigate({
                search: (before) => readSearch({ ...before, ...change }),
                resetScroll: false,
              });
            }}
            onClear={clear}
          />
          <ActivityLog search={search} onClear={clear} />
        </>
      ) : (
        <SignedOut title="Sign in to see the log">
          It tells of the namespaces in which you have a role.
        </SignedOut>
      )}
    </>
  );
}
