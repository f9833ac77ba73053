// Between a drawing and ELK, which lays it out in layers from left to right. Pure.

import type { ElkNode } from 'elkjs/lib/elk-api';
import type { Drawing, Item, Tie } from './drawing';

/** In pixels, at full size. */
export const NODE = { width: 228, height: 50 } as const;
const GAP = { across: 14, down: 10 } as const;
/** Of a group whose members are drawn in it: its name stands above them. */
const FRAME = { top: 38, side: 14 } as const;
/** As wide as high, roughly, on a screen that is wider than high. */
const SHAPE = 1.5;

/** From here on, crossings cost more to avoid than they are worth. */
const LARGE = 250;
/** From here on, siblings stand in several columns, or a graph would be much higher than wide. */
const TALL = 100;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An item, or a member of a group that is open, where it stands. */
export interface Placed extends Box {
  readonly id: string;
  readonly item: Item;
  /** The node's key; null for a group. */
  readonly key: string | null;
}

/** A tie and the points through which it goes, from left to right. */
export interface Route {
  readonly tie: Tie;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Scene {
  readonly placed: readonly Placed[];
  readonly routes: readonly Route[];
  readonly width: number;
  readonly height: number;
}

/** How many members of an open group stand side by side. */
export function across(members: number): number {
  const [width, height] = [NODE.width + GAP.across, NODE.height + GAP.down];
  return Math.max(1, Math.min(members, Math.round(Math.sqrt((members * height * SHAPE) / width))));
}

function sizeOf({ open, members }: Item): { width: number; height: number } {
  if (!open) return NODE;
  const columns = across(members.length);
  const rows = Math.ceil(members.length / columns);
  return {
    width: columns * (NODE.width + GAP.across) - GAP.across + 2 * FRAME.side,
    height: rows * (NODE.height + GAP.down) - GAP.down + FRAME.top + FRAME.side,
  };
}

/** What was made from something stands right of it. */
export function toElk({ items, ties }: Drawing): ElkNode {
  const large = items.length > LARGE;
  const column = Math.round(2.2 * Math.sqrt(items.length));
  return {
    id: 'all',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'POLYLINE',
      'elk.layered.mergeEdges': 'true',
      'elk.spacing.nodeNode': '16',
      'elk.layered.spacing.nodeNodeBetweenLayers': '96',
      'elk.layered.spacing.edgeNodeBetweenLayers': '28',
      'elk.layered.thoroughness': large ? '1' : '7',
      ...(large && {
        'elk.layered.nodePlacement.strategy': 'SIMPLE',
        'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
      }),
      ...(items.length > TALL && {
        'elk.layered.layering.strategy': 'COFFMAN_GRAHAM',
        'elk.layered.layering.coffmanGraham.layerBound': String(column),
      }),
    },
    children: items.map((item) => ({ id: item.id, ...sizeOf(item) })),
    edges: ties.map(({ id, from, to }) => ({ id, sources: [to], targets: [from] })),
  };
}

export function fromElk(laid: ElkNode, { items, ties }: Drawing): Scene {
  const byId = new Map(items.map((item) => [item.id, item]));
  const placed = (laid.children ?? []).flatMap(({ id, x = 0, y = 0, width = 0, height = 0 }) => {
    const item = byId.get(id);
    return item ? placedOf(item, { x, y, width, height }) : [];
  });
  const tieById = new Map(ties.map((tie) => [tie.id, tie]));
  const routes = (laid.edges ?? []).flatMap(({ id, sections }) => {
    const [tie, section] = [tieById.get(id), sections?.[0]];
    if (!tie || !section) return [];
    const { startPoint, bendPoints = [], endPoint } = section;
    return [{ tie, points: [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x, y })) }];
  });
  return { placed, routes, width: laid.width ?? 0, height: laid.height ?? 0 };
}

function placedOf(item: Item, box: Box): Placed[] {
  const self = { id: item.id, item, key: item.group ? null : item.id, ...box };
  if (!item.open) return [self];
  const columns = across(item.members.length);
  const members = item.members.map((key, index) => ({
    id: key,
    item,
    key,
    x: box.x + FRAME.side + (index % columns) * (NODE.width + GAP.across),
    y: box.y + FRAME.top + Math.floor(index / columns) * (NODE.height + GAP.down),
    ...NODE,
  }));
  return [self, ...members];
}
