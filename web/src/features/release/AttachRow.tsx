// A line of the tree: a part of the model with what it sums up to, or a parameter with its shape.

// Keys are the tree's, which has the focus; lines are pressed by pointers only.
/* eslint jsx-a11y/click-events-have-key-events: off, jsx-a11y/interactive-supports-focus: off */

import { ChevronDown, ChevronRight } from 'lucide-react';
import { formatCount, plural } from '@/ui/format';
import classes from './AttachPoints.module.css';
import type { TreeRow } from './attachTree';

/** In pixels; all are of one height. */
export const ROW_HEIGHT = 30;

export interface AttachRowProps {
  readonly id: string;
  readonly row: TreeRow;
  readonly start: number;
  readonly isActive: boolean;
  readonly onTurn: () => void;
}

export function AttachRow({ id, row, start, isActive, onTurn }: AttachRowProps) {
  const { node, level, position, siblings, open } = row;
  const Sign = open ? ChevronDown : ChevronRight;
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={open ?? undefined}
      aria-selected={isActive}
      className={classes.row}
      data-active={isActive || undefined}
      style={{
        height: ROW_HEIGHT,
        transform: `translateY(${start}px)`,
        paddingInlineStart: `${0.75 + (level - 1) * 1.1}rem`,
      }}
      title={node.name}
      onClick={onTurn}
    >
      {open === null ? <span className={classes.leaf} /> : <Sign size={15} aria-hidden />}
      <code className={classes.label}>{node.label}</code>
      {node.point && (
        <span className={classes.shape}>
          {node.point.shape.length > 0 ? node.point.shape.map(formatCount).join(' × ') : 'scalar'}{' '}
          <span className={classes.type}>{node.point.dtype}</span>
        </span>
      )}
      {open !== null && <span className={classes.count}>{plural(node.points, 'tensor')}</span>}
      <span className={classes.numbers}>
        {formatCount(node.numbers)}
        <span className={classes.hidden}> parameters</span>
      </span>
    </div>
  );
}
