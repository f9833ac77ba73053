// A digest: shown short, copied whole.

import { Check, Copy } from 'lucide-react';
import { useClipboard } from '@mantine/hooks';
import classes from './CopyDigest.module.css';
import { shortDigest } from './format';

export function CopyDigest({ digest }: { readonly digest: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const Icon = clipboard.copied ? Check : Copy;
  return (
    <button
      type="button"
      className={classes.digest}
      title={digest}
      aria-label={clipboard.copied ? 'Copied' : `Copy digest ${digest}`}
      onClick={() => {
        clipboard.copy(digest);
      }}
    >
      <code>{shortDigest(digest)}</code>
      <Icon size={13} aria-hidden />
    </button>
  );
}
