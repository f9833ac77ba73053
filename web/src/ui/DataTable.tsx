// A table for reading; on narrow screens each row becomes a block.

// Browsers drop the roles of tables that are laid out as blocks, so they are said aloud.
/* eslint jsx-a11y/no-redundant-roles: off, jsx-a11y/no-interactive-element-to-noninteractive-role: off */

import type { ReactNode } from 'react';
import classes from './DataTable.module.css';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly number?: boolean;
  /** On narrow screens it takes a line of its own. */
  readonly wide?: boolean;
  /** As narrow as what is in it; its title is only heard. */
  readonly tool?: boolean;
}

export interface DataTableProps<Row> {
  /** What the table shows, for who does not see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
}

export function DataTable<Row>({ label, columns, rows, rowKey }: DataTableProps<Row>) {
  const look = ({ number, wide, tool }: Column<Row>) =>
    [number && classes.number, wide && classes.wide, tool && classes.tool]
      .filter(Boolean)
      .join(' ') || undefined;
  return (
    <table className={classes.table} aria-label={label} role="table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.title} scope="col" role="columnheader" className={look(column)}>
              {column.tool ? <span className={classes.heard}>{column.title}</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) => (
              <td key={column.title} role="cell" className={look(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
