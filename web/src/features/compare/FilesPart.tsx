// Files of both, by path.

import type { FileChange } from '@/api/types';
import { CopyDigest } from '@/ui/CopyDigest';
import { formatBytes, plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import { difference, tally, wanted } from './differ';
import classes from './FilesPart.module.css';
import { Same } from './Same';
import { SideBySide, type Titles } from './SideBySide';

export interface FilesPartProps {
  readonly files: readonly FileChange[];
  readonly titles: Titles;
  readonly all: boolean;
}

export function FilesPart({ files, titles, all }: FilesPartProps) {
  const shown = wanted(files, all);
  return (
    <Section title="Files" aside={tally(files.map(({ change }) => change))}>
      {shown.length === 0 ? (
        <Same>
          {files.length > 0
            ? `${plural(files.length, 'file')} with the same bytes in both.`
            : 'Neither has files.'}
        </Same>
      ) : (
        <SideBySide
          label="Files"
          what="Path"
          titles={titles}
          rows={shown.map(({ path, change, before, after }) => ({
            key: path,
            change,
            name: <code>{path}</code>,
            before: before && <FileText {...before} />,
            after: after && <FileText {...after} />,
            difference: before && after && change === 'changed' && sizes(before.size, after.size),
          }))}
        />
      )}
    </Section>
  );
}

function FileText({ size, digest }: { readonly size: number; readonly digest: string }) {
  return (
    <span className={classes.file}>
      {formatBytes(size)} <CopyDigest digest={digest} />
    </span>
  );
}

function sizes(before: number, after: number): string {
  const by = difference(before, after, formatBytes);
  return by.is === 'same' ? 'same size, other bytes' : by.text;
}
