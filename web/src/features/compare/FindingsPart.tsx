// Findings that are gone, that came, and that stay.

import type { Finding, FindingsChange } from '@/api/types';
import { Findings } from '@/ui/Findings';
import { plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import classes from './FindingsPart.module.css';
import { Same } from './Same';
import { ChangeSign, type ChangeSignProps } from './ChangeSign';

export interface FindingsPartProps {
  readonly change: FindingsChange;
  readonly all: boolean;
}

export function FindingsPart({ change, all }: FindingsPartProps) {
  const { resolved, introduced, persisting } = change;
  const groups: readonly (readonly [string, ChangeSignProps, readonly Finding[]])[] = [
    ['Introduced', { change: 'added', tone: 'bad' }, introduced],
    ['Resolved', { change: 'removed', tone: 'good' }, resolved],
    ...(all ? [['Persisting', { change: 'same' }, persisting] as const] : []),
  ];
  const shown = groups.filter(([, , findings]) => findings.length > 0);
  return (
    <Section
      title="Findings"
      aside={`${introduced.length} introduced, ${resolved.length} resolved, ${persisting.length} persisting`}
    >
      {shown.length === 0 && (
        <Same>
          {persisting.length > 0
            ? `${plural(persisting.length, 'finding')}, the same in both.`
            : 'Neither has findings.'}
        </Same>
      )}
      {shown.map(([title, sign, findings]) => (
        <div key={title} className={classes.group}>
          <h3>
            <ChangeSign {...sign} silent /> {title}
          </h3>
          <Findings findings={findings} />
        </div>
      ))}
    </Section>
  );
}
