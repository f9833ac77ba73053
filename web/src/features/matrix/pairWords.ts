// What each of the three facts of a pair says, in a sentence. Pure.

import type { Facts, Verdict } from '@/api/types';

export type Fact = keyof Facts;

export const FACTS = ['declared', 'structural', 'behavioural'] as const satisfies readonly Fact[];

const SAID: Record<Fact, Record<Verdict, string>> = {
  declared: {
    compatible: 'The range that it requires admits this version.',
    incompatible: 'The range that it requires does not admit this version.',
    unknown: 'Nobody looked yet whether its range admits this version.',
  },
  structural: {
    compatible: 'The tensors that it puts on fit by name and by shape.',
    incompatible: 'The tensors that it puts on do not fit by name or by shape.',
    unknown: 'Names and shapes were not compared: one of the two tells no interface.',
  },
  behavioural: {
    compatible:
      'A run on this release proved it: it does what it does on the one that it was made for.',
    incompatible: 'A run on this release refuted it; the findings say by what.',
    unknown: 'No run has proved or refuted it: it waits, goes on, or there was nothing to run.',
  },
};

export function sayFact(fact: Fact, verdict: Verdict): string {
  return SAID[fact][verdict];
}

/** Why the verdict is what it is, from the facts. */
export function sayVerdict(verdict: Verdict, facts: Facts): string {
  const at = (wanted: Verdict) => FACTS.filter((fact) => facts[fact] === wanted).join(' and ');
  if (verdict === 'incompatible') return `Refuted by its ${at('incompatible')} fact.`;
  if (verdict === 'unknown') return `Not proven: its ${at('unknown')} fact is open.`;
  return 'Declared, of fitting structure, and proven by a run.';
}
