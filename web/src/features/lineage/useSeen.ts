// Which part of the graph is seen, in blocks: a little panning changes nothing.

import { useStore } from '@xyflow/react';
import { useMemo } from 'react';
import type { Box } from './elk';
import { windowOf } from './shapes';

/** In pixels of the scene. */
const BLOCK = 400;

export function useSeen(): Box {
  // A text, because it is compared with the one before.
  const text = useStore(({ transform, width, height }) => {
    const { x, y, ...size } = windowOf(transform, width, height);
    const ends = [x / BLOCK, y / BLOCK, (x + size.width) / BLOCK, (y + size.height) / BLOCK];
    return ends.map(Math.floor).join(' ');
  });
  return useMemo(() => {
    const [left = 0, top = 0, right = 0, bottom = 0] = text.split(' ').map(Number);
    return {
      x: left * BLOCK,
      y: top * BLOCK,
      width: (right - left + 1) * BLOCK,
      height: (bottom - top + 1) * BLOCK,
    };
  }, [text]);
}
