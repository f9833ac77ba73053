// The figures of all updates, for who wants them exactly.

import { useState } from 'react';
import type { Update } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { formatFigure, plural } from '@/ui/format';
import { formatAmount } from './amounts';
import classes from './UpdatePanel.module.css';
import { byChange } from './updates';

/** More lines than that nobody reads; the report has them all. */
const MOST = 500;

export function UpdateTable({ updates }: { readonly updates: readonly Update[] }) {
  const [open, setOpen] = useState(false);
  const rows = open ? byChange(updates).slice(0, MOST) : [];
  return (
    <details
      className={classes.table}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>The figures, the largest change first</summary>
      {open && (
        <DataTable
          label="Updates"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ parameter }) => parameter}
        />
      )}
      {open && updates.length > MOST && (
        <p className={classes.text}>{plural(updates.length - MOST, 'smaller update')} left out.</p>
      )}
    </details>
  );
}

const COLUMNS: readonly Column<Update>[] = [
  { title: 'Parameter', wide: true, cell: ({ parameter }) => <code>{parameter}</code> },
  { title: 'Relative norm', number: true, cell: (update) => formatAmount(update, 'relative') },
  { title: 'Norm', number: true, cell: ({ norm }) => formatFigure(norm) },
  { title: 'Effective rank', number: true, cell: (update) => formatAmount(update, 'rank') ?? '—' },
];
