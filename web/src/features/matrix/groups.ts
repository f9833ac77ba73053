// Rows and columns by major version, and the lines that are drawn of them. Pure.

import type { GridColumn, GridRow } from '@/api/types';

/** What shares a module and a major version; `members` are indices, the highest version first. */
export interface Group {
  readonly key: string;
  /** Of rows: the module. */
  readonly module: string;
  readonly major: string;
  readonly members: readonly number[];
}

/** A row or a column as it is drawn: one release, or a whole group that is folded. */
export interface Line {
  readonly key: string;
  readonly group: Group;
  /** The releases it stands for. */
  readonly members: readonly number[];
  readonly folded: boolean;
  /** Whether it is the first that is drawn of its group. */
  readonly leads: boolean;
}

/** `2` of `2.1.0-rc.1`; a version that is none stands for itself. */
export function majorOf(version: string): string {
  return /^\d+/.exec(version)?.[0] ?? version;
}

/** By major version, the highest first. The columns of a grid come the lowest first. */
export function columnGroups(columns: readonly GridColumn[]): Group[] {
  const indices = columns.map((_, index) => columns.length - 1 - index);
  return grouped(indices, (index) => ['', columns[index]?.version ?? '']);
}

/** By module and major version, the highest first within a module. Rows come by module and version. */
export function rowGroups(rows: readonly GridRow[], shown: readonly number[]): Group[] {
  const byModule = new Map<string, number[]>();
  for (const index of shown) {
    const module = rows[index]?.module ?? '';
    const there = byModule.get(module);
    if (there) there.push(index);
    else byModule.set(module, [index]);
  }
  const indices = [...byModule.values()].flatMap((members) => members.reverse());
  return grouped(indices, (index) => [rows[index]?.module ?? '', rows[index]?.version ?? '']);
}

type Named = readonly [module: string, version: string];

/** Neighbours with the same module and major version, in their order. */
function grouped(indices: readonly number[], nameOf: (index: number) => Named): Group[] {
  const groups = new Map<string, { module: string; major: string; members: number[] }>();
  for (const index of indices) {
    const [module, version] = nameOf(index);
    const major = majorOf(version);
    const key = module ? `${module}@${major}` : major;
    const there = groups.get(key);
    if (there) there.members.push(index);
    else groups.set(key, { module, major, members: [index] });
  }
  return [...groups].map(([key, group]) => ({ key, ...group }));
}

/** What is drawn of groups. A group of one is never folded: there would be nothing to unfold. */
export function linesOf(groups: readonly Group[], isFolded: (key: string) => boolean): Line[] {
  return groups.flatMap((group): Line[] => {
    const { key, members } = group;
    if (members.length > 1 && isFolded(key)) {
      return [{ key: `${key} folded`, group, members, folded: true, leads: true }];
    }
    return members.map((member, index) => ({
      key: `${key} ${member}`,
      group,
      members: [member],
      folded: false,
      leads: index === 0,
    }));
  });
}
