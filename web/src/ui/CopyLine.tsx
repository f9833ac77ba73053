// A line to copy whole: a command, a token.

import { useClipboard } from '@mantine/hooks';
import { Check, Copy } from 'lucide-react';
import classes from './CopyLine.module.css';

export interface CopyLineProps {
  readonly text: string;
  /** What is copied, for who hears it: `Copy the command`. */
  readonly label: string;
}

export function CopyLine({ text, label }: CopyLineProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  const Icon = clipboard.copied ? Check : Copy;
  return (
    <div className={classes.line}>
      <code>{text}</code>
      <button
        type="button"
        title={label}
        aria-label={clipboard.copied ? 'Copied' : label}
        onClick={() => {
          clipboard.copy(text);
        }}
      >
        <Icon size={15} aria-hidden />
      </button>
    </div>
  );
}
