// The head of a release's page: what it is, where it is in its life, and what is known of it.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ReleaseView } from '@/api/types';
import { PageHead } from '@/features/shell/PageHead';
import { type ReleasePath, smokeRunQuery } from '@/queries/releases';
import { KindBadge, StateBadge, VerdictBadge } from '@/ui/badges';
import { ReleaseSummary } from './ReleaseSummary';

export interface ReleaseHeadProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
  /** What can be done with it: buttons. */
  readonly actions?: ReactNode;
}

export function ReleaseHead({ path, release, actions }: ReleaseHeadProps) {
  const { namespace, name } = path;
  const verdict = useQuery(smokeRunQuery(path)).data?.verdict;
  return (
    <PageHead
      title={`${name} ${release.version}`}
      trail={[
        <Link key="all" to="/modules">
          Modules
        </Link>,
        <Link key="namespace" to="/modules" search={{ namespace }}>
          {namespace}
        </Link>,
        <Link key="module" to="/modules/$namespace/$name" params={{ namespace, name }}>
          {name}
        </Link>,
      ]}
      badges={
        <>
          <StateBadge state={release.state} />
          <KindBadge kind={release.kind} />
          {verdict && <VerdictBadge verdict={verdict} />}
        </>
      }
      actions={actions}
    >
      <ReleaseSummary path={path} release={release} />
    </PageHead>
  );
}
