import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { GitCompareArrows } from 'lucide-react';
import { type CompareSearch, readCompare } from '@/features/compare/address';
import { Compared } from '@/features/compare/Compared';
import { Sides } from '@/features/compare/Sides';
import { Outdated } from '@/features/shell/Outdated';
import { PageHead } from '@/features/shell/PageHead';
import { begin, KEPT } from '@/queries/load';
import { channelsQuery, comparisonQuery, moduleQuery, versionsQuery } from '@/queries/modules';
import { KindBadge } from '@/ui/badges';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';

export const Route = createFileRoute('/modules/$namespace/$name/compare')({
  validateSearch: readCompare,
  loaderDeps: ({ search: { from, to } }) => ({ from, to }),
  loader: async ({ context: { queryClient }, params, deps: { from, to } }) => {
    begin(queryClient.query(versionsQuery(params)), queryClient.query(channelsQuery(params)));
    if (from && to) begin(queryClient.query(comparisonQuery(params, { from, to })));
    await queryClient.query({ ...moduleQuery(params), ...KEPT });
  },
  component: Compare,
});

function Compare() {
  const params = Route.useParams();
  const { from, to, all = false } = Route.useSearch();
  const navigate = Route.useNavigate();
  const query = useSuspenseQuery(moduleQuery(params));
  const module = query.data;
  const { data: releases = [] } = useQuery(versionsQuery(params));
  const { data: channels = [] } = useQuery(channelsQuery(params));
  const show = (search: { [Field in keyof CompareSearch]?: CompareSearch[Field] | undefined }) => {
    void navigate({ search: readCompare(search), replace: true, resetScroll: false });
  };
  const [newest, before] = releases;
  return (
    <>
      <title>{`Compare ${module.name} · Cambium`}</title>
      <PageHead
        title="Compare releases"
        trail={[
          <Link key="all" to="/modules">
            Modules
          </Link>,
          <Link key="namespace" to="/modules" search={{ namespace: params.namespace }}>
            {params.namespace}
          </Link>,
          <Link key="module" to="/modules/$namespace/$name" params={params}>
            {params.name}
          </Link>,
        ]}
        badges={<KindBadge kind={module.kind} />}
      />
      <Outdated query={query} />
      <Sides
        module={params}
        chosen={{ from, to }}
        releases={releases}
        channels={channels}
        onChoose={(chosen) => {
          show({ ...chosen, ...(all && { all }) });
        }}
      />
      {from && to ? (
        <Compared
          module={params}
          sides={{ from, to }}
          all={all}
          onAll={(wanted) => {
            show({ from, to, ...(wanted && { all: true }) });
          }}
        />
      ) : (
        <Section title="Comparison">
          <Message icon={GitCompareArrows} title="Choose two releases">
            {newest && before && (
              <p>
                Or look at what changed last:{' '}
                <Link
                  to="/modules/$namespace/$name/compare"
                  params={params}
                  search={{ from: before.version, to: newest.version }}
                >
                  {before.version} with {newest.version}
                </Link>
              </p>
            )}
          </Message>
        </Section>
      )}
    </>
  );
}
