// A value of the page as a whole, in a component.

import { useSyncExternalStore } from 'react';
import type { Store } from '@/api/store';

export function useStored<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}
