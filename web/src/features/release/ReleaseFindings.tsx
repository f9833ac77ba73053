// What verifying found.

import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import type { ReleaseView } from '@/api/types';
import { Findings } from '@/ui/Findings';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './ReleaseFindings.module.css';
import { byWeight } from '@/ui/weight';

/** All of them, on a tab of their own. */
export function ReleaseFindings({
  release: { findings, state },
}: {
  readonly release: ReleaseView;
}) {
  return (
    <Section
      title="Findings"
      {...(findings.length > 0 && { aside: plural(findings.length, 'finding') })}
    >
      {findings.length > 0 ? (
        <Findings findings={byWeight(findings)} />
      ) : (
        <Message icon={ShieldCheck} title="Nothing was found against it">
          {state === 'verifying' && <p>It is still being looked at.</p>}
        </Message>
      )}
    </Section>
  );
}

const FEW = 2;

/** The weightiest, among other things; nothing, when there is nothing to say. */
export function FewFindings({ release: { findings } }: { readonly release: ReleaseView }) {
  if (findings.length === 0) return null;
  return (
    <Section title="Findings" aside={plural(findings.length, 'finding')}>
      <Findings findings={byWeight(findings).slice(0, FEW)} />
      {findings.length > FEW && (
        <p className={classes.more}>
          <Link
            to="."
            search={(before: object) => ({ ...before, tab: 'findings' as const })}
            resetScroll={false}
          >
            All {plural(findings.length, 'finding')}
          </Link>
        </p>
      )}
    </Section>
  );
}
