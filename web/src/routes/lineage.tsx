import { createFileRoute, Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { parseReference } from '@/api/reference';
import type { Change } from '@/features/lineage/actions';
import { Lineage } from '@/features/lineage/Lineage';
import { CHOICES, morePaths, pathOf, readLineageSearch } from '@/features/lineage/search';
import { Start } from '@/features/lineage/Start';
import { PageHead } from '@/features/shell/PageHead';
import { graphQuery } from '@/queries/lineage';
import { begin, KEPT } from '@/queries/load';
import { foundModulesQuery } from '@/queries/modules';

export const Route = createFileRoute('/lineage')({
  validateSearch: readLineageSearch,
  loaderDeps: ({ search: { of, depth, direction, more } }) => ({ of, depth, direction, more }),
  loader: ({ context: { queryClient }, deps: { of, ...deps } }) => {
    if (!of) {
      begin(queryClient.query({ ...foundModulesQuery('', CHOICES), ...KEPT }));
      return;
    }
    const paths = [pathOf({ ...deps, of }), ...morePaths(deps)];
    begin(...paths.map((path) => queryClient.query({ ...graphQuery(path), ...KEPT })));
  },
  component: LineagePage,
});

function LineagePage() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const change: Change = useCallback(
    (change) => {
      void navigate({
        search: (before) => readLineageSearch({ ...before, ...change(before) }),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate],
  );
  const { of } = search;
  return (
    <>
      <title>{`${of ? `Lineage of ${said(of)}` : 'Lineage'} · Cambium`}</title>
      <PageHead title={of ? `Lineage of ${said(of)}` : 'Lineage'} trail={of ? trail(of) : []} />
      {of ? <Lineage key={of} search={{ ...search, of }} change={change} /> : <Start />}
    </>
  );
}

/** `the data set acme/mails` of `dataset:acme/mails`. */
function said(of: string): string {
  const [, kind = '', name = ''] = /^(dataset|model|release):(.+)$/.exec(of) ?? [];
  if (kind === 'dataset') return `the data set ${name}`;
  if (kind === 'model') return `the model ${name}`;
  return kind === 'release' ? 'a release' : of;
}

function trail(of: string) {
  const release = parseReference(of);
  const start = (
    <Link key="start" to="/lineage">
      Lineage
    </Link>
  );
  if (!release || of.includes(':')) return [start];
  return [
    start,
    <Link key="module" to="/modules/$namespace/$name" params={release}>
      {release.namespace}/{release.name}
    </Link>,
    <Link key="release" to="/modules/$namespace/$name/$version" params={release}>
      {release.version}
    </Link>,
  ];
}
