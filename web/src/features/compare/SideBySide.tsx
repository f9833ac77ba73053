// Rows of two sides: what it is, how it is in the first release and how in the second.

import type { ReactNode } from 'react';
import type { Change } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { ChangeSign } from './ChangeSign';
import classes from './SideBySide.module.css';

export interface SideRow {
  readonly key: string;
  readonly change: Change;
  readonly name: ReactNode;
  readonly before: ReactNode;
  readonly after: ReactNode;
  /** What the difference is, where it can be said. */
  readonly difference?: ReactNode;
}

/** What the two sides are called. */
export interface Titles {
  readonly from: string;
  readonly to: string;
}

export interface SideBySideProps {
  readonly label: string;
  /** What stands in the rows: `Path`, `Check`. */
  readonly what: string;
  readonly titles: Titles;
  readonly rows: readonly SideRow[];
}

export function SideBySide({ label, what, titles, rows }: SideBySideProps) {
  const columns: Column<SideRow>[] = [
    { title: 'Change', tool: true, cell: ({ change }) => <ChangeSign change={change} /> },
    { title: what, cell: ({ name }) => <span className={classes.name}>{name}</span> },
    { title: `In ${titles.from}`, wide: true, cell: (row) => side(titles.from, row.before) },
    { title: `In ${titles.to}`, wide: true, cell: (row) => side(titles.to, row.after) },
  ];
  if (rows.some(({ difference }) => difference !== undefined)) {
    columns.push({
      title: 'Difference',
      wide: true,
      cell: ({ difference }) => <span className={classes.difference}>{difference}</span>,
    });
  }
  return (
    <div className={classes.sides}>
      <DataTable label={label} columns={columns} rows={rows} rowKey={({ key }) => key} />
    </div>
  );
}

/** Where rows are blocks, the side is named beside its value. */
function side(title: string, value: ReactNode) {
  const absent = value === undefined || value === null;
  return (
    <div className={classes.side}>
      <span className={classes.title} aria-hidden>
        {title}
      </span>
      {absent ? <span className={classes.absent}>not there</span> : <div>{value}</div>}
    </div>
  );
}
