// A release in a few lines: why it is where it is, what it is for, who made it when, what it needs.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tag } from 'lucide-react';
import type { ReleaseView, Requirement } from '@/api/types';
import { ModuleLink, ReferenceLink } from '@/features/shell/ReferenceLink';
import { channelsQuery } from '@/queries/modules';
import { lineageQuery, type ReleasePath } from '@/queries/releases';
import { Ago } from '@/ui/Ago';
import { CopyDigest } from '@/ui/CopyDigest';
import { sentence, words } from '@/ui/format';
import { Stats } from '@/ui/Stats';
import { homesOf } from './lineage';
import classes from './ReleaseSummary.module.css';

export interface ReleaseSummaryProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

export function ReleaseSummary({ path, release }: ReleaseSummaryProps) {
  const { manifest, published_at, created_at, created_by, digest } = release;
  const requires = manifest.requires ?? [];
  return (
    <>
      {manifest.module.description && <p>{manifest.module.description}</p>}
      <Standing release={release} />
      <div className={classes.facts}>
        <Stats
          figures={[
            [
              published_at ? 'Published' : 'Drafted',
              <>
                <Ago at={published_at ?? created_at} /> by {created_by}
              </>,
            ],
            ['Digest', <CopyDigest key="digest" digest={digest} />],
            [
              'Attaches to',
              requires.length > 0 ? <Requirements path={path} requires={requires} /> : 'nothing',
            ],
            ['Channels', <Channels key="channels" path={path} version={release.version} />],
            ['License', manifest.module.license ?? 'not stated'],
          ]}
        />
      </div>
    </>
  );
}

function Standing({
  release: { state, state_reason, replacement },
}: {
  readonly release: ReleaseView;
}) {
  if (!state_reason && !replacement) return null;
  return (
    <div className={classes.standing} data-tone={state === 'quarantined' ? 'bad' : 'warn'}>
      <strong>{words(state)}.</strong> {state_reason && sentence(state_reason)}
      {replacement && (
        <>
          {' '}
          Use <ReferenceLink reference={replacement} /> instead.
        </>
      )}
    </div>
  );
}

interface RequirementsProps {
  readonly path: ReleasePath;
  readonly requires: readonly Requirement[];
}

function Requirements({ path, requires }: RequirementsProps) {
  const graph = useQuery(lineageQuery(path)).data;
  const homes = graph ? homesOf(graph) : new Map<string, string>();
  return (
    <ul className={classes.list}>
      {requires.map(({ module, version, home }) => (
        <li key={module}>
          <ModuleLink module={module} /> <code className={classes.range}>{version}</code>
          <Home reference={homes.get(module)} digest={home} />
        </li>
      ))}
    </ul>
  );
}

interface HomeProps {
  readonly reference: string | undefined;
  readonly digest: string | null | undefined;
}

/** What it was made for and proven on. */
function Home({ reference, digest }: HomeProps) {
  if (!reference && !digest) return null;
  return (
    <span className={classes.home}>
      made for{' '}
      {reference ? <HomeLink reference={reference} /> : digest && <CopyDigest digest={digest} />}
    </span>
  );
}

/** Its module was just named. */
function HomeLink({ reference }: { readonly reference: string }) {
  const [module = '', version = ''] = reference.split('@');
  const [namespace = '', name = ''] = module.split('/');
  return (
    <Link to="/modules/$namespace/$name/$version" params={{ namespace, name, version }}>
      {version}
    </Link>
  );
}

interface ChannelsProps {
  readonly path: ReleasePath;
  readonly version: string;
}

function Channels({ path: { namespace, name, revision }, version }: ChannelsProps) {
  const channels = useQuery(channelsQuery({ namespace, name })).data;
  if (!channels) return <>…</>;
  const pointing = channels.filter((channel) => channel.version === version);
  if (pointing.length === 0) return <span className={classes.none}>none points at it</span>;
  return (
    <ul className={classes.list}>
      {pointing.map((channel) => (
        <li key={channel.name} className={classes.channel}>
          <Tag size={13} aria-hidden /> {channel.name}
          {channel.name === revision && (
            <span className={classes.home}>
              the address says {revision}, which can move:{' '}
              <Link
                to="/modules/$namespace/$name/$version"
                params={{ namespace, name, version }}
                search={(before) => before}
              >
                {version} for good
              </Link>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
