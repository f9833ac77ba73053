// The figures of a check, taken one by one: what nobody took is shown as it is. Pure.

import type { CheckStatus } from '@/api/types';

type Given = Readonly<Record<string, unknown>>;

/** One figure as a record by name, as the shapes of outputs. */
export type Table = Readonly<Record<string, unknown>>;

export class Figures {
  readonly #left: Map<string, unknown>;

  constructor(given: Given) {
    this.#left = new Map(Object.entries(given));
  }

  number(name: string): number | null {
    return this.#take(name, (value): value is number => typeof value === 'number');
  }

  text(name: string): string | null {
    return this.#take(name, (value): value is string => typeof value === 'string');
  }

  flag(name: string): boolean | null {
    return this.#take(name, (value): value is boolean => typeof value === 'boolean');
  }

  names(name: string): readonly string[] | null {
    return this.#take(name, isNames);
  }

  table(name: string): Table | null {
    return this.#take(name, isTable);
  }

  /** What nobody took, in the order of the report. */
  get left(): readonly (readonly [string, unknown])[] {
    return [...this.#left];
  }

  /** Only what has the expected shape: anything else is left to be shown as it is. */
  #take<T>(name: string, fits: (value: unknown) => value is T): T | null {
    const value = this.#left.get(name);
    if (!fits(value)) return null;
    this.#left.delete(name);
    return value;
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The figures of a check, without its status. */
export function figuresOf(check: { readonly status: CheckStatus } & Given): Given {
  return Object.fromEntries(Object.entries(check).filter(([name]) => name !== 'status'));
}
