// j and k go through a list from anywhere on the page, arrows from within it, Escape out of it.

import { useWindowEvent } from '@mantine/hooks';
import type { RefObject } from 'react';
import { singleKeys } from '@/features/shell/singleKeys';

export interface ListKeys {
  readonly list: RefObject<HTMLElement | null>;
  /** The line that holds or held the focus; below 0 when none does. */
  readonly active: number;
  readonly last: number;
  readonly focusAt: (index: number) => void;
  readonly onLeave: () => void;
}

export function useListKeys({ list, active, last, focusAt, onLeave }: ListKeys): void {
  useWindowEvent('keydown', (event) => {
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || target.closest('input, textarea, select, [role=dialog]')) {
      return;
    }
    const within = list.current?.contains(target) ?? false;
    const step = stepOf(event.key, { within, active, last, single: singleKeys.get() });
    if (step === null) return;
    event.preventDefault();
    if (step === 'leave') onLeave();
    else focusAt(step);
  });
}

interface Place {
  /** Whether a line of the list holds the focus. */
  readonly within: boolean;
  readonly active: number;
  readonly last: number;
  /** Whether letters do something. */
  readonly single: boolean;
}

/** Where that key leads: to a line, out of the list, or nowhere. */
export function stepOf(
  key: string,
  { within, active, last, single }: Place,
): number | 'leave' | null {
  if (!single && key.length === 1) return null;
  // Who was elsewhere comes back to where they were.
  if (!within) return key === 'j' || key === 'k' ? Math.max(active, 0) : null;
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return active + 1;
    case 'k':
      return Math.max(active - 1, 0);
    case 'ArrowUp':
      return active <= 0 ? 'leave' : active - 1;
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return 'leave';
    default:
      return null;
  }
}
