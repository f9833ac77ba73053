// What the log is narrowed to.

import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FilterX } from 'lucide-react';
import { actorNamesQuery, namespaceNamesQuery } from '@/queries/names';
import { CommitInput } from '@/ui/CommitInput';
import { words } from '@/ui/format';
import { ACTIONS, type ActivitySearch, dayOf, isNarrowed } from './filter';
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
  return (
    <div className={classes.filters} role="search" aria-label="Activity">
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
      <TextInput
        type="date"
        label="From"
        max={search.until ?? today}
        value={search.since ?? ''}
        onChange={(event) => {
          onChange({ since: event.currentTarget.value });
        }}
      />
      <TextInput
        type="date"
        label="To"
        min={search.since}
        max={today}
        value={search.until ?? ''}
        onChange={(event) => {
          onChange({ until: event.currentTarget.value });
        }}
      />
      {isNarrowed(search) && (
        <Button
          className={classes.clear ?? ''}
          variant="default"
          leftSection={<FilterX size={15} aria-hidden />}
          onClick={onClear}
        >
          Clear
        </Button>
      )}
    </div>
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
