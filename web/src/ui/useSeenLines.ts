// The part of a long list that is seen in a box that scrolls.

import { type RefObject, useEffect, useState } from 'react';
import { type Window, windowOf } from './windowing';

/** Until the box was measured. */
const GUESSED = 600;

/** Lines are all of one height, in pixels. */
export function useSeenLines(
  box: RefObject<HTMLElement | null>,
  line: number,
  count: number,
): Window {
  const [seen, setSeen] = useState({ top: 0, height: GUESSED });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const { scrollTop: top, clientHeight: height } = element;
      setSeen({ top, height: height || GUESSED });
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [box]);
  return windowOf(seen.top, seen.height, line, count);
}
