// The colours of the theme, for a canvas.

import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Palette } from './paint';

const COLOURS = {
  ground: 'var(--ground)',
  panel: 'var(--panel)',
  line: 'light-dark(#a4b0aa, #5a6560)',
  text: 'var(--text-quiet)',
  ink: 'var(--text)',
  lit: 'light-dark(#17694a, #6fd0a2)',
} as const;

const TONES = {
  good: 'light-dark(#3c8d65, #4aa97b)',
  warn: 'light-dark(#a35f06, #d99a35)',
  bad: 'light-dark(#b3202e, #e5606c)',
  info: 'light-dark(#3567c4, #6d9ff0)',
  plain: 'light-dark(#66706b, #8b9691)',
  source: 'light-dark(#66706b, #8b9691)',
} as const;

export function usePalette(): Palette | null {
  const scheme = useComputedColorScheme('light');
  const [palette, setPalette] = useState<Palette | null>(null);
  useEffect(() => {
    // The scheme is on the page only after this has been drawn.
    const frame = requestAnimationFrame(() => {
      setPalette(readPalette());
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [scheme]);
  return palette;
}

/** A canvas does not know variables: the page says what they come to, all at once. */
function readPalette(): Palette {
  const probe = document.createElement('div');
  probe.hidden = true;
  const colours = Object.entries({ ...COLOURS, ...TONES }).map(([name, colour]) => {
    const element = document.createElement('span');
    element.style.color = colour;
    probe.append(element);
    return [name, element] as const;
  });
  document.body.append(probe);
  const read = new Map(colours.map(([name, element]) => [name, getComputedStyle(element).color]));
  probe.remove();
  const pick = <K extends string>(names: Record<K, string>) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, read.get(name)])) as Record<
      K,
      string
    >;
  return { ...pick(COLOURS), tones: pick(TONES) };
}
