// Where a channel is and where it goes.

import { MoveRight } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './FromTo.module.css';

export interface FromToProps {
  readonly channel: string;
  readonly from: string | null | undefined;
  readonly to: string | null | undefined;
  /** What is known of where it goes. */
  readonly beside?: ReactNode;
}

export function FromTo({ channel, from, to, beside }: FromToProps) {
  return (
    <p className={classes.line}>
      <span className={classes.channel}>{channel}</span>
      <code>{from ?? 'nothing'}</code>
      <MoveRight size={16} role="img" aria-label="goes to" />
      <code>{to ?? 'nothing'}</code>
      {beside}
    </p>
  );
}
