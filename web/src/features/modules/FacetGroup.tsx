// One facet: its values, how many modules have each, and which are chosen.

import { Checkbox, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { FacetCount } from '@/api/types';
import { formatCount, plural } from '@/ui/format';
import type { Facet } from './filter';
import { type Choice, choicesOf, FEW, MANY, shownOf } from './facets';
import classes from './FacetGroup.module.css';
import { nameOf, TITLES } from './words';

export interface FacetGroupProps {
  readonly facet: Facet;
  readonly counts: readonly FacetCount[];
  readonly chosen: readonly string[];
  readonly onToggle: (value: string) => void;
}

export function FacetGroup({ facet, counts, chosen, onToggle }: FacetGroupProps) {
  const [all, setAll] = useState(false);
  const [text, setText] = useState('');
  const choices = choicesOf(counts, chosen);
  if (choices.length === 0) return null;
  const title = TITLES[facet];
  const shown = shownOf(facet, choices, { all, text });
  return (
    <fieldset className={classes.group}>
      <legend>{title}</legend>
      {choices.length > MANY && (
        <TextInput
          size="xs"
          type="search"
          className={classes.search}
          aria-label={`Search in ${title.toLowerCase()}`}
          placeholder={`Search ${plural(choices.length, 'value')}`}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
      )}
      {shown.length === 0 && <p className={classes.none}>Nothing is called so.</p>}
      {shown.map((choice) => (
        <Line key={choice.value} facet={facet} choice={choice} onToggle={onToggle} />
      ))}
      {choices.length > FEW && text.trim() === '' && (
        <UnstyledButton
          className={classes.more}
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
        >
          {all ? 'Show fewer' : `Show all ${formatCount(choices.length)}`}
        </UnstyledButton>
      )}
    </fieldset>
  );
}

interface LineProps {
  readonly facet: Facet;
  readonly choice: Choice;
  readonly onToggle: (value: string) => void;
}

function Line({ facet, choice: { value, count, chosen }, onToggle }: LineProps) {
  return (
    <Checkbox
      size="xs"
      className={classes.line}
      checked={chosen}
      onChange={() => {
        onToggle(value);
      }}
      label={
        <>
          <span className={classes.name}>{nameOf(facet, value)}</span>
          <span className={classes.count}>{formatCount(count)}</span>
        </>
      }
    />
  );
}
