// Which groups are folded, in one word of the address. Pure.

/**
 * Tokens parted by spaces. `rows` and `columns` fold all of their kind; `r:acme/topics@1` and `c:2` turn
 * one group the other way.
 */
export class Fold {
  readonly #tokens: ReadonlySet<string>;

  constructor(text = '') {
    this.#tokens = new Set(text.split(' ').filter(Boolean));
  }

  get text(): string {
    return [...this.#tokens].sort().join(' ');
  }

  /** Whether all of a kind are folded, but for those that were turned. */
  all(axis: Axis): boolean {
    return this.#tokens.has(axis);
  }

  has(axis: Axis, key: string): boolean {
    return this.all(axis) !== this.#tokens.has(token(axis, key));
  }

  toggle(axis: Axis, key: string): Fold {
    const name = token(axis, key);
    const others = [...this.#tokens].filter((known) => known !== name);
    return new Fold((this.#tokens.has(name) ? others : [...others, name]).join(' '));
  }

  /** Folds or unfolds all of a kind. */
  set(axis: Axis, folded: boolean): Fold {
    const mark = axis === 'rows' ? 'r:' : 'c:';
    const others = [...this.#tokens].filter((known) => known !== axis && !known.startsWith(mark));
    return new Fold((folded ? [...others, axis] : others).join(' '));
  }
}

export type Axis = 'rows' | 'columns';

function token(axis: Axis, key: string): string {
  return `${axis === 'rows' ? 'r' : 'c'}:${key}`;
}
