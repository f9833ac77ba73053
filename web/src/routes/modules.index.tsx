import { createFileRoute } from '@tanstack/react-router';
import { ModuleBrowser } from '@/features/modules/ModuleBrowser';
import { readFilter } from '@/features/modules/filter';
import { PageHead } from '@/features/shell/PageHead';
import { begin } from '@/queries/load';
import { facetsQuery, modulesQuery } from '@/queries/modules';

export const Route = createFileRoute('/modules/')({
  validateSearch: readFilter,
  loaderDeps: ({ search }) => search,
  // The page stands while answers are on their way: somebody types into it.
  loader: ({ context: { queryClient }, deps }) => {
    begin(queryClient.infiniteQuery(modulesQuery(deps)), queryClient.query(facetsQuery(deps)));
  },
  component: Modules,
});

function Modules() {
  const filter = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <>
      <title>Modules · Cambium</title>
      <PageHead title="Modules">
        Backbones, and the adapters, heads, decoders, bridges and routers that plug into them.
      </PageHead>
      <ModuleBrowser
        filter={filter}
        onChange={(step) => {
          void navigate({ search: step, replace: true, resetScroll: false });
        }}
      />
    </>
  );
}
