// Copies a text, and says whether it did.

import { Check, Copy, type LucideIcon, X } from 'lucide-react';
import { useClipboard } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './CopyButton.module.css';

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for who hears it: `Copy the command`. */
  readonly label: string;
  /** What stands before the sign. */
  readonly children?: ReactNode;
}

export function CopyButton({ text, label, children }: CopyButtonProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  const state = clipboard.error ? 'failed' : clipboard.copied ? 'copied' : 'ready';
  const { icon: Icon, says = label } = LOOKS[state];
  return (
    <button
      type="button"
      className={classes.button}
      data-state={state}
      title={says}
      aria-label={says}
      onClick={() => {
        clipboard.copy(text);
      }}
    >
      {children}
      <Icon size={14} aria-hidden />
    </button>
  );
}

const LOOKS: Record<
  'ready' | 'copied' | 'failed',
  { readonly icon: LucideIcon; readonly says?: string }
> = {
  ready: { icon: Copy },
  copied: { icon: Check, says: 'Copied' },
  // As on pages that came without TLS.
  failed: { icon: X, says: 'The browser does not let this page copy: select it instead' },
};
