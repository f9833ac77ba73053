// The whole graph in a corner, and which part of it is seen. A press leads there.

import { useReactFlow, useStore, useStoreApi } from '@xyflow/react';
import { type PointerEvent, useEffect, useRef } from 'react';
import type { Scene } from './elk';
import classes from './GraphView.module.css';
import { paint, type Palette, type Shapes } from './paint';
import { contains, windowOf } from './shapes';

const SIZE = { width: 200, height: 132 };
const MARGIN = 8;

export interface OverviewProps {
  readonly shapes: Shapes;
  readonly palette: Palette;
}

export function Overview({ shapes, palette }: OverviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const store = useStoreApi();
  const flow = useReactFlow();
  const { scene } = shapes;
  // Where all is seen, a corner of it would only stand in the way.
  const whole = useStore(({ transform, width, height }) =>
    contains(windowOf(transform, width, height), { x: 0, y: 0, ...sizeOf(scene) }),
  );
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const ratio = Math.min(2, window.devicePixelRatio);
    element.width = SIZE.width * ratio;
    element.height = SIZE.height * ratio;
    paint(context, shapes, palette, { transform: fitted(scene), ...SIZE, ratio });
  }, [shapes, scene, palette]);
  useEffect(() => {
    const move = () => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = fitted(scene);
      const seen = windowOf(transform, width, height);
      if (!frame.current) return;
      frame.current.style.translate = `${seen.x * zoom + x}px ${seen.y * zoom + y}px`;
      frame.current.style.width = `${seen.width * zoom}px`;
      frame.current.style.height = `${seen.height * zoom}px`;
    };
    move();
    return store.subscribe(move);
  }, [scene, store]);
  const lead = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y, zoom] = fitted(scene);
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    void flow.setCenter((left - x) / zoom, (top - y) / zoom, { zoom: flow.getZoom() });
  };
  return (
    <div
      className={classes.overview}
      style={SIZE}
      hidden={whole}
      aria-hidden
      onPointerDown={lead}
      onPointerMove={lead}
    >
      <canvas ref={canvas} style={SIZE} />
      <div ref={frame} className={classes.seen} />
    </div>
  );
}

function sizeOf({ width, height }: Scene) {
  return { width, height };
}

/** The scene, as large as the corner admits, in the middle of it. */
function fitted({ width, height }: Scene): [number, number, number] {
  const zoom = Math.min(
    (SIZE.width - 2 * MARGIN) / Math.max(1, width),
    (SIZE.height - 2 * MARGIN) / Math.max(1, height),
    0.25,
  );
  return [(SIZE.width - width * zoom) / 2, (SIZE.height - height * zoom) / 2, zoom];
}
