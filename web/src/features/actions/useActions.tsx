// Asks for an action, and says what came of it. The focus goes back to where it was asked for.

import { lazy, Suspense, useCallback, useState } from 'react';
import type { ModulePath } from '@/api/client';
import { Outcome } from '@/ui/Outcome';
import type { Asked } from './asked';

const ActionDialog = lazy(() => import('./ActionDialog'));

/** What asks, for the focus to come back to. */
export type Ask = (asked: Asked, opener: HTMLElement) => void;

export function useActions(module: ModulePath) {
  const [open, setOpen] = useState<{ asked: Asked; opener: HTMLElement } | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const ask: Ask = useCallback((asked, opener) => {
    setSaid(null);
    setOpen({ asked, opener });
  }, []);
  const close = () => {
    const opener = open?.opener;
    setOpen(null);
    // After the dialog is gone, which holds the focus as long as it is there.
    setTimeout(() => {
      const there = opener?.isConnected ? opener : document.getElementById('content');
      there?.focus();
    });
  };
  return {
    ask,
    outcome: (
      <Outcome
        said={said}
        onDismiss={() => {
          setSaid(null);
        }}
      />
    ),
    dialog: open && (
      <Suspense fallback={null}>
        <ActionDialog
          module={module}
          asked={open.asked}
          onClose={close}
          onDone={(what) => {
            setSaid(what);
            close();
          }}
        />
      </Suspense>
    ),
  };
}
