// One of a module's releases, found by typing.

import { Select } from '@mantine/core';
import type { ReleaseSummary } from '@/api/types';
import { StateBadge, VerdictBadge } from '@/ui/badges';
import classes from './VersionSelect.module.css';

export interface VersionSelectProps {
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly releases: readonly ReleaseSummary[];
  /** Names that are versions today, before the versions. */
  readonly channels?: readonly string[];
  readonly value: string | null;
  readonly error?: string | null;
  readonly required?: boolean;
  readonly clearable?: boolean;
  readonly onChange: (version: string | null) => void;
}

/** What fits beneath the box; the rest is found by typing. */
const AT_ONCE = 60;

export function VersionSelect({
  releases,
  channels = [],
  required = false,
  ...others
}: VersionSelectProps) {
  const versions = releases.map(({ version }) => version);
  const by = new Map(releases.map((release) => [release.version, release]));
  return (
    <Select
      {...others}
      data={
        channels.length > 0
          ? [
              { group: 'Channels', items: [...channels] },
              { group: 'Releases', items: versions },
            ]
          : versions
      }
      searchable
      withAsterisk={required}
      required={required}
      limit={AT_ONCE}
      maxDropdownHeight={260}
      nothingFoundMessage="There is no such release."
      comboboxProps={{ withinPortal: true }}
      clearButtonProps={{ 'aria-label': 'Clear' }}
      renderOption={({ option }) => {
        const release = by.get(option.value);
        return (
          <span className={classes.option}>
            <span className={classes.version}>{option.label}</span>
            {release && <StateBadge state={release.state} />}
            {release?.verdict && <VerdictBadge verdict={release.verdict} />}
          </span>
        );
      }}
    />
  );
}
