// The run that proved a release, or why there is none.

import { useQuery } from '@tanstack/react-query';
import { FlaskConicalOff } from 'lucide-react';
import type { ReleaseView } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { Outdated } from '@/features/shell/Outdated';
import { SmokeReport } from '@/features/smoke/SmokeReport';
import { type ReleasePath, smokeRunQuery } from '@/queries/releases';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';

export interface SmokeTabProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

export function SmokeTab({ path, release }: SmokeTabProps) {
  const query = useQuery(smokeRunQuery(path));
  if (query.data) {
    return (
      <>
        <Outdated query={query} />
        <SmokeReport run={query.data} />
      </>
    );
  }
  return (
    <Section title="Smoke run">
      <Loaded query={query} lines={8}>
        {() => <NotRun state={release.state} />}
      </Loaded>
    </Section>
  );
}

export function NotRun({ state }: { readonly state: ReleaseView['state'] }) {
  return (
    <Message
      icon={FlaskConicalOff}
      title={state === 'verifying' ? 'It did not run yet' : 'It was not run'}
    >
      <p>
        {state === 'draft'
          ? 'A draft is run, with what it attaches to, when it is submitted.'
          : 'A release is run, with what it attaches to, while it is verified. What is refused before never runs.'}
      </p>
    </Message>
  );
}
