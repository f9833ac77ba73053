// The movable names on a module: what each points at, since when and why, and the buttons that move it.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Signpost, Undo2 } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import type { ChannelView } from '@/api/types';
import type { Ask } from '@/features/actions/useActions';
import { Loaded } from '@/features/shell/Loaded';
import { useMay } from '@/queries/identity';
import { channelsQuery } from '@/queries/modules';
import { Ago } from '@/ui/Ago';
import { Badge } from '@/ui/Badge';
import { StateBadge } from '@/ui/badges';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './Channels.module.css';

export interface ChannelsProps {
  readonly module: ModulePath;
  readonly onAsk: Ask;
}

export function Channels({ module, onAsk }: ChannelsProps) {
  const query = useQuery(channelsQuery(module));
  const mayMove = useMay('operate', module.namespace);
  return (
    <Section
      title="Channels"
      aside={
        mayMove && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Plus size={13} aria-hidden />}
            onClick={(event) => {
              onAsk({ what: 'point', channel: null }, event.currentTarget);
            }}
          >
            New channel
          </Button>
        )
      }
    >
      <Loaded query={query} lines={2}>
        {(channels) =>
          channels.length === 0 ? (
            <Message icon={Signpost} title="No channel yet">
              <p>A channel, such as stable, is a name that moves from release to release.</p>
            </Message>
          ) : (
            <ul className={classes.list}>
              {channels.map((channel) => (
                <li key={channel.name}>
                  <Channel module={module} channel={channel} />
                  {mayMove && <Buttons channel={channel} onAsk={onAsk} />}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

function Channel({
  module,
  channel,
}: {
  readonly module: ModulePath;
  readonly channel: ChannelView;
}) {
  const { name, version, state, generation, last_move } = channel;
  return (
    <>
      <div className={classes.target}>
        <strong>{name}</strong>
        {version ? (
          <Link to="/modules/$namespace/$name/$version" params={{ ...module, version }}>
            {version}
          </Link>
        ) : (
          <Badge tone="warn">Points at nothing</Badge>
        )}
        {state && state !== 'published' && <StateBadge state={state} />}
      </div>
      <p className={classes.move}>
        {last_move && (
          <>
            <Ago at={last_move.moved_at} /> by {last_move.actor} ·{' '}
          </>
        )}
        {plural(generation, 'move')}
      </p>
      {last_move && <p className={classes.reason}>{last_move.reason}</p>}
    </>
  );
}

function Buttons({ channel, onAsk }: { readonly channel: ChannelView; readonly onAsk: Ask }) {
  return (
    <div className={classes.buttons}>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Undo2 size={14} aria-hidden />}
        aria-label={`Roll back ${channel.name}`}
        onClick={(event) => {
          onAsk({ what: 'rollback', channel }, event.currentTarget);
        }}
      >
        Roll back
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Signpost size={14} aria-hidden />}
        aria-label={`Point ${channel.name} elsewhere`}
        onClick={(event) => {
          onAsk({ what: 'point', channel }, event.currentTarget);
        }}
      >
        Point
      </Button>
    </div>
  );
}
