// Which part of the graph is seen: at first, when it changes, and when something else is looked at.

import { useReactFlow, useStoreApi } from '@xyflow/react';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { Placed, Scene } from './elk';
import { carrierOf } from './flow';
import { contains, windowOf } from './shapes';

/** Smaller than that, a graph is not shown whole at first but around what was asked for. */
const LEGIBLE = 0.55;
const CLOSE = 0.85;
const MARGIN = 40;

export interface Sight {
  readonly fit: () => void;
  readonly zoom: (step: 1 | -1) => void;
}

interface SightProps {
  readonly scene: Scene;
  readonly itemOf: ReadonlyMap<string, string>;
  readonly root: string;
  readonly focus: string | undefined;
  /** Below this zoom nothing can be read. */
  readonly crowded: number;
}

export function useSight({ scene, itemOf, root, focus, crowded }: SightProps): Sight {
  const flow = useReactFlow();
  const store = useStoreApi();
  const last = useRef<Scene | null>(null);
  // On the way from far to near a large graph would be drawn at every zoom between.
  const still = () => crowded > 0 || matchMedia('(prefers-reduced-motion: reduce)').matches;
  const quick = () => ({ duration: still() ? 0 : 180 });
  const middle = (placed: Placed, zoom: number, options: { duration?: number } = {}) => {
    const { x, y, width, height } = placed;
    void flow.setCenter(x + width / 2, y + height / 2, { zoom, ...options });
  };

  /** The first time it is shown whole if it can be read so; later, what is looked at stays where it is. */
  const settle = useEffectEvent((next: Scene) => {
    const before = last.current;
    last.current = next;
    const key = focus ?? root;
    const now = carrierOf(next, itemOf, key);
    if (before === null) {
      const { width, height } = store.getState();
      const zoom = Math.min(
        (width - 2 * MARGIN) / Math.max(1, next.width),
        (height - 2 * MARGIN) / Math.max(1, next.height),
        1,
      );
      if (zoom < LEGIBLE && now) {
        middle(now, CLOSE);
        return;
      }
      const left = (width - next.width * zoom) / 2;
      void flow.setViewport({ x: left, y: (height - next.height * zoom) / 2, zoom });
      return;
    }
    const then = before.placed.find(({ id }) => id === now?.id);
    if (!now || !then) return;
    const { x, y, zoom } = flow.getViewport();
    void flow.setViewport({ x: x - (now.x - then.x) * zoom, y: y - (now.y - then.y) * zoom, zoom });
  });
  useEffect(() => {
    settle(scene);
  }, [scene]);

  const reveal = useEffectEvent((key: string) => {
    const placed = carrierOf(scene, itemOf, key);
    if (!placed) return;
    const { transform, width, height } = store.getState();
    const zoom = transform[2];
    if (zoom >= crowded && contains(windowOf(transform, width, height), placed)) return;
    middle(placed, zoom < crowded ? CLOSE : zoom, quick());
  });
  const mounted = useRef(false);
  useEffect(() => {
    // What is looked at from the beginning is seen from the beginning.
    if (mounted.current && focus) reveal(focus);
    mounted.current = true;
  }, [focus]);

  return {
    fit: () => {
      void flow.fitBounds({ x: 0, y: 0, width: scene.width, height: scene.height }, quick());
    },
    zoom: (step) => {
      void (step === 1 ? flow.zoomIn(quick()) : flow.zoomOut(quick()));
    },
  };
}
