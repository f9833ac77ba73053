// Something is on its way.

import { Skeleton, VisuallyHidden } from '@mantine/core';

export interface WaitingProps {
  /** How many lines its content has, roughly. */
  readonly lines?: number;
}

export function Waiting({ lines = 4 }: WaitingProps) {
  return (
    <div role="status" style={{ padding: '1rem', display: 'grid', gap: '0.7rem' }}>
      <VisuallyHidden>Loading</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={12} width={`${88 - ((line * 17) % 45)}%`} />
      ))}
    </div>
  );
}
