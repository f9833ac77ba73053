// What stands out because something is looked at: everything up and down from it. Pure but for who listens.

import type { Drawing } from './drawing';
import { type Net, reach } from './net';

export type Light = 'self' | 'up' | 'down';

export interface Lit {
  /** By the id of an item or the key of a node. */
  readonly nodes: ReadonlyMap<string, Light>;
  /** By the id of a tie. */
  readonly ties: ReadonlyMap<string, Light>;
  /** Ties that end at what is looked at. */
  readonly near: ReadonlySet<string>;
}

export const DARK: Lit = { nodes: new Map(), ties: new Map(), near: new Set() };

/** In linear time. */
export function litBy(net: Net, drawing: Drawing, selected: readonly string[]): Lit {
  if (selected.length === 0) return DARK;
  const self = new Set(selected);
  const [up, down] = [reach(net, self, 'up'), reach(net, self, 'down')];
  const nodes = new Map<string, Light>();
  const light = (keys: Iterable<string>, as: Light) => {
    for (const key of keys) {
      nodes.set(key, as);
      const item = drawing.itemOf.get(key);
      if (item) nodes.set(item, as);
    }
  };
  light(up, 'up');
  light(down, 'down');
  light(self, 'self');
  const ties = new Map<string, Light>();
  const near = new Set<string>();
  for (const { from, to } of net.edges) {
    const above = up.has(to) && (up.has(from) || self.has(from));
    const below = down.has(from) && (down.has(to) || self.has(to));
    if (!above && !below) continue;
    const id = `${drawing.itemOf.get(from) ?? ''} > ${drawing.itemOf.get(to) ?? ''}`;
    ties.set(id, above ? 'up' : 'down');
    if (self.has(from) || self.has(to)) near.add(id);
  }
  return { nodes, ties, near };
}

/** Tells each node and line when its own light changed, and nobody else. */
export class Lights {
  #lit = DARK;
  #hits: ReadonlySet<string> = new Set();
  #hovered: string | null = null;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get lit(): Lit {
    return this.#lit;
  }

  show(lit: Lit, hits: ReadonlySet<string>): void {
    this.#lit = lit;
    this.#hits = hits;
    this.#tell();
  }

  hover(tie: string | null): void {
    if (tie === this.#hovered) return;
    this.#hovered = tie;
    this.#tell();
  }

  node(id: string): Light | '' {
    return this.#lit.nodes.get(id) ?? '';
  }

  isHit(id: string): boolean {
    return this.#hits.has(id);
  }

  tie(id: string): Light | '' {
    return this.#lit.ties.get(id) ?? '';
  }

  /** Whether a line says what it is. */
  isNamed(id: string): boolean {
    return id === this.#hovered || (this.#lit.near.size <= MOST_NAMES && this.#lit.near.has(id));
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** More names than that would cover one another. */
const MOST_NAMES = 16;
