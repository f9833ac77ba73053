import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { fromThrown } from '@/api/problem';
import type { ReleaseView } from '@/api/types';
import { useActions } from '@/features/actions/useActions';
import { FileList } from '@/features/release/FileList';
import { InterfacePanel } from '@/features/release/InterfacePanel';
import { LineagePanel } from '@/features/release/LineagePanel';
import { Overview } from '@/features/release/Overview';
import { ProvenancePanel } from '@/features/release/ProvenancePanel';
import { Refused } from '@/features/release/Refused';
import { ReleaseActions } from '@/features/release/ReleaseActions';
import { ReleaseFindings } from '@/features/release/ReleaseFindings';
import { ReleaseHead } from '@/features/release/ReleaseHead';
import { SmokeTab } from '@/features/release/SmokeTab';
import { readReleaseSearch, type Tab } from '@/features/release/view';
import { Columns } from '@/features/shell/Columns';
import { Outdated } from '@/features/shell/Outdated';
import { PageTabs } from '@/features/shell/PageTabs';
import { Verifying } from '@/features/smoke/Verifying';
import { begin, KEPT } from '@/queries/load';
import { channelsQuery } from '@/queries/modules';
import {
  filesQuery,
  interfaceQuery,
  lineageQuery,
  releaseQuery,
  smokeRunQuery,
  type ReleasePath,
} from '@/queries/releases';
import { Stack } from '@/ui/Stack';

export const Route = createFileRoute('/modules/$namespace/$name/$version')({
  validateSearch: readReleaseSearch,
  loader: async ({ context: { queryClient }, params }) => {
    const path = pathOf(params);
    begin(
      queryClient.query(smokeRunQuery(path)),
      queryClient.query(filesQuery(path)),
      queryClient.query(interfaceQuery(path)),
      queryClient.query(lineageQuery(path)),
      queryClient.query(channelsQuery({ namespace: path.namespace, name: path.name })),
    );
    await queryClient.query({ ...releaseQuery(path), ...KEPT });
  },
  component: Release,
});

function pathOf(params: { namespace: string; name: string; version: string }): ReleasePath {
  return { namespace: params.namespace, name: params.name, revision: params.version };
}

function Release() {
  const path = pathOf(Route.useParams());
  const query = useSuspenseQuery(releaseQuery(path));
  const release = query.data;
  // What was verified and is gone was refused; while it is asked for again it may be back.
  const gone = query.error && !query.isFetching && fromThrown(query.error).status === 404;
  if (gone && release.state === 'verifying') return <Refused path={path} release={release} />;
  return (
    <>
      <title>{`${release.module}@${release.version} · Cambium`}</title>
      <Outdated query={query} />
      <Parts path={path} release={release} />
    </>
  );
}

interface PartsProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

function Parts({ path, release }: PartsProps) {
  const { tab = 'overview' } = Route.useSearch();
  const files = useQuery(filesQuery(path)).data;
  const { ask, outcome, dialog } = useActions({ namespace: path.namespace, name: path.name });
  const refused = release.findings.some(({ severity }) => severity === 'error');
  return (
    <>
      <ReleaseHead
        path={path}
        release={release}
        actions={<ReleaseActions path={path} release={release} onAsk={ask} />}
      />
      {outcome}
      <PageTabs
        label="Parts of this release"
        tabs={[
          { id: 'overview', title: 'Overview' },
          { id: 'smoke', title: 'Smoke report' },
          { id: 'interface', title: 'Interface' },
          { id: 'files', title: 'Files', count: files?.length },
          { id: 'provenance', title: 'Provenance' },
          { id: 'findings', title: 'Findings', count: release.findings.length, bad: refused },
        ]}
      />
      <Stack>
        {release.state === 'verifying' && <Verifying release={release} />}
        <Part tab={tab} path={path} release={release} />
      </Stack>
      {dialog}
    </>
  );
}

type PartProps = PartsProps & { readonly tab: Tab };

function Part({ tab, path, release }: PartProps) {
  switch (tab) {
    case 'overview':
      return <Overview path={path} release={release} />;
    case 'smoke':
      return <SmokeTab path={path} release={release} />;
    case 'interface':
      return <InterfacePanel path={path} />;
    case 'files':
      return <FileList path={path} release={release} />;
    case 'provenance':
      return (
        <Columns
          main={<ProvenancePanel release={release} />}
          side={<LineagePanel path={path} reference={`${release.module}@${release.version}`} />}
        />
      );
    case 'findings':
      return <ReleaseFindings release={release} />;
  }
}
