// A release in a few lines: what it is for, who made it when, and why it is where it is.

import type { ReleaseView } from '@/api/types';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { Ago } from '@/ui/Ago';
import { CopyDigest } from '@/ui/CopyDigest';
import { words } from '@/ui/format';
import classes from './ReleaseSummary.module.css';

export function ReleaseSummary({ release }: { readonly release: ReleaseView }) {
  const { manifest, published_at, created_at, created_by, digest } = release;
  return (
    <>
      {manifest.module.description && <p>{manifest.module.description}</p>}
      <div className={classes.line}>
        <span>
          {published_at ? 'Published' : 'Drafted'} <Ago at={published_at ?? created_at} /> by{' '}
          {created_by}
        </span>
        <CopyDigest digest={digest} />
      </div>
      <Standing release={release} />
    </>
  );
}

function Standing({
  release: { state, state_reason, replacement },
}: {
  readonly release: ReleaseView;
}) {
  if (!state_reason && !replacement) return null;
  return (
    <div className={classes.standing} data-tone={state === 'quarantined' ? 'bad' : 'warn'}>
      <strong>{words(state)}.</strong> {state_reason}
      {replacement && (
        <>
          {' '}
          Use <ReferenceLink reference={replacement} /> instead.
        </>
      )}
    </div>
  );
}
