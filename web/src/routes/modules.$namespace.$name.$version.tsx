import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { FileList } from '@/features/release/FileList';
import { InterfacePanel } from '@/features/release/InterfacePanel';
import { LineagePanel } from '@/features/release/LineagePanel';
import { ManifestPanel } from '@/features/release/ManifestPanel';
import { ReleaseFindings } from '@/features/release/ReleaseFindings';
import { ReleaseSummary } from '@/features/release/ReleaseSummary';
import { SmokePanel } from '@/features/release/SmokePanel';
import { Columns } from '@/features/shell/Columns';
import { PageHead } from '@/features/shell/PageHead';
import { begin, KEPT } from '@/queries/load';
import {
  filesQuery,
  interfaceQuery,
  lineageQuery,
  releaseQuery,
  smokeRunQuery,
  type ReleasePath,
} from '@/queries/releases';
import { KindBadge, StateBadge } from '@/ui/badges';

export const Route = createFileRoute('/modules/$namespace/$name/$version')({
  loader: async ({ context: { queryClient }, params }) => {
    const path = pathOf(params);
    begin(
      queryClient.query(smokeRunQuery(path)),
      queryClient.query(filesQuery(path)),
      queryClient.query(interfaceQuery(path)),
      queryClient.query(lineageQuery(path)),
    );
    await queryClient.query({ ...releaseQuery(path), ...KEPT });
  },
  component: Release,
});

function pathOf(params: { namespace: string; name: string; version: string }): ReleasePath {
  return { namespace: params.namespace, name: params.name, revision: params.version };
}

function Release() {
  const params = Route.useParams();
  const path = pathOf(params);
  const { data: release } = useSuspenseQuery(releaseQuery(path));
  return (
    <>
      <title>{`${release.module}@${release.version} · Cambium`}</title>
      <PageHead
        title={`${params.name} ${release.version}`}
        trail={[
          <Link key="all" to="/modules">
            Modules
          </Link>,
          <Link key="namespace" to="/modules" search={{ query: `${params.namespace}/` }}>
            {params.namespace}
          </Link>,
          <Link key="module" to="/modules/$namespace/$name" params={params}>
            {params.name}
          </Link>,
        ]}
        badges={
          <>
            <StateBadge state={release.state} />
            <KindBadge kind={release.kind} />
          </>
        }
      >
        <ReleaseSummary release={release} />
      </PageHead>
      <Columns
        main={
          <>
            <ReleaseFindings release={release} />
            <SmokePanel path={path} />
            <FileList path={path} release={release} />
          </>
        }
        side={
          <>
            <ManifestPanel manifest={release.manifest} />
            <InterfacePanel path={path} />
            <LineagePanel path={path} />
          </>
        }
      />
    </>
  );
}
