// A scene as React Flow takes it. Pure.

import type { Node } from '@xyflow/react';
import { formatCount } from '@/ui/format';
import { type Placed, type Scene, NODE } from './elk';
import type { Group } from './groups';
import { nameOf, relationName, titleOf } from './names';
import type { Net } from './net';
import type { CardData, GroupData } from './NodeCard';

/** Sizes are known: nothing has to be measured first. */
export function flowNode(placed: Placed, net: Net): Node | null {
  const { id, x, y, width, height } = placed;
  const look = lookOf(placed, net);
  if (!look) return null;
  return {
    id,
    ...look,
    position: { x, y },
    width,
    height,
    measured: { width, height },
    // A frame lies under what is in it.
    zIndex: look.type === 'frame' ? -1 : 1,
  };
}

function lookOf({ key, item }: Placed, net: Net): Pick<Node, 'type' | 'data'> | null {
  if (key === null) {
    if (!item.group) return null;
    const data: GroupData = {
      group: item.group,
      about: aboutGroup(item.group, net),
      troubled: troubledIn(item.group, net),
    };
    return { type: item.open ? 'frame' : 'group', data };
  }
  const node = net.nodes.get(key);
  if (!node) return null;
  const data: CardData = {
    node,
    root: key === net.root,
    missing: { up: net.missing(key, 'up'), down: net.missing(key, 'down') },
  };
  return { type: 'card', data };
}

/** `attaches to minilm 1.0.0`, `training data of topics 1.1.0`. */
export function aboutGroup({ parent, side, relation }: Group, net: Net): string {
  const node = net.nodes.get(parent);
  // Members on the down side were made from the parent: they say it from their own end.
  return `${relationName(relation, side === 'down' ? 'up' : 'down')} ${node ? titleOf(node).main : ''}`;
}

export function troubledIn({ members }: Group, net: Net): number {
  return members.filter((key) => {
    const node = net.nodes.get(key);
    return node?.kind === 'release' && node.state !== 'published';
  }).length;
}

/** What stands on the canvas for a node, in one line. */
export function shortTitle({ key, item }: Placed, net: Net): string {
  if (item.group && key === null) {
    return `${formatCount(item.members.length)} ${item.group.noun}`;
  }
  const node = key === null ? undefined : net.nodes.get(key);
  return node ? shorten(titleOf(node).main) : '';
}

function shorten(text: string): string {
  const most = Math.floor(NODE.width / 9);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** What stands for a node in the drawing: itself, or its group. */
export function carrierOf(scene: Scene, itemOf: ReadonlyMap<string, string>, key: string) {
  const byId = (id: string | undefined) => scene.placed.find((placed) => placed.id === id);
  return byId(key) ?? byId(itemOf.get(key));
}

/** The name of what is looked at, for who does not see it. */
export function sayNode(net: Net, key: string): string {
  const node = net.nodes.get(key);
  if (!node) return '';
  const parts = [nameOf(node), titleOf(node).aside];
  if (node.kind === 'release') parts.push(node.state);
  parts.push(`made from ${net.count(key, 'up')}, made into ${net.count(key, 'down')}`);
  return parts.join(', ');
}
