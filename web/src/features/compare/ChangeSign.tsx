// What became of something, as a sign and not only as a colour.

import type { Change } from '@/api/types';
import classes from './ChangeSign.module.css';

const SIGNS: Record<Change, readonly [string, string]> = {
  added: ['+', 'Added'],
  removed: ['−', 'Removed'],
  changed: ['~', 'Changed'],
  same: ['=', 'The same'],
};

const TONES: Record<Change, string> = {
  added: 'good',
  removed: 'bad',
  changed: 'warn',
  same: 'plain',
};

export interface ChangeSignProps {
  readonly change: Change;
  /** Where more is not better, as with findings. */
  readonly tone?: 'good' | 'bad';
  /** A word beside it says the same. */
  readonly silent?: boolean;
}

export function ChangeSign({ change, tone, silent = false }: ChangeSignProps) {
  const [sign, words] = SIGNS[change];
  const said = silent
    ? { 'aria-hidden': true }
    : { role: 'img', 'aria-label': words, title: words };
  return (
    <span className={classes.sign} data-tone={tone ?? TONES[change]} {...said}>
      {sign}
    </span>
  );
}
