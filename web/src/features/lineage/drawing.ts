// What is drawn of a graph: its nodes and groups, and the lines between them. Pure.

import { type Group, groupsOf } from './groups';
import type { Net } from './net';

/** A node, or a group of them. */
export interface Item {
  readonly id: string;
  /** Keys of the nodes that it stands for. */
  readonly members: readonly string[];
  /** Whose siblings these are; null for a node. */
  readonly group: Group | null;
  /** Of a group: whether its members are drawn in it. */
  readonly open: boolean;
}

/** A line from what was made to what it was made from, for all edges between the two. */
export interface Tie {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** How many edges there are of each relation. */
  readonly relations: ReadonlyMap<string, number>;
}

export interface Drawing {
  readonly items: readonly Item[];
  readonly ties: readonly Tie[];
  /** By the key of a node, the item that stands for it. */
  readonly itemOf: ReadonlyMap<string, string>;
  /** The same for the same drawing. */
  readonly signature: string;
}

export interface Grouping {
  readonly grouped: boolean;
  /** Ids of groups whose members are drawn, and keys of nodes that are drawn on their own. */
  readonly open: ReadonlySet<string>;
}

export function drawingOf(net: Net, { grouped, open }: Grouping): Drawing {
  const groups = grouped ? groupsOf(net, new Set([net.root, ...open])) : [];
  const itemOf = new Map<string, string>();
  for (const { id, members } of groups) for (const key of members) itemOf.set(key, id);
  const items: Item[] = groups.map((group) => ({
    id: group.id,
    members: group.members,
    group,
    open: open.has(group.id),
  }));
  for (const key of net.nodes.keys()) {
    if (itemOf.has(key)) continue;
    itemOf.set(key, key);
    items.push({ id: key, members: [key], group: null, open: false });
  }
  const ties = tiesOf(net, itemOf);
  return { items, ties, itemOf, signature: sign(items, ties) };
}

function tiesOf(net: Net, itemOf: ReadonlyMap<string, string>): Tie[] {
  const ties = new Map<string, Tie & { relations: Map<string, number> }>();
  for (const edge of net.edges) {
    const [from, to] = [itemOf.get(edge.from), itemOf.get(edge.to)];
    if (!from || !to || from === to) continue;
    const id = `${from} > ${to}`;
    const tie = ties.get(id) ?? { id, from, to, relations: new Map<string, number>() };
    tie.relations.set(edge.relation, (tie.relations.get(edge.relation) ?? 0) + 1);
    ties.set(id, tie);
  }
  return [...ties.values()];
}

/** Short, so that it can be the key of a layout: FNV-1a over all that a layout depends on. */
function sign(items: readonly Item[], ties: readonly Tie[]): string {
  let hash = 0x811c9dc5;
  const add = (text: string) => {
    for (let at = 0; at < text.length; at += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
  };
  for (const { id, open, members } of items) add(`${id} ${open} ${members.length};`);
  for (const { id } of ties) add(`${id};`);
  return `${items.length} ${ties.length} ${(hash >>> 0).toString(16)}`;
}
