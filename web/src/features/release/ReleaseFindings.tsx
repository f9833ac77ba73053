// What verifying found.

import type { ReleaseView } from '@/api/types';
import { Findings } from '@/ui/Findings';
import { plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import { Waiting } from '@/ui/Waiting';

/** Nothing, when there is nothing to say. */
export function ReleaseFindings({ release }: { readonly release: ReleaseView }) {
  if (release.state === 'verifying') {
    return (
      <Section title="Verifying" aside="This page follows it">
        <Waiting lines={3} />
      </Section>
    );
  }
  if (release.findings.length === 0) return null;
  return (
    <Section title="Findings" aside={plural(release.findings.length, 'finding')}>
      <Findings findings={release.findings} />
    </Section>
  );
}
