// What lies over pages: brought when it is wanted.

import { lazy, Suspense, useEffect } from 'react';
import { sessionEnd } from '@/api/session';
import { useStored } from './useStored';

const bringPalette = () => import('@/features/palette/Palette');
const Palette = lazy(async () => ({ default: (await bringPalette()).Palette }));
const ShortcutList = lazy(async () => ({
  default: (await import('./ShortcutList')).ShortcutList,
}));
const SessionDialog = lazy(async () => ({
  default: (await import('@/features/session/SessionDialog')).SessionDialog,
}));

export type Overlay = 'palette' | 'help' | null;

export interface OverlaysProps {
  readonly open: Overlay;
  readonly onOpen: (overlay: Overlay) => void;
}

/** So long after the page the palette is brought, to be there when it is called. */
const CALM_MS = 1500;

export function Overlays({ open, onOpen }: OverlaysProps) {
  const end = useStored(sessionEnd);
  useEffect(() => {
    const timer = setTimeout(() => {
      bringPalette().catch(() => undefined);
    }, CALM_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  const close = () => {
    onOpen(null);
  };
  return (
    <Suspense fallback={null}>
      {open === 'palette' && (
        <Palette
          onClose={close}
          onHelp={() => {
            onOpen('help');
          }}
        />
      )}
      {open === 'help' && <ShortcutList onClose={close} />}
      {end && <SessionDialog end={end} />}
    </Suspense>
  );
}
