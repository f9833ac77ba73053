// The dialog that makes a token, and then shows its text for the only time.

import { Button } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { TokenView } from '@/api/types';
import { CopyLine } from '@/ui/CopyLine';
import { Dialog } from '@/ui/Dialog';
import { TokenForm } from './TokenForm';
import classes from './TokenForm.module.css';
import { sayScope } from './tokens';

export function NewToken({ onClose }: { readonly onClose: () => void }) {
  const [made, setMade] = useState<TokenView | null>(null);
  if (!made) {
    return (
      <Dialog onClose={onClose} title="New token" size="34rem" returnFocus>
        <TokenForm onMade={setMade} onCancel={onClose} />
      </Dialog>
    );
  }
  return (
    // It cannot be shown again: nobody loses it by a slip.
    <Dialog onClose={null} title={`The token ${made.name}`} size="34rem" returnFocus>
      <p className={classes.once}>
        <TriangleAlert size={16} aria-hidden />
        Copy it now. Its text is shown this once and kept nowhere.
      </p>
      <CopyLine text={made.token ?? ''} label="Copy the token" />
      <p className={classes.text}>{sayScope(made.scope)}. Treat it as a password.</p>
      <div className={classes.buttons}>
        <Button onClick={onClose} data-autofocus>
          I have copied it
        </Button>
      </div>
    </Dialog>
  );
}
