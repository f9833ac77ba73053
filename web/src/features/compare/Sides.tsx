// The two releases that are compared: chosen here, and what each is.

import { ActionIcon } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ArrowLeftRight } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import type { ChannelView, ReleaseSummary } from '@/api/types';
import { VersionSelect } from '@/features/actions/VersionSelect';
import { Ago } from '@/ui/Ago';
import { StateBadge, VerdictBadge } from '@/ui/badges';
import { CopyDigest } from '@/ui/CopyDigest';
import classes from './Sides.module.css';

export interface Chosen {
  /** Each a version or a channel. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface SidesProps {
  readonly module: ModulePath;
  readonly chosen: Chosen;
  readonly releases: readonly ReleaseSummary[];
  readonly channels: readonly ChannelView[];
  readonly onChoose: (chosen: Chosen) => void;
}

export function Sides({ module, chosen, releases, channels, onChoose }: SidesProps) {
  const { from, to } = chosen;
  const names = channels.filter(({ version }) => version).map(({ name }) => name);
  const releaseOf = (side: string | undefined) => {
    const version = channels.find(({ name }) => name === side)?.version ?? side;
    return releases.find((release) => release.version === version);
  };
  const common = { releases, channels: names };
  return (
    <div className={classes.sides}>
      <div className={classes.side}>
        <VersionSelect
          {...common}
          label="From"
          placeholder="Choose a release"
          value={from ?? null}
          onChange={(version) => {
            onChoose({ ...chosen, from: version ?? undefined });
          }}
        />
        <Facts module={module} release={releaseOf(from)} />
      </div>
      <ActionIcon
        variant="default"
        size="lg"
        className={classes.swap}
        aria-label="Swap the sides"
        disabled={!from && !to}
        onClick={() => {
          onChoose({ from: to, to: from });
        }}
      >
        <ArrowLeftRight size={17} aria-hidden />
      </ActionIcon>
      <div className={classes.side}>
        <VersionSelect
          {...common}
          label="To"
          placeholder="Choose a release"
          value={to ?? null}
          onChange={(version) => {
            onChoose({ ...chosen, to: version ?? undefined });
          }}
        />
        <Facts module={module} release={releaseOf(to)} />
      </div>
    </div>
  );
}

interface FactsProps {
  readonly module: ModulePath;
  readonly release: ReleaseSummary | undefined;
}

function Facts({ module, release }: FactsProps) {
  if (!release) return null;
  const { version, state, verdict, published_at, created_by, digest } = release;
  return (
    <div className={classes.facts}>
      <span className={classes.badges}>
        <Link to="/modules/$namespace/$name/$version" params={{ ...module, version }}>
          {version}
        </Link>
        <StateBadge state={state} />
        {verdict && <VerdictBadge verdict={verdict} />}
      </span>
      <span className={classes.quiet}>
        {published_at ? <Ago at={published_at} /> : 'not published yet'} by {created_by}
        <CopyDigest digest={digest} />
      </span>
    </div>
  );
}
