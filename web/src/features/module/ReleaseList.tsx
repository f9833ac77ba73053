// The releases of a module, the highest version first; two can be chosen to be compared.

import { Checkbox } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PackageOpen, Signpost } from 'lucide-react';
import { useState } from 'react';
import type { ModulePath } from '@/api/client';
import type { ChannelView, ReleaseSummary } from '@/api/types';
import type { Ask } from '@/features/actions/useActions';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { useMay } from '@/queries/identity';
import { channelsQuery, releasesQuery } from '@/queries/modules';
import { Ago } from '@/ui/Ago';
import { Badge } from '@/ui/Badge';
import { StateBadge, VerdictBadge } from '@/ui/badges';
import { CopyDigest } from '@/ui/CopyDigest';
import { type Column, DataTable } from '@/ui/DataTable';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { CompareBar } from './CompareBar';
import { choose } from './pair';
import classes from './ReleaseList.module.css';
import { ReleaseMenu, type ReleaseMenuProps } from './ReleaseMenu';

export interface ReleaseListProps {
  readonly module: ModulePath;
  readonly onAsk: Ask;
}

export function ReleaseList({ module, onAsk }: ReleaseListProps) {
  const query = useInfiniteQuery(releasesQuery(module));
  const { data: channels = [] } = useQuery(channelsQuery(module));
  const may = {
    operate: useMay('operate', module.namespace),
    review: useMay('review', module.namespace),
  };
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const releases = query.data?.pages.flatMap((page) => page.items) ?? [];
  const count = query.hasNextPage
    ? `${releases.length} so far`
    : plural(releases.length, 'release');
  return (
    <Section title="Releases" aside={query.data && count}>
      <Loaded query={query}>
        {() =>
          releases.length === 0 ? (
            <Message icon={PackageOpen} title="No release yet">
              <p>The first one appears here as soon as it is submitted.</p>
            </Message>
          ) : (
            <>
              {releases.length > 1 && (
                <CompareBar module={module} releases={releases} chosen={chosen} />
              )}
              <DataTable
                label="Releases"
                columns={[
                  ...(releases.length > 1 ? [choice(chosen, setChosen)] : []),
                  ...columns(module, channels),
                  ...(may.operate || may.review ? [actions({ channels, may, onAsk })] : []),
                ]}
                rows={releases}
                rowKey={(release) => release.version}
              />
            </>
          )
        }
      </Loaded>
      <LoadMore query={query} />
    </Section>
  );
}

function choice(
  chosen: readonly string[],
  onChoose: (chosen: readonly string[]) => void,
): Column<ReleaseSummary> {
  return {
    title: 'Compare',
    tool: true,
    cell: ({ version }) => (
      <Checkbox
        size="xs"
        className={classes.choice}
        aria-label={`Compare ${version}`}
        checked={chosen.includes(version)}
        onChange={() => {
          onChoose(choose(chosen, version));
        }}
      />
    ),
  };
}

function actions(props: Omit<ReleaseMenuProps, 'release'>): Column<ReleaseSummary> {
  return {
    title: 'Actions',
    tool: true,
    cell: (release) => <ReleaseMenu {...props} release={release} />,
  };
}

function columns(module: ModulePath, channels: readonly ChannelView[]): Column<ReleaseSummary>[] {
  return [
    {
      title: 'Version',
      cell: ({ version, digest }) => (
        <div className={classes.version}>
          <Link to="/modules/$namespace/$name/$version" params={{ ...module, version }}>
            {version}
          </Link>
          {channels
            .filter((channel) => channel.version === version)
            .map((channel) => (
              <Badge key={channel.name} tone="info" icon={Signpost}>
                {channel.name}
              </Badge>
            ))}
          <span className={classes.digest}>
            <CopyDigest digest={digest} />
          </span>
        </div>
      ),
    },
    {
      title: 'State and verdict',
      wide: true,
      cell: ({ state, state_reason, verdict }) => (
        <>
          <span className={classes.badges}>
            <StateBadge state={state} />
            {verdict && <VerdictBadge verdict={verdict} />}
          </span>
          {state_reason && <p className={classes.reason}>{state_reason}</p>}
        </>
      ),
    },
    {
      title: 'Published',
      cell: ({ published_at, created_by }) => (
        <div className={classes.when}>
          <span>{published_at ? <Ago at={published_at} /> : 'not yet'}</span>
          <span>by {created_by}</span>
        </div>
      ),
    },
  ];
}
