import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import type { ModulePath } from '@/api/client';
import { parseReference } from '@/api/reference';
import { CompatibilityMatrix } from '@/features/matrix/CompatibilityMatrix';
import { type MatrixSearch, readMatrixSearch } from '@/features/matrix/search';
import { Outdated } from '@/features/shell/Outdated';
import { PageHead } from '@/features/shell/PageHead';
import { Loaded } from '@/features/shell/Loaded';
import { begin, KEPT } from '@/queries/load';
import { gridQuery, pairQuery } from '@/queries/matrix';
import { Section } from '@/ui/Section';

export const Route = createFileRoute('/modules/$namespace/$name/matrix')({
  validateSearch: readMatrixSearch,
  loaderDeps: ({ search: { dependent, base } }) => ({ dependent, base }),
  loader: ({ context: { queryClient }, params, deps: { dependent, base } }) => {
    begin(queryClient.query({ ...gridQuery(params), ...KEPT }));
    if (!dependent || !base) return;
    const pair = { dependent, base: `${params.namespace}/${params.name}@${base}` };
    begin(queryClient.query({ ...pairQuery(pair), ...KEPT }));
  },
  component: Matrix,
});

function Matrix() {
  const params = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const query = useGrid(params, search);
  const onChange = (change: Partial<MatrixSearch>) => {
    void navigate({
      search: (before) => readMatrixSearch({ ...before, ...change }),
      // Going back closes the explanation; it does not lead through every cell that was looked at.
      replace: Boolean(search.dependent) || !change.dependent,
      resetScroll: false,
    });
  };
  const onOpen = (reference: string) => {
    const release = parseReference(reference);
    if (release) void navigate({ to: '/modules/$namespace/$name/$version', params: release });
  };
  return (
    <>
      <title>{`Compatibility of ${params.namespace}/${params.name} · Cambium`}</title>
      <PageHead title="Compatibility" trail={trail(params)} />
      <Outdated query={query} />
      {query.data ? (
        <CompatibilityMatrix
          module={params}
          grid={query.data}
          loading={query.isFetching}
          search={search}
          onChange={onChange}
          onOpen={onOpen}
        />
      ) : (
        <Section title="What fits on which release">
          <Loaded query={query} lines={12}>
            {() => null}
          </Loaded>
        </Section>
      )}
    </>
  );
}

/** All rows; where there are more than that, those that the server finds by name and verdict. */
function useGrid(module: ModulePath, { query, verdict }: MatrixSearch) {
  const whole = useQuery(gridQuery(module));
  const filter = { query, verdict: verdict === 'unpaired' ? undefined : verdict };
  const asks = Boolean(whole.data?.cut) && Boolean(filter.query ?? filter.verdict);
  const narrowed = useQuery({
    ...gridQuery(module, filter),
    enabled: asks,
    placeholderData: keepPreviousData,
  });
  return asks ? narrowed : whole;
}

function trail(module: ModulePath) {
  return [
    <Link key="all" to="/modules">
      Modules
    </Link>,
    <Link key="namespace" to="/modules" search={{ query: `${module.namespace}/` }}>
      {module.namespace}
    </Link>,
    <Link key="module" to="/modules/$namespace/$name" params={module}>
      {module.name}
    </Link>,
  ];
}
