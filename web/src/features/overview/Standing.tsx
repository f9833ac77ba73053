// The service itself: what keeps it from working, or that nothing does.

import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { Health, Overview } from '@/api/types';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Ticked } from '@/ui/Ticked';
import classes from './Standing.module.css';
import { isCalm, troubleOf } from './wrong';

export function Trouble({ health }: { readonly health: Health }) {
  const trouble = troubleOf(health);
  if (!trouble) return null;
  return (
    <div className={classes.trouble} role="alert">
      <TriangleAlert size={20} aria-hidden />
      <div>
        <p className={classes.title}>{trouble.title}</p>
        <p>
          <Ticked text={trouble.text} />
        </p>
        <p className={classes.remedy}>
          <Ticked text={trouble.remedy} />
        </p>
      </div>
    </div>
  );
}

export function AllWell({ overview }: { readonly overview: Overview }) {
  if (!isCalm(overview)) return null;
  return (
    <Section title="What needs somebody">
      <Message icon={CircleCheck} title="Nothing is broken, refused or in quarantine" />
    </Section>
  );
}
