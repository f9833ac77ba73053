// What to do next, step by step.

import type { DraftView } from '@/api/types';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { Command } from '@/ui/Command';
import { Section } from '@/ui/Section';
import { nextStepsOf } from './nextSteps';
import classes from './NextPanel.module.css';

export function NextPanel({ draft }: { readonly draft: DraftView }) {
  const steps = nextStepsOf(draft);
  return (
    <Section title="What to do next">
      {steps.length > 0 ? (
        <ol className={classes.steps} data-single={steps.length === 1 || undefined}>
          {steps.map(({ text, commands }) => (
            <li key={text}>
              <p>{text}</p>
              {commands && <Command lines={commands} />}
            </li>
          ))}
        </ol>
      ) : (
        <p className={classes.through}>
          It is through: see <ReferenceLink reference={`${draft.module}@${draft.version}`} />.
        </p>
      )}
    </Section>
  );
}
