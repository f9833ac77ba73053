// One release of the backbone in a sentence: what fits on it, what it breaks.

import { Button, NativeSelect } from '@mantine/core';
import { CircleCheck, ListFilter, TriangleAlert } from 'lucide-react';
import type { GridColumn } from '@/api/types';
import { formatCount, plural } from '@/ui/format';
import classes from './OnRelease.module.css';
import type { Summary } from './rows';
import type { MatrixSearch } from './search';

export interface OnReleaseProps {
  readonly columns: readonly GridColumn[];
  readonly on: number;
  readonly summary: Summary;
  readonly breaks: boolean;
  readonly onChange: (change: Partial<MatrixSearch>) => void;
}

export function OnRelease({ columns, on, summary, breaks, onChange }: OnReleaseProps) {
  const version = columns[on]?.version ?? '';
  const { compatible, incompatible, unknown, unpaired } = summary.releases;
  const Icon = incompatible > 0 ? TriangleAlert : CircleCheck;
  const newest = on === columns.length - 1;
  return (
    <div className={classes.summary}>
      <p className={classes.line} data-broken={incompatible > 0 || undefined}>
        <Icon size={18} aria-hidden className={classes.icon} />
        <span>
          <strong>{version}</strong>
          {newest && ', the newest,'} breaks{' '}
          <strong>{incompatible === 0 ? 'nothing' : plural(incompatible, 'release')}</strong>
          {incompatible > 0 && ` of ${plural(summary.broken.length, 'module')}`}.{' '}
          <span className={classes.rest}>
            {formatCount(compatible)} compatible, {formatCount(unknown)} unknown,{' '}
            {formatCount(unpaired)} never paired.
          </span>
        </span>
      </p>
      <div className={classes.choices}>
        <NativeSelect
          size="xs"
          aria-label="Release that this is about"
          value={version}
          data={columns
            .map((column, index) => ({
              value: column.version,
              label: index === columns.length - 1 ? `${column.version} (newest)` : column.version,
            }))
            .reverse()}
          onChange={(event) => {
            onChange({ on: event.currentTarget.value });
          }}
        />
        <Button
          size="xs"
          variant={breaks ? 'filled' : 'default'}
          aria-pressed={breaks}
          disabled={incompatible === 0 && !breaks}
          leftSection={<ListFilter size={14} aria-hidden />}
          onClick={() => {
            onChange({ breaks: breaks ? undefined : true });
          }}
        >
          Show only what breaks on {version}
        </Button>
      </div>
    </div>
  );
}
