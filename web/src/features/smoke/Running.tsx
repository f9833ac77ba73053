// A run that has not ended: what is running, and for how long.

import type { SmokeRun } from '@/api/types';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { Section } from '@/ui/Section';
import { useNow } from '@/ui/useNow';
import { formatElapsed } from './progress';
import classes from './Progress.module.css';

export function Running({
  run: { base, dependent, started_at, state },
}: {
  readonly run: SmokeRun;
}) {
  const now = useNow(true);
  return (
    <Section title="Smoke run" aside="This page follows it">
      <div className={classes.running} role="status">
        <span className={classes.pulse} aria-hidden />
        <p>
          {dependent && <ReferenceLink reference={dependent} />}
          {dependent && base && ' on '}
          {base && <ReferenceLink reference={base} />}
          {!base && !dependent && 'It'} {state === 'queued' ? 'waits to run' : 'runs'} in the
          sandbox.
        </p>
        {/* Counting aloud would be a nuisance. */}
        {started_at && <span aria-hidden>{formatElapsed(started_at, now)}</span>}
      </div>
    </Section>
  );
}
