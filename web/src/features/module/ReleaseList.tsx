// The releases of a module, the highest version first.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PackageOpen } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import type { ChannelView, ReleaseSummary } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { channelsQuery, releasesQuery } from '@/queries/modules';
import { Ago } from '@/ui/Ago';
import { Badge } from '@/ui/Badge';
import { StateBadge } from '@/ui/badges';
import { CopyDigest } from '@/ui/CopyDigest';
import { type Column, DataTable } from '@/ui/DataTable';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './ReleaseList.module.css';

export function ReleaseList({ module }: { readonly module: ModulePath }) {
  const query = useInfiniteQuery(releasesQuery(module));
  const { data: channels = [] } = useQuery(channelsQuery(module));
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
            <DataTable
              label="Releases"
              columns={columns(module, channels)}
              rows={releases}
              rowKey={(release) => release.version}
            />
          )
        }
      </Loaded>
      <LoadMore query={query} />
    </Section>
  );
}

function columns(module: ModulePath, channels: readonly ChannelView[]): Column<ReleaseSummary>[] {
  return [
    {
      title: 'Version',
      cell: ({ version }) => (
        <span className={classes.version}>
          <Link to="/modules/$namespace/$name/$version" params={{ ...module, version }}>
            {version}
          </Link>
          {channels
            .filter((channel) => channel.version === version)
            .map((channel) => (
              <Badge key={channel.name} tone="info">
                {channel.name}
              </Badge>
            ))}
        </span>
      ),
    },
    {
      title: 'State',
      cell: ({ state, state_reason }) => (
        <>
          <StateBadge state={state} />
          {state_reason && <p className={classes.reason}>{state_reason}</p>}
        </>
      ),
    },
    {
      title: 'Published',
      cell: ({ published_at, created_by }) => (
        <span className={classes.when}>
          {published_at ? <Ago at={published_at} /> : 'not yet'} by {created_by}
        </span>
      ),
    },
    { title: 'Digest', cell: ({ digest }) => <CopyDigest digest={digest} /> },
  ];
}
