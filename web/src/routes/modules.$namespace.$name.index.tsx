import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { useActions } from '@/features/actions/useActions';
import { CadencePanel } from '@/features/module/CadencePanel';
import { Channels } from '@/features/module/Channels';
import { Dependents } from '@/features/module/Dependents';
import { ModuleViews } from '@/features/module/ModuleViews';
import { Owners } from '@/features/module/Owners';
import { ReleaseList } from '@/features/module/ReleaseList';
import { Timeline } from '@/features/module/Timeline';
import { Columns } from '@/features/shell/Columns';
import { Outdated } from '@/features/shell/Outdated';
import { PageHead } from '@/features/shell/PageHead';
import { begin, KEPT } from '@/queries/load';
import {
  cadenceQuery,
  channelsQuery,
  dependentsQuery,
  moduleQuery,
  movesQuery,
  releasesQuery,
} from '@/queries/modules';
import { ownersQuery } from '@/queries/owners';
import { KindBadge } from '@/ui/badges';

export const Route = createFileRoute('/modules/$namespace/$name/')({
  // The channel whose moves are shown; those of all when absent.
  validateSearch: ({ channel }: Record<string, unknown>): { channel?: string } =>
    typeof channel === 'string' && channel !== '' ? { channel } : {},
  loaderDeps: ({ search }) => search,
  loader: async ({ context: { queryClient }, params, deps }) => {
    begin(
      queryClient.infiniteQuery(releasesQuery(params)),
      queryClient.query(channelsQuery(params)),
      queryClient.infiniteQuery(movesQuery(params, deps.channel)),
      queryClient.infiniteQuery(dependentsQuery(params)),
      queryClient.query(cadenceQuery(params)),
      queryClient.query(ownersQuery(params.namespace)),
    );
    await queryClient.query({ ...moduleQuery(params), ...KEPT });
  },
  component: Module,
});

function Module() {
  const params = Route.useParams();
  const { channel } = Route.useSearch();
  const navigate = Route.useNavigate();
  const query = useSuspenseQuery(moduleQuery(params));
  const module = query.data;
  const latest = useInfiniteQuery(releasesQuery(params)).data?.pages[0]?.items[0]?.version;
  const { ask, outcome, dialog } = useActions(params);
  const attached = <Dependents key="attached" module={params} />;
  const moves = (
    <Timeline
      key="moves"
      module={params}
      channel={channel}
      onChannel={(next) => {
        const search = next === undefined ? {} : { channel: next };
        void navigate({ search, replace: true, resetScroll: false });
      }}
    />
  );
  return (
    <>
      <title>{`${module.name} · Cambium`}</title>
      <PageHead
        title={params.name}
        trail={[
          <Link key="all" to="/modules">
            Modules
          </Link>,
          <Link key="namespace" to="/modules" search={{ namespace: params.namespace }}>
            {params.namespace}
          </Link>,
        ]}
        badges={<KindBadge kind={module.kind} />}
      >
        {module.description}
        <ModuleViews module={params} kind={module.kind} latest={latest} />
      </PageHead>
      <Outdated query={query} />
      {outcome}
      <Columns
        main={
          <>
            <ReleaseList module={params} onAsk={ask} />
            {module.kind === 'backbone' ? [attached, moves] : [moves, attached]}
          </>
        }
        first={<Channels module={params} onAsk={ask} />}
        side={
          <>
            <CadencePanel module={params} />
            <Owners namespace={params.namespace} />
          </>
        }
      />
      {dialog}
    </>
  );
}
