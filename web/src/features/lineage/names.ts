// What nodes are called. Pure.

import { parseReference } from '@/api/reference';
import type { GraphNode } from '@/api/types';
import { words } from '@/ui/format';

/** In full, as the registry names it. */
export function nameOf(node: GraphNode): string {
  return node.kind === 'release' ? node.reference : node.name;
}

export interface Title {
  /** What tells it apart. */
  readonly main: string;
  /** What it is, and where. */
  readonly aside: string;
}

/** In two short lines. */
export function titleOf(node: GraphNode): Title {
  if (node.kind !== 'release') return { main: node.name, aside: kindName(node) };
  const { namespace, name, version } = parseReference(node.reference) ?? {};
  if (!name) return { main: node.reference, aside: kindName(node) };
  return { main: `${name} ${version ?? ''}`, aside: `${kindName(node)} of ${namespace ?? ''}` };
}

/** `Adapter`, `Data set`, `Model`. */
export function kindName(node: GraphNode): string {
  if (node.kind === 'release') return words(node.module_kind);
  return node.kind === 'dataset' ? 'Data set' : 'Model';
}

/** `adapters`, `data sets`, `models`. */
export function kindsName(node: GraphNode): string {
  const one = kindName(node).toLowerCase();
  return `${one}s`;
}

const RELATIONS: Partial<Record<string, readonly [up: string, down: string]>> = {
  derived_from: ['derived from', 'source of'],
  parent: ['continues', 'continued by'],
  trained_on: ['trained on', 'training data of'],
  attaches_to: ['attaches to', 'carries'],
};

/** A relation read from what was made (`up`), or from what it was made from. */
export function relationName(relation: string, side: 'up' | 'down' = 'up'): string {
  const known = RELATIONS[relation];
  if (!known) return words(relation).toLowerCase();
  return side === 'up' ? known[0] : known[1];
}

/** By name, `1.9.0` before `1.10.0`; what is not known comes last. */
export function compareNodes(a: GraphNode | undefined, b: GraphNode | undefined): number {
  if (!a || !b) return Number(!a) - Number(!b);
  return collator.compare(nameOf(a), nameOf(b));
}

const collator = new Intl.Collator('en', { numeric: true });
