// A draft, a release on its way, or a refused attempt: why it is where it is, and what to do.

import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { FileX, ShieldCheck } from 'lucide-react';
import type { DraftView, SmokeRun } from '@/api/types';
import { totalOf } from '@/features/release/FileList';
import { ManifestPanel } from '@/features/release/ManifestPanel';
import { byWeight } from '@/ui/weight';
import { NotRun } from '@/features/release/SmokeTab';
import { Columns } from '@/features/shell/Columns';
import { Loaded } from '@/features/shell/Loaded';
import { Outdated } from '@/features/shell/Outdated';
import { SmokeReport } from '@/features/smoke/SmokeReport';
import { Verifying } from '@/features/smoke/Verifying';
import { draftSmokeRunQuery } from '@/queries/drafts';
import { Findings } from '@/ui/Findings';
import { FileTable } from '@/ui/FileTable';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Stack } from '@/ui/Stack';
import classes from './DraftPage.module.css';
import { NextPanel } from './NextPanel';

export function DraftPage({ draft }: { readonly draft: DraftView }) {
  const query = useQuery(draftSmokeRunQuery(draft.id));
  return (
    <Stack>
      {draft.state === 'verifying' && <Verifying release={draft} />}
      <Columns main={<Reasons draft={draft} />} side={<NextPanel draft={draft} />} />
      {query.data && (
        <>
          <Outdated query={query} />
          <SmokeReport run={query.data} />
        </>
      )}
      <Columns
        main={
          <>
            {!query.data && <NoRun query={query} state={draft.state} />}
            <DraftFiles draft={draft} />
          </>
        }
        side={<ManifestPanel manifest={draft.manifest} />}
      />
    </Stack>
  );
}

function Reasons({ draft: { findings, state } }: { readonly draft: DraftView }) {
  const title = state === 'rejected' ? 'Why it was refused' : 'Findings';
  if (findings.length === 0) {
    return (
      <Section title={title}>
        <Message icon={ShieldCheck} title="Nothing was found against it">
          {state === 'draft' && <p>It is looked at when it is submitted.</p>}
        </Message>
      </Section>
    );
  }
  return (
    <Section title={title} aside={plural(findings.length, 'finding')}>
      <Findings findings={byWeight(findings)} />
    </Section>
  );
}

interface NoRunProps {
  readonly query: UseQueryResult<SmokeRun | null>;
  readonly state: DraftView['state'];
}

function NoRun({ query, state }: NoRunProps) {
  return (
    <Section title="Smoke run">
      <Loaded query={query} lines={3}>
        {() => <NotRun state={state} />}
      </Loaded>
    </Section>
  );
}

function DraftFiles({ draft: { files, missing_blobs } }: { readonly draft: DraftView }) {
  const missing = new Set(missing_blobs);
  return (
    <Section title="Files" aside={totalOf(files)}>
      {files.length === 0 ? (
        <Message icon={FileX} title="No files" />
      ) : (
        <FileTable
          files={files}
          note={({ digest }) =>
            missing.has(digest) && <span className={classes.missing}>not uploaded yet</span>
          }
        />
      )}
    </Section>
  );
}
