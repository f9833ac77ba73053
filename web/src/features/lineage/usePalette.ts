// The colours of the theme, for a canvas.

import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Palette } from './paint';

const COLOURS = {
  ground: 'var(--ground)',
  panel: 'var(--panel)',
  line: 'light-dark(#a4b0aa, #5a6560)',
  text: 'var(--text-quiet)',
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

/** A canvas does not know variables: the page says what they come to. */
function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const read = (colour: string) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const all = <K extends string>(colours: Record<K, string>) =>
    Object.fromEntries(
      Object.entries<string>(colours).map(([name, colour]) => [name, read(colour)]),
    ) as Record<K, string>;
  const palette = { ...all(COLOURS), tones: all(TONES) };
  probe.remove();
  return palette;
}
