// Which parts of the tree are open, which line is the active one, and what keys do to both.

import { type KeyboardEvent, useMemo, useState } from 'react';
import type { AttachPoint } from '@/api/types';
import { found, parentRow, rowsOf, treeOf, type TreeRow } from './attachTree';

export interface Tree {
  readonly rows: readonly TreeRow[];
  /** The line that keys act on. */
  readonly active: number;
  /** Parameters that are found. */
  readonly points: number;
  readonly toggle: (at: number) => void;
  readonly activate: (at: number) => void;
  readonly openAll: (open: boolean) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** Where something is sought all that is found is open, and few lines are open anyhow. */
const OPEN_WHEN_FOUND = 400;

export function useTree(points: readonly AttachPoint[], sought: string): Tree {
  const left = useMemo(() => found(points, sought), [points, sought]);
  const nodes = useMemo(() => treeOf(left), [left]);
  // What somebody opened or closed, against what holds without a word.
  const [turned, setTurned] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [all, setAll] = useState<boolean | null>(null);
  const [active, setActive] = useState('');
  const isFound = sought.trim() !== '' && left.length <= OPEN_WHEN_FOUND;
  const rows = useMemo(
    () =>
      rowsOf(
        nodes,
        // What has no siblings says nothing by itself.
        (node, level, siblings) =>
          turned.get(node.name) ?? all ?? (isFound || level === 1 || siblings === 1),
      ),
    [nodes, turned, all, isFound],
  );
  const at = Math.max(
    0,
    rows.findIndex((row) => row.node.name === active),
  );
  const activate = (next: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
    if (row) setActive(row.node.name);
  };
  const turn = (row: TreeRow, open: boolean) => {
    setTurned(new Map(turned).set(row.node.name, open));
  };
  const toggle = (next: number) => {
    activate(next);
    const row = rows[next];
    if (row && row.open !== null) turn(row, !row.open);
  };
  const openAll = (open: boolean) => {
    setTurned(new Map());
    setAll(open);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = moveOf(event.key, rows, at);
    if (!move) return;
    event.preventDefault();
    if (move.to !== undefined) activate(move.to);
    const row = rows[at];
    if (row && move.open !== undefined) turn(row, move.open);
  };
  return { rows, active: at, points: left.length, toggle, activate, openAll, onKeyDown };
}

/** Lines that a page up or down passes. */
const PAGE = 15;

interface Move {
  readonly to?: number;
  readonly open?: boolean;
}

/** What a key does on a line, as trees have it everywhere. */
export function moveOf(key: string, rows: readonly TreeRow[], at: number): Move | null {
  const open = rows[at]?.open ?? null;
  switch (key) {
    case 'ArrowDown':
      return { to: at + 1 };
    case 'ArrowUp':
      return { to: at - 1 };
    case 'PageDown':
      return { to: at + PAGE };
    case 'PageUp':
      return { to: at - PAGE };
    case 'Home':
      return { to: 0 };
    case 'End':
      return { to: rows.length - 1 };
    case 'ArrowRight':
      if (open === null) return {};
      return open ? { to: at + 1 } : { open: true };
    case 'ArrowLeft':
      return open ? { open: false } : { to: Math.max(0, parentRow(rows, at)) };
    case 'Enter':
    case ' ':
      return open === null ? {} : { open: !open };
    default:
      return null;
  }
}
