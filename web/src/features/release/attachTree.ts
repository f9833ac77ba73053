// Parameters as a tree, split at the dots of their names. Pure.

import type { AttachPoint } from '@/api/types';

export interface TreeNode {
  /** Its whole name, as `encoder.layer.0`. */
  readonly name: string;
  /** Its own part of it. */
  readonly label: string;
  readonly children: readonly TreeNode[];
  /** Where it is a parameter itself. */
  readonly point: AttachPoint | null;
  /** Parameters at and below it. */
  readonly points: number;
  /** Numbers in all of them. */
  readonly numbers: number;
}

interface Branch {
  point: AttachPoint | null;
  /** Made with the first of them: most branches are leaves. */
  below: Map<string, Branch> | null;
}

/** Siblings in the order of their labels; layers in the order of their numbers. */
export function treeOf(points: readonly AttachPoint[]): TreeNode[] {
  const root: Branch = { point: null, below: null };
  for (const point of points) {
    let branch = root;
    for (const part of point.name.split('.')) branch = childOf(branch, part);
    branch.point = point;
  }
  return nodesOf(root, '');
}

function childOf(branch: Branch, part: string): Branch {
  branch.below ??= new Map();
  const there = branch.below.get(part);
  if (there) return there;
  const made: Branch = { point: null, below: null };
  branch.below.set(part, made);
  return made;
}

function nodesOf({ below }: Branch, prefix: string): TreeNode[] {
  if (!below) return [];
  return [...below].map(([label, branch]) => nodeOf(label, prefix + label, branch)).sort(byLabel);
}

function nodeOf(label: string, name: string, branch: Branch): TreeNode {
  const { point } = branch;
  const children = nodesOf(branch, `${name}.`);
  let points = point ? 1 : 0;
  let numbers = point ? numbersIn(point.shape) : 0;
  for (const child of children) {
    points += child.points;
    numbers += child.numbers;
  }
  return { name, label, children, point, points, numbers };
}

/** A collator would do it too, and takes a tenth of a second for a large model. */
function byLabel({ label: a }: TreeNode, { label: b }: TreeNode): number {
  const [first, second] = [Number(a), Number(b)];
  if (!Number.isNaN(first) && !Number.isNaN(second)) return first - second;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** How many numbers a tensor of that shape holds. */
export function numbersIn(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The points whose names hold all words of what is sought, whatever their case. */
export function found(points: readonly AttachPoint[], sought: string): readonly AttachPoint[] {
  const wanted = sought.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return points;
  return points.filter(({ name }) => {
    const text = name.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export interface TreeRow {
  readonly node: TreeNode;
  /** From 1. */
  readonly level: number;
  /** From 1, among its siblings. */
  readonly position: number;
  readonly siblings: number;
  /** Null where it has nothing to open. */
  readonly open: boolean | null;
}

/** What is to be seen, line by line, where `isOpen` says which nodes are open. */
export function rowsOf(
  nodes: readonly TreeNode[],
  isOpen: (node: TreeNode, level: number, siblings: number) => boolean,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (siblings: readonly TreeNode[], level: number) => {
    for (const [at, node] of siblings.entries()) {
      const open = node.children.length > 0 ? isOpen(node, level, siblings.length) : null;
      rows.push({ node, level, position: at + 1, siblings: siblings.length, open });
      if (open) walk(node.children, level + 1);
    }
  };
  walk(nodes, 1);
  return rows;
}

/** The line of the node that a line's node lies in; -1 for those at the top. */
export function parentRow(rows: readonly TreeRow[], at: number): number {
  const level = rows[at]?.level ?? 1;
  return rows.slice(0, at).findLastIndex((row) => row.level === level - 1);
}
