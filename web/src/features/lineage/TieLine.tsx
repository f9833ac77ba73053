// The lines of the graph that are seen. What one says is said when its end is looked at, or under the pointer.

import { ViewportPortal } from '@xyflow/react';
import { memo, useContext, useMemo, useSyncExternalStore } from 'react';
import { formatCount } from '@/ui/format';
import type { Tie } from './drawing';
import type { Box, Scene } from './elk';
import { relationName } from './names';
import { LightsContext } from './NodeCard';
import { middleOf, partsIn, pathOf } from './shapes';
import classes from './TieLine.module.css';

export interface TiesProps {
  readonly scene: Scene;
  readonly seen: Box;
  /** Whether so many lines are there that dashes cost too much. */
  readonly crowded: boolean;
}

export function Ties({ scene, seen, crowded }: TiesProps) {
  // Only the parts that are seen: a line may lead through the whole graph.
  const lines = useMemo(
    () =>
      scene.routes.flatMap(({ tie, points }) => {
        const parts = partsIn(points, seen);
        if (parts.length === 0) return [];
        const at = middleOf(parts.toSorted((a, b) => b.length - a.length)[0] ?? []);
        return [{ tie, path: parts.map(pathOf).join(''), x: at.x, y: at.y }];
      }),
    [scene, seen],
  );
  return (
    <ViewportPortal>
      <svg className={classes.ties} width={1} height={1} aria-hidden data-crowded={crowded}>
        <defs>
          <Arrow id="tie-end" className={classes.end} />
          <Arrow id="tie-end-lit" className={classes.litEnd} />
        </defs>
        {lines.map((line) => (
          <TieLine key={line.tie.id} {...line} />
        ))}
      </svg>
    </ViewportPortal>
  );
}

function Arrow({ id, className }: { readonly id: string; readonly className: string | undefined }) {
  return (
    <marker
      id={id}
      viewBox="0 0 8 8"
      refX={8}
      refY={4}
      markerWidth={9}
      markerHeight={9}
      markerUnits="userSpaceOnUse"
      orient="auto"
    >
      <path className={className} d="M0 0.5 8 4 0 7.5Z" />
    </marker>
  );
}

interface TieLineProps {
  readonly tie: Tie;
  readonly path: string;
  /** Where its name has room. */
  readonly x: number;
  readonly y: number;
}

const TieLine = memo(function TieLine({ tie, path, x, y }: TieLineProps) {
  const lights = useContext(LightsContext);
  const light = useSyncExternalStore(
    lights.subscribe,
    () => `${lights.tie(tie.id)} ${lights.isNamed(tie.id) ? 'named' : ''}`,
  );
  const [as = '', named] = light.split(' ');
  const [relation] = tie.relations.keys();
  return (
    <g
      className={classes.tie}
      data-light={as || undefined}
      data-relation={relation}
      onPointerEnter={() => {
        lights.hover(tie.id);
      }}
      onPointerLeave={() => {
        lights.hover(null);
      }}
    >
      <path className={classes.hand} d={path} />
      <path className={classes.line} d={path} />
      {named && (
        <text className={classes.name} x={x} y={y} dy="0.35em" textAnchor="middle">
          {sayTie(tie)}
        </text>
      )}
    </g>
  );
});

function sayTie({ relations }: Tie): string {
  const said = [...relations].map(
    ([relation, count]) =>
      `${relationName(relation)}${count > 1 ? ` (${formatCount(count)})` : ''}`,
  );
  return said.join(', ');
}
