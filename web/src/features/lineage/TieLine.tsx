// The lines of the graph that are seen. What one says is said when its end is looked at, or under the pointer.

import { useStore, ViewportPortal } from '@xyflow/react';
import { memo, useContext, useMemo, useSyncExternalStore } from 'react';
import { formatCount } from '@/ui/format';
import type { Box, Route, Scene } from './elk';
import { relationName } from './names';
import { LightsContext } from './NodeCard';
import { boundsOf, middleOf, overlaps, pathOf, windowOf } from './shapes';
import classes from './TieLine.module.css';

/** Lines come and go when the window has moved that far, in pixels of the scene. */
const BLOCK = 400;

export function Ties({ scene }: { readonly scene: Scene }) {
  // A text, because it is compared with the one before.
  const text = useStore(({ transform, width, height }) => {
    const { x, y, ...size } = windowOf(transform, width, height);
    const ends = [x / BLOCK, y / BLOCK, (x + size.width) / BLOCK, (y + size.height) / BLOCK];
    return ends.map(Math.floor).join(' ');
  });
  const boxes = useMemo(() => scene.routes.map(({ points }) => boundsOf(points)), [scene]);
  const [left = 0, top = 0, right = 0, bottom = 0] = text.split(' ').map(Number);
  const seen: Box = {
    x: left * BLOCK,
    y: top * BLOCK,
    width: (right - left + 1) * BLOCK,
    height: (bottom - top + 1) * BLOCK,
  };
  return (
    <ViewportPortal>
      <svg className={classes.ties} width={1} height={1} aria-hidden>
        <defs>
          <Arrow id="tie-end" className={classes.end} />
          <Arrow id="tie-end-lit" className={classes.litEnd} />
        </defs>
        {scene.routes.map((route, index) => {
          const box = boxes[index];
          return box && overlaps(seen, box) ? <TieLine key={route.tie.id} route={route} /> : null;
        })}
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

const TieLine = memo(function TieLine({ route }: { readonly route: Route }) {
  const { tie, points } = route;
  const lights = useContext(LightsContext);
  const light = useSyncExternalStore(
    lights.subscribe,
    () => `${lights.tie(tie.id)} ${lights.isNamed(tie.id) ? 'named' : ''}`,
  );
  const [as = '', named] = light.split(' ');
  const path = pathOf(points);
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
      {named && <Name route={route} />}
    </g>
  );
});

function Name({ route: { tie, points } }: { readonly route: Route }) {
  const { x, y } = middleOf(points);
  const said = [...tie.relations].map(
    ([relation, count]) =>
      `${relationName(relation)}${count > 1 ? ` (${formatCount(count)})` : ''}`,
  );
  return (
    <text className={classes.name} x={x} y={y} dy="0.35em" textAnchor="middle">
      {said.join(', ')}
    </text>
  );
}
