// The row and the column under the pointer or the focus, without drawing anything anew.

import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import { placeOf } from './place';
import type { View } from './view';

export interface Crosshair {
  readonly across: RefObject<HTMLDivElement | null>;
  readonly down: RefObject<HTMLDivElement | null>;
  /** Says in words what is under the pointer. */
  readonly words: RefObject<HTMLDivElement | null>;
}

export function useCrosshair(
  scroller: HTMLElement | null,
  view: View,
  headerHeight: number,
  headerWidth: number,
): Crosshair {
  const across = useRef<HTMLDivElement>(null);
  const down = useRef<HTMLDivElement>(null);
  const words = useRef<HTMLDivElement>(null);
  const move = useEffectEvent((target: EventTarget | null) => {
    const place = placeOf(target);
    const { line = -1, column = -1 } = place ?? {};
    lay(across.current, line >= 0, {
      translate: `0 ${headerHeight + view.down.start(line)}px`,
      height: `${view.down.size(line)}px`,
    });
    lay(down.current, column >= 0, {
      translate: `${headerWidth + view.across.start(column)}px 0`,
      width: `${view.across.size(column)}px`,
    });
    say(words.current, view, line, column);
  });
  useEffect(() => {
    if (!scroller) return;
    const enter = (event: Event) => {
      move(event.target);
    };
    const leave = () => {
      move(null);
    };
    scroller.addEventListener('pointerover', enter);
    scroller.addEventListener('pointerleave', leave);
    scroller.addEventListener('focusin', enter);
    scroller.addEventListener('focusout', leave);
    return () => {
      scroller.removeEventListener('pointerover', enter);
      scroller.removeEventListener('pointerleave', leave);
      scroller.removeEventListener('focusin', enter);
      scroller.removeEventListener('focusout', leave);
    };
  }, [scroller]);
  return { across, down, words };
}

function lay(band: HTMLElement | null, there: boolean, box: Record<string, string>): void {
  if (!band) return;
  band.hidden = !there;
  if (there) Object.assign(band.style, box);
}

function say(words: HTMLElement | null, view: View, line: number, column: number): void {
  if (!words) return;
  const { cell, label } = view.at(line, column);
  const there = line >= 0 && column >= 0;
  words.textContent = there ? label : '';
  if (there) words.dataset.cell = cell;
  else delete words.dataset.cell;
}
