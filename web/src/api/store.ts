// A value that changes, and who wants to know: for what lives outside of the pages.

export interface Store<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  /** Answers with what ends it. */
  readonly subscribe: (listener: () => void) => () => void;
}

export function newStore<T>(initial: T): Store<T> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set: (value) => {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
