// Which part of the lineage is shown, and how; and looking for a node in it.

import { ActionIcon, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { ChevronDown, ChevronUp, Minus, Plus, Search } from 'lucide-react';
import { formatCount } from '@/ui/format';
import type { Change } from './actions';
import { DEEPEST, DEPTH, DIRECTIONS, type Direction, type LineageSearch } from './search';
import classes from './Tools.module.css';

export interface ToolsProps {
  readonly search: LineageSearch;
  readonly change: Change;
  readonly finder: FinderProps;
}

const DIRECTION_WORDS: Record<Direction, string> = {
  both: 'Both',
  up: 'Made from',
  down: 'Made into',
};

export function Tools({ search, change, finder }: ToolsProps) {
  const { depth = DEPTH, direction = 'both', view, all } = search;
  return (
    <div className={classes.tools}>
      <SegmentedControl
        size="xs"
        aria-label="Direction"
        value={direction}
        data={DIRECTIONS.map((value) => ({ value, label: DIRECTION_WORDS[value] }))}
        onChange={(value) => {
          const chosen = DIRECTIONS.find((known) => known === value);
          change(() => ({ direction: chosen === 'both' ? undefined : chosen }));
        }}
      />
      <Depth
        depth={depth}
        onChange={(next) => {
          change(() => ({ depth: next }));
        }}
      />
      <Switch
        size="xs"
        label="Group siblings"
        checked={!all}
        onChange={(event) => {
          const grouped = event.currentTarget.checked;
          change(() => ({ all: grouped ? undefined : true }));
        }}
      />
      <Finder {...finder} />
      <SegmentedControl
        size="xs"
        aria-label="View"
        value={view ?? 'graph'}
        data={[
          { value: 'graph', label: 'Graph' },
          { value: 'list', label: 'List' },
        ]}
        onChange={(value) => {
          change(() => ({ view: value === 'list' ? 'list' : undefined }));
        }}
      />
    </div>
  );
}

interface DepthProps {
  readonly depth: number;
  readonly onChange: (depth: number) => void;
}

function Depth({ depth, onChange }: DepthProps) {
  return (
    <div className={classes.depth} role="group" aria-label="Depth">
      <ActionIcon
        variant="default"
        size={26}
        aria-label="One step less"
        disabled={depth <= 1}
        onClick={() => {
          onChange(depth - 1);
        }}
      >
        <Minus size={13} aria-hidden />
      </ActionIcon>
      <span aria-live="polite">{depth === 1 ? '1 step' : `${depth} steps`}</span>
      <ActionIcon
        variant="default"
        size={26}
        aria-label="One step more"
        disabled={depth >= DEEPEST}
        onClick={() => {
          onChange(depth + 1);
        }}
      >
        <Plus size={13} aria-hidden />
      </ActionIcon>
    </div>
  );
}

export interface FinderProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly hits: readonly string[];
  /** Which of them is looked at. */
  readonly at: number;
  readonly onStep: (step: 1 | -1) => void;
}

function Finder({ text, onText, hits, at, onStep }: FinderProps) {
  const none = hits.length === 0;
  return (
    <div className={classes.finder} role="search" aria-label="In the graph">
      <TextInput
        data-page-search
        className={classes.text}
        type="search"
        size="xs"
        aria-label="Find in the graph"
        placeholder="Find in the graph"
        leftSection={<Search size={14} aria-hidden />}
        value={text}
        onChange={(event) => {
          onText(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') onText('');
          else return;
          event.preventDefault();
        }}
      />
      <span className={classes.hits} role="status">
        {text.trim() &&
          (none ? 'none' : `${at < 0 ? '' : `${at + 1} of `}${formatCount(hits.length)}`)}
      </span>
      <ActionIcon
        variant="default"
        size={26}
        aria-label="Previous hit"
        disabled={none}
        onClick={() => {
          onStep(-1);
        }}
      >
        <ChevronUp size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="default"
        size={26}
        aria-label="Next hit"
        disabled={none}
        onClick={() => {
          onStep(1);
        }}
      >
        <ChevronDown size={14} aria-hidden />
      </ActionIcon>
    </div>
  );
}
