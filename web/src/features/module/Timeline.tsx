// Where the channels of a module went: who moved which, when and why.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { History, type LucideIcon, MoveRight, ShieldX, Signpost, Undo2 } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { channelsQuery, movesQuery } from '@/queries/modules';
import { Ago } from '@/ui/Ago';
import { byDay } from '@/ui/days';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Choices } from '@/ui/Choices';
import classes from './Timeline.module.css';
import { type Deed, deedName, deedsOf } from './timeline';

export interface TimelineProps {
  readonly module: ModulePath;
  /** Only the moves of that one. */
  readonly channel: string | undefined;
  readonly onChannel: (channel: string | undefined) => void;
}

const ALL = '';

export function Timeline({ module, channel, onChannel }: TimelineProps) {
  const query = useInfiniteQuery(movesQuery(module, channel));
  const { data: channels = [] } = useQuery(channelsQuery(module));
  const moves = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title="Moves"
      aside={
        channels.length > 1 && (
          <Choices
            label="Channel"
            value={channel ?? ALL}
            choices={[
              { value: ALL, label: 'All channels' },
              ...channels.map(({ name }) => ({ value: name, label: name })),
            ]}
            onChange={(value) => {
              onChannel(value === ALL ? undefined : value);
            }}
          />
        )
      }
    >
      <Loaded query={query}>
        {() =>
          moves.length === 0 ? (
            <Message icon={History} title="No channel has moved yet">
              <p>Every move stays here for good: where from, where to, who, when and why.</p>
            </Message>
          ) : (
            <div className={classes.days} data-stale={query.isPlaceholderData || undefined}>
              {byDay(deedsOf(moves), ({ at }) => at, new Date()).map(({ date, title, items }) => (
                <div key={date}>
                  <h3>{title}</h3>
                  <ol>
                    {items.map((deed) => (
                      <DeedLine key={deed.key} module={module} deed={deed} />
                    ))}
                  </ol>
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
      <LoadMore query={query} />
    </Section>
  );
}

const ICONS: Partial<Record<string, LucideIcon>> = { roll_back: Undo2, quarantine: ShieldX };

function DeedLine({ module, deed }: { readonly module: ModulePath; readonly deed: Deed }) {
  const Icon = ICONS[deed.action] ?? Signpost;
  return (
    <li className={classes.deed} data-action={deed.action}>
      <span className={classes.mark}>
        <Icon size={14} aria-hidden />
      </span>
      <div className={classes.what}>
        {deed.moves.map((move) => (
          <p key={move.channel} className={classes.move}>
            <strong>{move.channel}</strong>
            <Version module={module} version={move.from} />
            <MoveRight size={14} role="img" aria-label="to" />
            <Version module={module} version={move.to} />
          </p>
        ))}
        <p className={classes.reason}>{deed.reason}</p>
        <p className={classes.who}>
          {deedName(deed)} by {deed.actor}, <Ago at={deed.at} />
        </p>
      </div>
    </li>
  );
}

interface VersionProps {
  readonly module: ModulePath;
  readonly version: string | null | undefined;
}

function Version({ module, version }: VersionProps) {
  if (!version) return <span className={classes.nothing}>nothing</span>;
  return (
    <Link to="/modules/$namespace/$name/$version" params={{ ...module, version }}>
      {version}
    </Link>
  );
}
