// The files of a release, to download where its state admits it.

import { useQuery } from '@tanstack/react-query';
import { Download, FileX } from 'lucide-react';
import { fileUrl } from '@/api/client';
import type { FileEntry, ReleaseView } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { filesQuery, type ReleasePath } from '@/queries/releases';
import { CopyDigest } from '@/ui/CopyDigest';
import { type Column, DataTable } from '@/ui/DataTable';
import { formatBytes, plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './FileList.module.css';

export interface FileListProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

/** States in which everybody may have the bytes. */
const GIVEN = new Set(['published', 'deprecated', 'yanked']);

export function FileList({ path, release }: FileListProps) {
  const query = useQuery(filesQuery(path));
  const given = GIVEN.has(release.state);
  const total = query.data?.reduce((sum, file) => sum + file.size, 0) ?? 0;
  const aside = query.data && `${plural(query.data.length, 'file')}, ${formatBytes(total)}`;
  return (
    <Section title="Files" aside={aside}>
      {release.state === 'quarantined' && (
        <p className={classes.note}>Quarantined: nobody can download these bytes.</p>
      )}
      <Loaded query={query}>
        {(files) =>
          files.length === 0 ? (
            <Message icon={FileX} title="No files" />
          ) : (
            <DataTable
              label="Files"
              columns={columns(
                { namespace: path.namespace, name: path.name },
                release.version,
                given,
              )}
              rows={files}
              rowKey={(file) => file.path}
            />
          )
        }
      </Loaded>
    </Section>
  );
}

function columns(
  module: { namespace: string; name: string },
  version: string,
  given: boolean,
): Column<FileEntry>[] {
  return [
    {
      title: 'Path',
      wide: true,
      cell: ({ path }) =>
        given ? (
          <a href={fileUrl(module, version, path)} download className={classes.path}>
            <Download size={14} aria-hidden />
            {path}
          </a>
        ) : (
          <span className={classes.path}>{path}</span>
        ),
    },
    { title: 'Size', number: true, cell: ({ size }) => formatBytes(size) },
    { title: 'SHA-256', cell: ({ digest }) => <CopyDigest digest={digest} /> },
  ];
}
