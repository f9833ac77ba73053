// What the changes of the contract demand of the version, rule by rule.

import { Anchor, Badge } from '@mantine/core';
import type { Appraisal, Bump } from '@/api/types';
import { plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import classes from './ContractPart.module.css';
import { Same } from './Same';

const TONES: Readonly<Record<Bump, string>> = { major: 'red', minor: 'yellow', patch: 'gray' };

export interface ContractPartProps {
  readonly contract: Appraisal;
  /** What demands nothing too. */
  readonly all: boolean;
}

export function ContractPart({ contract, all }: ContractPartProps) {
  const { demands } = contract;
  const shown = demands.filter(({ bump }) => all || bump !== 'patch');
  const hidden = demands.length - shown.length;
  return (
    <Section title="What the version owes" aside={summary(contract)}>
      {shown.length === 0 && (
        <Same>
          {hidden > 0
            ? `${plural(hidden, 'change')} of the contract, none of which demands anything.`
            : 'The contract is the same in both.'}
        </Same>
      )}
      {shown.length > 0 && (
        <ul className={classes.demands}>
          {shown.map(({ bump, finding }) => (
            <li key={`${finding.rule} ${finding.subject}`}>
              <Badge variant="light" color={TONES[bump]} className={classes.bump}>
                {bump}
              </Badge>
              <span>
                {finding.message}{' '}
                <Anchor href={`/docs/rules#${finding.rule}`} className={classes.rule}>
                  {finding.rule}
                </Anchor>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function summary({ demanded, given }: Appraisal): string {
  if (!demanded) return 'nothing changed';
  if (!given) return `demands ${demanded}`;
  return `demands ${demanded}, the version gives ${given}`;
}
