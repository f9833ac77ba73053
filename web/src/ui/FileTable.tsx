// Files with their sizes and digests.

import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { FileEntry } from '@/api/types';
import { CopyDigest } from './CopyDigest';
import { DataTable } from './DataTable';
import classes from './FileTable.module.css';
import { formatBytes, formatCount } from './format';

export interface FileTableProps {
  readonly files: readonly FileEntry[];
  /** The path as a link, where its bytes can be had. */
  readonly link?: (file: FileEntry) => ReactNode;
  /** What else is to be said of a file. */
  readonly note?: (file: FileEntry) => ReactNode;
}

/** A release may have ten thousand, and nobody reads as many at once. */
const STEP = 200;

export function FileTable({ files, link, note }: FileTableProps) {
  const [shown, setShown] = useState(STEP);
  const left = files.length - shown;
  return (
    <>
      <DataTable
        label="Files"
        columns={[
          {
            title: 'Path',
            wide: true,
            cell: (file: FileEntry) => (
              <>
                {link ? link(file) : <span className={classes.path}>{file.path}</span>}
                {note?.(file)}
              </>
            ),
          },
          {
            title: 'Size',
            number: true,
            cell: ({ size }: FileEntry) => (
              <span title={`${formatCount(size)} bytes`}>{formatBytes(size)}</span>
            ),
          },
          { title: 'SHA-256', cell: ({ digest }: FileEntry) => <CopyDigest digest={digest} /> },
        ]}
        rows={files.slice(0, shown)}
        rowKey={({ path }) => path}
      />
      {left > 0 && (
        <div className={classes.more}>
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setShown(shown + 5 * STEP);
            }}
          >
            Show more of the {formatCount(left)} that are left
          </Button>
        </div>
      )}
    </>
  );
}
