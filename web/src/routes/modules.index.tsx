import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { ModuleFilters } from '@/features/modules/ModuleFilters';
import { ModuleList } from '@/features/modules/ModuleList';
import { readFilter } from '@/features/modules/filter';
import { PageHead } from '@/features/shell/PageHead';
import { KEPT } from '@/queries/load';
import { modulesQuery } from '@/queries/modules';

export const Route = createFileRoute('/modules/')({
  validateSearch: readFilter,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) =>
    context.queryClient.infiniteQuery({ ...modulesQuery(deps), ...KEPT }),
  component: Modules,
});

function Modules() {
  const filter = Route.useSearch();
  const navigate = Route.useNavigate();
  const query = useSuspenseInfiniteQuery(modulesQuery(filter));
  return (
    <>
      <title>Modules · Cambium</title>
      <PageHead title="Modules">
        Backbones, and the adapters, heads, decoders, bridges and routers that plug into them.
      </PageHead>
      <ModuleFilters
        filter={filter}
        onChange={(changed) => {
          void navigate({ search: changed, replace: true, resetScroll: false });
        }}
      />
      <ModuleList query={query} filter={filter} />
    </>
  );
}
