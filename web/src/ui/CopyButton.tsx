// Copies a text, and says whether it did.

import { Check, Copy, X } from 'lucide-react';
import { useClipboard } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './CopyButton.module.css';

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, as `the command`. */
  readonly what: string;
  /** What stands before the sign. */
  readonly children?: ReactNode;
}

export function CopyButton({ text, what, children }: CopyButtonProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  const state = clipboard.error ? 'failed' : clipboard.copied ? 'copied' : 'ready';
  const { icon: Icon, says } = LOOKS[state];
  return (
    <button
      type="button"
      className={classes.button}
      data-state={state}
      title={says(what)}
      aria-label={says(what)}
      onClick={() => {
        clipboard.copy(text);
      }}
    >
      {children}
      <Icon size={14} aria-hidden />
    </button>
  );
}

const LOOKS = {
  ready: { icon: Copy, says: (what: string) => `Copy ${what}` },
  copied: { icon: Check, says: () => 'Copied' },
  // As on pages that came without TLS.
  failed: { icon: X, says: () => 'The browser does not let this page copy: select it instead' },
} as const;
