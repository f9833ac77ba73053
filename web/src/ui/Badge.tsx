// A state in a word, with a tone and a sign: colour is never the only difference.

import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './Badge.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

export interface BadgeProps {
  readonly tone: Tone;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}

export function Badge({ tone, icon: Icon, children }: BadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {Icon && <Icon size={13} strokeWidth={2.25} aria-hidden />}
      {children}
    </span>
  );
}
