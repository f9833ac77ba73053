// What the address says about which lineage is looked at, and how. Pure.

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
