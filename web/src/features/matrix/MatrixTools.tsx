// What is looked for in the matrix, and how it is drawn. The legend counts and filters.

import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { ChevronsDownUp, ChevronsUpDown, Search } from 'lucide-react';
import { useState } from 'react';
import { formatCount, words } from '@/ui/format';
import { type Cell, CELL_GLYPHS, CELL_WORDS, CELLS, type Tally } from './cells';
import type { Fold } from './fold';
import classes from './MatrixTools.module.css';
import type { MatrixSearch } from './search';

export interface MatrixToolsProps {
  readonly search: MatrixSearch;
  readonly fold: Fold;
  readonly onChange: (change: Partial<MatrixSearch>) => void;
}

export function MatrixTools({ search, fold, onChange }: MatrixToolsProps) {
  const folded = fold.all('rows') && fold.all('columns');
  const FoldIcon = folded ? ChevronsUpDown : ChevronsDownUp;
  return (
    <div className={classes.tools} role="search" aria-label="In the matrix">
      <NameBox query={search.query ?? ''} onChange={onChange} />
      <Button
        size="xs"
        variant="default"
        leftSection={<FoldIcon size={14} aria-hidden />}
        onClick={() => {
          onChange({ fold: fold.set('rows', !folded).set('columns', !folded).text });
        }}
      >
        {folded ? 'Unfold all' : 'Fold all'}
      </Button>
      <SegmentedControl
        size="xs"
        className={classes.density}
        aria-label="Density"
        value={search.density ?? 'comfortable'}
        data={[
          { value: 'comfortable', label: 'Comfortable' },
          { value: 'compact', label: 'Compact' },
        ]}
        onChange={(value) => {
          onChange({ density: value === 'compact' ? 'compact' : undefined });
        }}
      />
    </div>
  );
}

interface NameBoxProps {
  readonly query: string;
  readonly onChange: MatrixToolsProps['onChange'];
}

function NameBox({ query, onChange }: NameBoxProps) {
  const [text, setText] = useState(query);
  const [asked, setAsked] = useState(query);
  // The address changed without us: back, forward, or a link.
  if (query !== asked) {
    setAsked(query);
    setText(query);
  }
  const ask = useDebouncedCallback((wanted: string) => {
    setAsked(wanted);
    onChange({ query: wanted });
  }, 120);
  return (
    <TextInput
      className={classes.name}
      type="search"
      data-page-search
      size="xs"
      aria-label="Dependents by name"
      placeholder="Dependents by name"
      leftSection={<Search size={14} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        ask(event.currentTarget.value.trim());
      }}
    />
  );
}

export interface LegendProps {
  readonly counts: Tally;
  readonly verdict: Cell | undefined;
  readonly onChange: MatrixToolsProps['onChange'];
}

export function Legend({ counts, verdict, onChange }: LegendProps) {
  return (
    <div className={classes.legend} role="group" aria-label="Only rows with such a pair">
      {CELLS.map((cell) => (
        <button
          key={cell}
          type="button"
          className={classes.entry}
          data-cell={cell}
          aria-pressed={verdict === cell}
          disabled={counts[cell] === 0 && verdict !== cell}
          onClick={() => {
            onChange({ verdict: verdict === cell ? undefined : cell });
          }}
        >
          <span className={classes.glyph} aria-hidden>
            {CELL_GLYPHS[cell]}
          </span>
          {words(CELL_WORDS[cell])} <strong>{formatCount(counts[cell])}</strong>
        </button>
      ))}
    </div>
  );
}
