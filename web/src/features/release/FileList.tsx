// The files of a release, to download where its state admits it.

import { useQuery } from '@tanstack/react-query';
import { Download, FileX, ShieldX } from 'lucide-react';
import { fileUrl } from '@/api/client';
import type { FileEntry, ReleaseView } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { filesQuery, type ReleasePath } from '@/queries/releases';
import { formatBytes, plural, sentence } from '@/ui/format';
import { FileTable } from '@/ui/FileTable';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { isGiven } from './commands';
import classes from './FileList.module.css';

export interface FileListProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

export function FileList({ path, release }: FileListProps) {
  const query = useQuery(filesQuery(path));
  const given = isGiven(release.state);
  const link = (file: FileEntry) => (
    <a href={fileUrl(path, release.version, file.path)} download className={classes.path}>
      <Download size={14} aria-hidden />
      {file.path}
    </a>
  );
  return (
    <Section title="Files" aside={query.data && totalOf(query.data)}>
      <Refused release={release} />
      <Loaded query={query}>
        {(files) =>
          files.length === 0 ? (
            <Message icon={FileX} title="No files" />
          ) : (
            <FileTable files={files} {...(given && { link })} />
          )
        }
      </Loaded>
    </Section>
  );
}

export function totalOf(files: readonly FileEntry[]): string {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return `${plural(files.length, 'file')}, ${formatBytes(total)}`;
}

/** Why there is nothing to download, where there is not. */
function Refused({ release: { state, state_reason } }: { readonly release: ReleaseView }) {
  if (state === 'quarantined') {
    return (
      <div className={classes.refused}>
        <ShieldX size={18} aria-hidden />
        <div>
          <p>
            <strong>Quarantined: nobody can download these bytes.</strong>{' '}
            {state_reason && sentence(state_reason)}
          </p>
          <p>
            Their digests stay to be seen, so that copies of them can be found. A reviewer can
            restore the release.
          </p>
        </div>
      </div>
    );
  }
  if (isGiven(state)) return null;
  return <p className={classes.note}>They can be downloaded when the release is published.</p>;
}
