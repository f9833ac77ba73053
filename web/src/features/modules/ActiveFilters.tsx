// What the list is narrowed to, each to be taken away by a press.

import { UnstyledButton } from '@mantine/core';
import { X } from 'lucide-react';
import { useRef } from 'react';
import type { ModuleFilter } from '@/queries/modules';
import classes from './ActiveFilters.module.css';
import { narrowings, toggled } from './filter';
import { nameOf, TITLES } from './words';

export interface ActiveFiltersProps {
  readonly filter: ModuleFilter;
  readonly onChange: (step: (filter: ModuleFilter) => ModuleFilter) => void;
  /** Where the focus goes when there is nothing left to take away. */
  readonly onEmpty: () => void;
}

export function ActiveFilters({ filter, onChange, onEmpty }: ActiveFiltersProps) {
  const list = useRef<HTMLUListElement>(null);
  const active = narrowings(filter);
  if (active.length === 0) return null;
  /** The button that is pressed goes; the focus must not go with it. */
  const keepFocus = (index: number) => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const next = buttons[index + 1] ?? buttons[index - 1];
    if (next && active.length > 1) next.focus();
    else onEmpty();
  };
  return (
    <ul ref={list} className={classes.list} aria-label="Active filters">
      {active.map(({ facet, value }, index) => (
        <li key={`${facet} ${value}`}>
          <UnstyledButton
            className={classes.chip}
            aria-label={`Remove the filter ${TITLES[facet]}: ${nameOf(facet, value)}`}
            onClick={() => {
              keepFocus(index);
              onChange((before) => toggled(before, facet, value));
            }}
          >
            <span>{TITLES[facet]}</span> {nameOf(facet, value)}
            <X size={13} aria-hidden />
          </UnstyledButton>
        </li>
      ))}
      {active.length > 1 && (
        <li>
          <UnstyledButton
            className={classes.all}
            onClick={() => {
              onEmpty();
              onChange(({ query }) => ({ ...(query && { query }) }));
            }}
          >
            Clear all
          </UnstyledButton>
        </li>
      )}
    </ul>
  );
}
