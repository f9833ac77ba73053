// The scene on a canvas: a thousand nodes in a few milliseconds, where they are too small to read.

import { type Placed, type Scene, NODE } from './elk';
import type { Lit } from './lights';
import { overlaps, pathOf, windowOf } from './shapes';

export interface Palette {
  readonly ground: string;
  readonly panel: string;
  readonly line: string;
  readonly text: string;
  readonly ink: string;
  readonly lit: string;
  readonly tones: Readonly<Record<string, string>>;
}

/** What is painted of a scene, made once for all zooms. */
export interface Shapes {
  readonly scene: Scene;
  readonly ties: Path2D;
  readonly litTies: Path2D;
  /** Boxes by tone; those that are not lit apart. */
  readonly boxes: ReadonlyMap<string, { readonly plain: Path2D; readonly dimmed: Path2D }>;
  readonly frames: Path2D;
  readonly marked: Path2D;
  readonly focused: boolean;
}

export type ToneOf = (placed: Placed) => string;

export function shapesOf(
  scene: Scene,
  toneOf: ToneOf,
  lit: Lit,
  hits: ReadonlySet<string>,
): Shapes {
  const focused = lit.nodes.size > 0;
  const [ties, litTies] = [new Path2D(), new Path2D()];
  for (const { tie, points } of scene.routes) {
    (lit.ties.has(tie.id) ? litTies : ties).addPath(new Path2D(pathOf(points)));
  }
  const boxes = new Map<string, { plain: Path2D; dimmed: Path2D }>();
  const [frames, marked] = [new Path2D(), new Path2D()];
  for (const placed of scene.placed) {
    const { id, x, y, width, height } = placed;
    if (placed.item.open && placed.key === null) {
      frames.rect(x, y, width, height);
      continue;
    }
    const tone = toneOf(placed);
    const there = boxes.get(tone) ?? { plain: new Path2D(), dimmed: new Path2D() };
    boxes.set(tone, there);
    (focused && !lit.nodes.has(id) ? there.dimmed : there.plain).rect(x, y, width, height);
    if (hits.has(id) || lit.nodes.get(id) === 'self')
      marked.rect(x - 8, y - 8, width + 16, height + 16);
  }
  return { scene, ties, litTies, boxes, frames, marked, focused };
}

export interface Look {
  /** Where the scene lies, and how large. */
  readonly transform: readonly [x: number, y: number, zoom: number];
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen to one of these. */
  readonly ratio: number;
}

export function paint(
  context: CanvasRenderingContext2D,
  shapes: Shapes,
  palette: Palette,
  look: Look,
  titleOf?: (placed: Placed) => string,
): void {
  const { transform, width, height, ratio } = look;
  const [x, y, zoom] = transform;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * x, ratio * y);
  const thin = Math.max(1, 0.7 / zoom);
  const stroke = (path: Path2D, colour: string, wide: number, alpha: number) => {
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.stroke(path);
  };
  // Many lines are one grey; the paler they are, the more is seen of it.
  const pale = Math.min(0.8, 0.25 + 100 / (1 + shapes.scene.routes.length));
  stroke(shapes.ties, palette.line, thin, shapes.focused ? pale / 2 : pale);
  stroke(shapes.litTies, palette.lit, thin * 1.5, 1);
  stroke(shapes.frames, palette.text, thin, 0.6);
  for (const [tone, { plain, dimmed }] of shapes.boxes) {
    context.fillStyle = palette.tones[tone] ?? palette.text;
    context.globalAlpha = 1;
    context.fill(plain);
    context.globalAlpha = 0.25;
    context.fill(dimmed);
  }
  // What is bad is framed besides: colour is never the only difference.
  const bad = shapes.boxes.get('bad');
  if (bad) stroke(bad.plain, palette.ink, Math.max(2, 1 / zoom), 1);
  stroke(shapes.marked, palette.lit, 3 / zoom, 1);
  context.globalAlpha = 1;
  if (titleOf && zoom >= READABLE) write(context, shapes.scene, palette, look, titleOf);
}

/** Below this zoom names are not written. */
const READABLE = 0.32;

function write(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  { transform, width, height }: Look,
  titleOf: (placed: Placed) => string,
): void {
  const seen = windowOf(transform, width, height);
  context.fillStyle = palette.panel;
  context.font = "600 15px 'Inter Variable', system-ui, sans-serif";
  context.textBaseline = 'middle';
  for (const placed of scene.placed) {
    if ((placed.item.open && placed.key === null) || !overlaps(seen, placed)) continue;
    context.fillText(titleOf(placed), placed.x + 10, placed.y + placed.height / 2, NODE.width - 20);
  }
}
