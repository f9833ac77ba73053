// What the address says about which lineage is looked at, and how. Pure.

import type { LineagePath } from '@/queries/lineage';

export const DIRECTIONS = ['both', 'up', 'down'] as const;

export type Direction = (typeof DIRECTIONS)[number];

export const DEEPEST = 10;
export const DEPTH = 2;

export interface LineageSearch {
  /** `namespace/name@version`, or the key of a node: `dataset:…`, `model:…`, `release:…`. */
  readonly of?: string | undefined;
  readonly depth?: number | undefined;
  readonly direction?: Exclude<Direction, 'both'> | undefined;
  /** The key of the node that is looked at. */
  readonly focus?: string | undefined;
  /** Sides of nodes of which more was asked for: `down release:…`. */
  readonly more?: readonly string[] | undefined;
  /** Sides of nodes at which nothing is shown. */
  readonly hide?: readonly string[] | undefined;
  /** Groups whose members are shown, and nodes that are taken out of their group. */
  readonly open?: readonly string[] | undefined;
  /** Whether siblings of one kind are shown one by one, however many. */
  readonly all?: true | undefined;
  readonly view?: 'list' | undefined;
}

export function readLineageSearch(search: Record<string, unknown>): LineageSearch {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
  const texts = (name: string) => {
    const value = search[name];
    const list: unknown[] = Array.isArray(value) ? value : [];
    return list.filter((entry): entry is string => typeof entry === 'string');
  };
  const depth = Math.round(Number(search.depth));
  const direction = DIRECTIONS.find((known) => known === search.direction);
  const [of, focus] = [text('of'), text('focus')];
  const [more, hide, open] = [texts('more'), texts('hide'), texts('open')];
  return {
    ...(of && { of }),
    ...(depth >= 1 && depth !== DEPTH && { depth: Math.min(depth, DEEPEST) }),
    ...(direction && direction !== 'both' && { direction }),
    ...(focus && { focus }),
    ...(more.length > 0 && { more }),
    ...(hide.length > 0 && { hide }),
    ...(open.length > 0 && { open }),
    ...((search.all === true || search.all === 'true') && { all: true }),
    ...(search.view === 'list' && { view: 'list' }),
  };
}

/** What the address asks the server for: the graph itself. */
export function pathOf(search: LineageSearch & { readonly of: string }): LineagePath {
  const { of, depth = DEPTH, direction = 'both' } = search;
  return { of, depth, direction };
}

/** What it asks for besides: one more step on sides of nodes. */
export function morePaths({ more = [] }: LineageSearch): LineagePath[] {
  return more.flatMap((token) => {
    const asked = readSide(token);
    return asked ? [{ of: asked.key, depth: 1, direction: asked.side }] : [];
  });
}

/** Towards what something was made from, or towards what was made from it. */
export type Side = 'up' | 'down';

/** A side of a node, in a word of the address: `up release:1`. */
export function sideToken(side: Side, key: string): string {
  return `${side} ${key}`;
}

export function readSide(token: string): { readonly side: Side; readonly key: string } | null {
  const match = /^(up|down) (.+)$/.exec(token);
  const [, side, key] = match ?? [];
  return (side === 'up' || side === 'down') && key ? { side, key } : null;
}

/** How many modules are offered to begin at. */
export const CHOICES = 12;
