// How far the verification of a release is, step by step.

import { Check, Circle, LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ReleaseView } from '@/api/types';
import { Section } from '@/ui/Section';
import { useNow } from '@/ui/useNow';
import { formatElapsed, type Step, stepsOf } from './progress';
import classes from './Progress.module.css';

export interface VerifyingProps {
  readonly release: Pick<ReleaseView, 'stage' | 'submitted_at'>;
}

export function Verifying({ release: { stage, submitted_at } }: VerifyingProps) {
  const now = useNow(true);
  const steps = stepsOf(stage);
  return (
    <Section
      title="Verifying"
      aside={
        submitted_at ? (
          <span>
            For <span className={classes.clock}>{formatElapsed(submitted_at, now)}</span>. This page
            follows it.
          </span>
        ) : (
          'This page follows it'
        )
      }
    >
      <ol className={classes.steps}>
        {steps.map((step) => (
          <StepLine key={step.stage} step={step} />
        ))}
      </ol>
      {!stage && <p className={classes.note}>The server does not say how far it is.</p>}
    </Section>
  );
}

const SIGNS: Record<Step['state'], LucideIcon> = { done: Check, now: LoaderCircle, next: Circle };
const WORDS: Record<Step['state'], string> = { done: 'Done', now: 'Now', next: 'Then' };

function StepLine({ step: { title, text, state } }: { readonly step: Step }) {
  const Sign = SIGNS[state];
  return (
    <li data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
      <Sign size={18} aria-hidden className={classes.sign} />
      <span>
        <strong>{title}</strong>
        <span className={classes.state}> {WORDS[state]}</span>
        <span className={classes.text}>{text}</span>
      </span>
    </li>
  );
}
