// The graph where it is too small to read: painted, not built of elements.

import { useStoreApi } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { Placed } from './elk';
import classes from './GraphView.module.css';
import { paint, type Palette, type Shapes } from './paint';

export interface FarCanvasProps {
  /** Null while there is nothing to paint. */
  readonly shapes: Shapes | null;
  readonly palette: Palette;
  readonly titleOf: (placed: Placed) => string;
}

export function FarCanvas({ shapes, palette, titleOf }: FarCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || !shapes) return;
    let frame = 0;
    const draw = () => {
      frame = 0;
      const { transform, width, height } = store.getState();
      const ratio = Math.min(2, window.devicePixelRatio);
      const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (element.width !== wide) element.width = wide;
      if (element.height !== high) element.height = high;
      paint(context, shapes, palette, { transform, width, height, ratio }, titleOf);
    };
    const ask = () => {
      frame ||= requestAnimationFrame(draw);
    };
    draw();
    const stop = store.subscribe(ask);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [shapes, palette, titleOf, store]);
  return <canvas ref={canvas} className={classes.far} hidden={!shapes} aria-hidden />;
}
