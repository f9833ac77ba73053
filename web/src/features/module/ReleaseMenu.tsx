// What can be done with a release; nothing, when nothing may be.

import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  Archive,
  Ban,
  ChevronDown,
  Ellipsis,
  type LucideIcon,
  Plus,
  RotateCcw,
  ShieldX,
  Signpost,
} from 'lucide-react';
import { useState } from 'react';
import type { ChannelView, ReleaseSummary } from '@/api/types';
import { actionFor, isHealthy, STANDINGS, standingsOf } from '@/features/actions/standing';
import type { Ask } from '@/features/actions/useActions';
import type { Asked } from '@/features/actions/asked';
import type { Standing } from '@/queries/actions';

const ICONS: Record<Standing, LucideIcon> = {
  deprecate: Archive,
  yank: Ban,
  quarantine: ShieldX,
  restore: RotateCcw,
};

export interface ReleaseMenuProps {
  readonly release: ReleaseSummary;
  readonly channels: readonly ChannelView[];
  readonly may: { readonly operate: boolean; readonly review: boolean };
  readonly onAsk: Ask;
  /** Where there is room for a word. */
  readonly worded?: boolean;
}

export function ReleaseMenu({ release, channels, may, onAsk, worded = false }: ReleaseMenuProps) {
  const [button, setButton] = useState<HTMLButtonElement | null>(null);
  const { version } = release;
  const standings = standingsOf(release.state).filter((standing) => may[actionFor(standing)]);
  const mayPoint = may.operate && isHealthy(release.state);
  if (standings.length === 0 && !mayPoint) return null;
  const ask = (asked: Asked) => () => {
    if (button) onAsk(asked, button);
  };
  return (
    <Menu position="bottom-end" shadow="md" width={210}>
      <Menu.Target>
        {worded ? (
          <Button
            ref={setButton}
            variant="default"
            size="sm"
            rightSection={<ChevronDown size={15} aria-hidden />}
          >
            Actions
          </Button>
        ) : (
          <ActionIcon
            ref={setButton}
            variant="subtle"
            color="gray"
            aria-label={`Actions on ${version}`}
          >
            <Ellipsis size={17} aria-hidden />
          </ActionIcon>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {mayPoint && (
          <>
            {channels
              .filter((channel) => channel.version !== version)
              .map((channel) => (
                <Menu.Item
                  key={channel.name}
                  leftSection={<Signpost size={15} aria-hidden />}
                  onClick={ask({ what: 'point', channel, version })}
                >
                  Point {channel.name} here…
                </Menu.Item>
              ))}
            <Menu.Item
              leftSection={<Plus size={15} aria-hidden />}
              onClick={ask({ what: 'point', channel: null, version })}
            >
              New channel here…
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        {standings.map((standing) => {
          const Icon = ICONS[standing];
          return (
            <Menu.Item
              key={standing}
              leftSection={<Icon size={15} aria-hidden />}
              onClick={ask({ what: 'standing', standing, release })}
            >
              {STANDINGS[standing].act}…
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
