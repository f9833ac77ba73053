// What the log is narrowed to.

import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FilterX, ListFilter } from 'lucide-react';
import { useState } from 'react';
import { actorNamesQuery, namespaceNamesQuery } from '@/queries/names';
import { CommitInput } from '@/ui/CommitInput';
import { words } from '@/ui/format';
import { ACTIONS, type ActivitySearch, dayOf, isDay, isNarrowed } from './filter';
import classes from './Filters.module.css';

export interface FiltersProps {
  readonly search: ActivitySearch;
  readonly onChange: (change: Partial<Record<keyof ActivitySearch, string>>) => void;
  readonly onClear: () => void;
}

export function Filters({ search, onChange, onClear }: FiltersProps) {
  const { data: namespaces = [] } = useQuery(namespaceNamesQuery());
  const { data: actors = [] } = useQuery(actorNamesQuery());
  const today = dayOf(new Date());
  const [opened, setOpened] = useState(false);
  return (
    <div className={classes.filters} role="search" aria-label="Activity" data-opened={opened}>
      <Unfold
        count={Object.keys(search).length}
        opened={opened}
        onClick={() => {
          setOpened(!opened);
        }}
      />
      <CommitInput
        label="Module"
        placeholder="namespace/name"
        data-page-search
        value={search.module ?? ''}
        onCommit={(module) => {
          onChange({ module });
        }}
      />
      <CommitInput
        label="Namespace"
        placeholder="Any"
        options={namespaces}
        value={search.namespace ?? ''}
        onCommit={(namespace) => {
          onChange({ namespace });
        }}
      />
      <CommitInput
        label="Actor"
        placeholder="Anybody"
        options={actors}
        value={search.actor ?? ''}
        onCommit={(actor) => {
          onChange({ actor });
        }}
      />
      <ActionSelect
        value={search.action ?? ''}
        onChange={(action) => {
          onChange({ action });
        }}
      />
      <CommitInput
        type="date"
        label="From"
        max={search.until ?? today}
        isDone={isDay}
        value={search.since ?? ''}
        onCommit={(since) => {
          onChange({ since });
        }}
      />
      <CommitInput
        type="date"
        label="To"
        min={search.since}
        max={today}
        isDone={isDay}
        value={search.until ?? ''}
        onCommit={(until) => {
          onChange({ until });
        }}
      />
      <Button
        className={classes.clear ?? ''}
        variant="default"
        leftSection={<FilterX size={15} aria-hidden />}
        disabled={!isNarrowed(search)}
        onClick={onClear}
      >
        Clear
      </Button>
    </div>
  );
}

interface UnfoldProps {
  readonly count: number;
  readonly opened: boolean;
  readonly onClick: () => void;
}

/** Only where the fields would push the log out of sight. */
function Unfold({ count, opened, onClick }: UnfoldProps) {
  return (
    <Button
      className={classes.unfold ?? ''}
      variant="default"
      leftSection={<ListFilter size={15} aria-hidden />}
      aria-expanded={opened}
      onClick={onClick}
    >
      {count === 0 ? 'Filters' : `Filters: ${count}`}
    </Button>
  );
}

interface ActionSelectProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ActionSelect({ value, onChange }: ActionSelectProps) {
  const known = ACTIONS.flatMap(([group, , actions]) => [
    group,
    ...actions.map((action) => `${group}.${action}`),
  ]);
  return (
    <NativeSelect
      label="Action"
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    >
      <option value="">Any</option>
      {value !== '' && !known.includes(value) && <option value={value}>{value}</option>}
      {ACTIONS.map(([group, title, actions]) => (
        <optgroup key={group} label={title}>
          <option value={group}>{`${title}: all`}</option>
          {actions.map((action) => (
            <option key={action} value={`${group}.${action}`}>
              {words(action)}
            </option>
          ))}
        </optgroup>
      ))}
    </NativeSelect>
  );
}
