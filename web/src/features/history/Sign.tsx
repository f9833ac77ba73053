// The sign of what happened, in a circle of its tone.

import type { LucideIcon } from 'lucide-react';
import type { Tone } from '@/ui/Badge';
import classes from './Sign.module.css';

export function Sign({ tone, icon: Icon }: { readonly tone: Tone; readonly icon: LucideIcon }) {
  return (
    <span className={classes.sign} data-tone={tone}>
      <Icon size={14} strokeWidth={2.25} aria-hidden />
    </span>
  );
}
