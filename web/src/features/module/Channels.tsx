// The movable names on a module, and what each points at.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Signpost } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import { Loaded } from '@/features/shell/Loaded';
import { channelsQuery } from '@/queries/modules';
import { Facts } from '@/ui/Facts';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './Channels.module.css';

export function Channels({ module }: { readonly module: ModulePath }) {
  const query = useQuery(channelsQuery(module));
  return (
    <Section title="Channels">
      <Loaded query={query} lines={2}>
        {(channels) =>
          channels.length === 0 ? (
            <Message icon={Signpost} title="No channel yet">
              <p>A channel, such as stable, is a name that moves from release to release.</p>
            </Message>
          ) : (
            <Facts
              lines={channels.map(({ name, version, generation }) => [
                name,
                <span key={name} className={classes.target}>
                  {version ? (
                    <Link to="/modules/$namespace/$name/$version" params={{ ...module, version }}>
                      {version}
                    </Link>
                  ) : (
                    'points at nothing'
                  )}
                  <span>{plural(generation, 'move')}</span>
                </span>,
              ])}
            />
          )
        }
      </Loaded>
    </Section>
  );
}
