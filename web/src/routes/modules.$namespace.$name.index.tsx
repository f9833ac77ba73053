import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { Channels } from '@/features/module/Channels';
import { Matrix } from '@/features/module/Matrix';
import { ReleaseList } from '@/features/module/ReleaseList';
import { Columns } from '@/features/shell/Columns';
import { PageHead } from '@/features/shell/PageHead';
import { begin, KEPT } from '@/queries/load';
import { channelsQuery, matrixQuery, moduleQuery, releasesQuery } from '@/queries/modules';
import { KindBadge } from '@/ui/badges';

export const Route = createFileRoute('/modules/$namespace/$name/')({
  loader: async ({ context: { queryClient }, params }) => {
    begin(
      queryClient.infiniteQuery(releasesQuery(params)),
      queryClient.query(channelsQuery(params)),
    );
    const module = await queryClient.query({ ...moduleQuery(params), ...KEPT });
    if (module.kind === 'backbone') begin(queryClient.infiniteQuery(matrixQuery(params)));
  },
  component: Module,
});

function Module() {
  const params = Route.useParams();
  const { data: module } = useSuspenseQuery(moduleQuery(params));
  return (
    <>
      <title>{`${module.name} · Cambium`}</title>
      <PageHead
        title={params.name}
        trail={[
          <Link key="all" to="/modules">
            Modules
          </Link>,
          <Link key="namespace" to="/modules" search={{ query: `${params.namespace}/` }}>
            {params.namespace}
          </Link>,
        ]}
        badges={<KindBadge kind={module.kind} />}
      >
        {module.description}
      </PageHead>
      <Columns
        main={<ReleaseList module={params} />}
        side={<Channels module={params} />}
        below={module.kind === 'backbone' && <Matrix module={params} />}
      />
    </>
  );
}
