// Where somebody was in the list, by entry of the history, for who comes back to it.

import type { VirtualItem } from '@tanstack/react-virtual';

interface Place {
  /** The module that was looked at. */
  readonly module?: string;
  /** How high the lines were that had been shown. */
  readonly lines?: VirtualItem[];
}

const places = new Map<string, Place>();

export function rememberPlace(entry: string | undefined, part: Place): void {
  if (entry !== undefined) places.set(entry, { ...places.get(entry), ...part });
}

export function placeAt(entry: string | undefined): Place {
  return places.get(entry ?? '') ?? {};
}
