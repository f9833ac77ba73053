// Where arrow keys lead in a scene. Pure.

import type { Placed, Scene } from './elk';

const ARROWS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'] as const;

export type Arrow = (typeof ARROWS)[number];

export function isArrow(key: string): key is Arrow {
  return ARROWS.some((arrow) => arrow === key);
}

/**
 * Left and right along lines, to what is nearest in height; up and down among what stands in the same
 * column. Null where there is nothing.
 */
export function walk(scene: Scene, from: string, arrow: Arrow): Placed | null {
  const here = scene.placed.find(({ id }) => id === from);
  if (!here) return scene.placed[0] ?? null;
  if (arrow === 'ArrowUp' || arrow === 'ArrowDown') {
    const way = arrow === 'ArrowUp' ? -1 : 1;
    const column = scene.placed.filter(
      (other) => other.id !== here.id && besides(here, other) && way * (other.y - here.y) > 0,
    );
    return nearest(column, here);
  }
  // A member of a group has no lines of its own.
  const carrier = here.item.id;
  const ends = new Set(
    scene.routes.flatMap(({ tie }) => {
      if (arrow === 'ArrowLeft') return tie.from === carrier ? [tie.to] : [];
      return tie.to === carrier ? [tie.from] : [];
    }),
  );
  return nearest(
    scene.placed.filter(({ id }) => ends.has(id)),
    here,
  );
}

function besides(a: Placed, b: Placed): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width;
}

function nearest(placed: readonly Placed[], to: Placed): Placed | null {
  const far = (other: Placed) => Math.abs(other.y + other.height / 2 - to.y - to.height / 2);
  let best: Placed | null = null;
  for (const other of placed) if (!best || far(other) < far(best)) best = other;
  return best;
}
