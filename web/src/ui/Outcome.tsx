// What was done, said politely; it stays until it was seen.

import { CloseButton } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import classes from './Outcome.module.css';

export interface OutcomeProps {
  readonly said: string | null;
  readonly onDismiss: () => void;
}

export function Outcome({ said, onDismiss }: OutcomeProps) {
  return (
    <div className={classes.place}>
      {/* There before there is something to say, as screen readers want it. */}
      <div role="status">
        {said !== null && (
          <p className={classes.said}>
            <CircleCheck size={17} aria-hidden />
            <span>{said}</span>
          </p>
        )}
      </div>
      {said !== null && (
        <CloseButton size="sm" aria-label="Dismiss" className={classes.close} onClick={onDismiss} />
      )}
    </div>
  );
}
