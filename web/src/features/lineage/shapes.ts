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

/** The parts of a line that are within a box, each with the points at which it comes in and goes out. */
export function partsIn(points: readonly Point[], seen: Box): Point[][] {
  const parts: Point[][] = [];
  let part: Point[] | null = null;
  for (const [index, point] of points.entries()) {
    const next = points[index + 1];
    if (!next) break;
    if (!overlaps(seen, boxOf(point, next))) {
      part = null;
      continue;
    }
    if (part) part.push(next);
    else parts.push((part = [point, next]));
  }
  return parts;
}

/** Of two points; one that is flat is a pixel high. */
function boxOf(a: Point, b: Point): Box {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.max(1, Math.abs(a.x - b.x)),
    height: Math.max(1, Math.abs(a.y - b.y)),
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

const ZOOMS = [0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7] as const;
/** Around so many of its nodes it is counted how many others are near. */
const SAMPLES = 60;

/** Below this zoom the scene would show more than `most` nodes at once somewhere; 0 when nowhere. */
export function crowdedBelow(
  { placed }: Scene,
  width: number,
  height: number,
  most: number,
): number {
  if (placed.length <= most) return 0;
  const step = Math.max(1, Math.floor(placed.length / SAMPLES));
  const middles = placed.filter((_, index) => index % step === 0);
  const crowd = (zoom: number) =>
    Math.max(
      ...middles.map((box) => {
        const [wide, high] = [width / zoom, height / zoom];
        const seen = {
          x: box.x + box.width / 2 - wide / 2,
          y: box.y + box.height / 2 - high / 2,
          width: wide,
          height: high,
        };
        return placed.filter((other) => overlaps(seen, other)).length;
      }),
    );
  return ZOOMS.find((zoom) => crowd(zoom) <= most) ?? Math.max(...ZOOMS);
}
