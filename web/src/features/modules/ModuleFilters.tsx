// Search as you type, and the kinds.

import { Chip, Group, Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { KINDS, type Kind } from '@/api/types';
import type { ModuleFilter } from '@/queries/modules';
import { words } from '@/ui/format';
import classes from './ModuleFilters.module.css';

export interface ModuleFiltersProps {
  readonly filter: ModuleFilter;
  readonly onChange: (filter: ModuleFilter) => void;
}

const ALL = 'all';

export function ModuleFilters({ filter, onChange }: ModuleFiltersProps) {
  const { kind } = filter;
  const select = (value: string) => {
    const chosen = KINDS.find((known: Kind) => known === value);
    onChange({ ...(filter.query && { query: filter.query }), ...(chosen && { kind: chosen }) });
  };
  return (
    <div className={classes.filters} role="search">
      <SearchBox filter={filter} onChange={onChange} />
      <Chip.Group value={kind ?? ALL} onChange={select}>
        <Group gap={6} role="radiogroup" aria-label="Kind">
          {[ALL, ...KINDS].map((value) => (
            <Chip key={value} value={value} size="xs" variant="outline">
              {value === ALL ? 'All kinds' : words(value)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </div>
  );
}

function SearchBox({ filter, onChange }: ModuleFiltersProps) {
  const wanted = filter.query ?? '';
  const [text, setText] = useState(wanted);
  const [asked, setAsked] = useState(wanted);
  // The address changed without us: back, forward, or a link.
  if (wanted !== asked) {
    setAsked(wanted);
    setText(wanted);
  }
  const ask = useDebouncedCallback((query: string) => {
    setAsked(query);
    onChange({ ...(filter.kind && { kind: filter.kind }), ...(query && { query }) });
  }, 120);
  return (
    <TextInput
      data-page-search
      type="search"
      aria-label="Search modules by name"
      placeholder="Search by name"
      leftSection={<Search size={16} aria-hidden />}
      rightSection={<Kbd size="xs">/</Kbd>}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        ask(event.currentTarget.value.trim());
      }}
    />
  );
}
