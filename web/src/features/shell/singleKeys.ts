// Whether keys pressed alone do something: who speaks to the machine, or slips, turns them off.

import { newStore } from '@/api/store';

const KEY = 'cambium-single-keys';

export const singleKeys = newStore(read());

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

export function turnSingleKeys(on: boolean): void {
  singleKeys.set(on);
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off');
  } catch {
    // Storage can be forbidden; then it holds for this visit.
  }
}
