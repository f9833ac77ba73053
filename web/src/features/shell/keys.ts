// What a key means on a page. Pure.

import { PLACES } from './pages';

export interface Press {
  readonly key: string;
  /** Ctrl, or Command on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
  /** Into a field, where letters are letters. */
  readonly typing: boolean;
  /** While a dialog is open, which has keys of its own. */
  readonly inDialog: boolean;
  /** Whether keys pressed alone do something. */
  readonly single: boolean;
}

export type Command =
  | { readonly what: 'palette' }
  | { readonly what: 'search' }
  | { readonly what: 'help' }
  | { readonly what: 'go'; readonly path: string };

export interface Reading {
  /** Until when a second key is waited for. */
  readonly until: number;
  readonly command?: Command;
}

/** How long after `g` the second key may come. */
const PATIENCE_MS = 1500;

const NOTHING: Reading = { until: 0 };

export function readPress(press: Press, until: number, now: number): Reading {
  const key = press.key.toLowerCase();
  if (press.inDialog) return NOTHING;
  if (press.mod && !press.alt && key === 'k') return { until: 0, command: { what: 'palette' } };
  // Shift and the like are pressed on the way to another key.
  if (key.length > 1) return { until };
  if (press.mod || press.alt || press.typing || !press.single) return NOTHING;
  if (now < until) {
    const place = PLACES.find((known) => known.key === key);
    if (place) return { until: 0, command: { what: 'go', path: place.path } };
  }
  if (key === 'g') return { until: now + PATIENCE_MS };
  if (key === '/') return { until: 0, command: { what: 'search' } };
  if (key === '?') return { until: 0, command: { what: 'help' } };
  return NOTHING;
}

const UNTYPED = [
  'button',
  'checkbox',
  'color',
  'file',
  'image',
  'radio',
  'range',
  'reset',
  'submit',
];

/** Whether keys pressed there write something. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !UNTYPED.includes(target.type);
  return target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName);
}
