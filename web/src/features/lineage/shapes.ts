// Shapes in a scene: lines, what is under a point, what is next to what. Pure.

import type { Box, Placed, Point, Scene } from './elk';

/** A line through these points that leaves and arrives level, as SVG writes it. */
export function pathOf(points: readonly Point[]): string {
  const [start, ...others] = points;
  if (!start) return '';
  let path = `M${round(start.x)} ${round(start.y)}`;
  let before = start;
  for (const point of others) {
    const middle = round((before.x + point.x) / 2);
    path +=
      Math.abs(point.y - before.y) < 0.5
        ? `L${round(point.x)} ${round(point.y)}`
        : `C${middle} ${round(before.y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    before = point;
  }
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The middle of the longest part of a line: where its name has room. */
export function middleOf(points: readonly Point[]): Point {
  let best = { x: points[0]?.x ?? 0, y: points[0]?.y ?? 0 };
  let longest = -1;
  for (const [index, point] of points.entries()) {
    const next = points[index + 1];
    if (!next) break;
    const length = Math.abs(next.x - point.x) + Math.abs(next.y - point.y);
    if (length <= longest) continue;
    longest = length;
    best = { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
  }
  return best;
}

/** The smallest box around these points; one that is flat is a pixel high. */
export function boundsOf(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return {
    x,
    y,
    width: Math.max(1, Math.max(...xs) - x),
    height: Math.max(1, Math.max(...ys) - y),
  };
}

/** What is at a point, the innermost of what is in one another. */
export function under(scene: Scene, { x, y }: Point): Placed | null {
  const there = scene.placed.filter(
    (box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height,
  );
  return there.at(-1) ?? null;
}

/** The part of the scene that is seen. */
export function windowOf(
  [x, y, zoom]: readonly [number, number, number],
  width: number,
  height: number,
): Box {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Whether one is wholly within the other. */
export function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Below this zoom a scene would show more than `most` nodes at once; 0 when it never does. */
export function crowdedBelow(scene: Scene, width: number, height: number, most: number): number {
  const { length } = scene.placed;
  if (length <= most) return 0;
  const density = length / Math.max(1, scene.width * scene.height);
  return Math.min(0.7, Math.max(0.25, Math.sqrt((width * height * density) / most)));
}
