// Asks before a token is gone for good.

import { Button } from '@mantine/core';
import { fromThrown } from '@/api/problem';
import type { TokenView } from '@/api/types';
import { useRevokeToken } from '@/queries/tokens';
import { Dialog } from '@/ui/Dialog';
import { ProblemPanel } from '@/ui/ProblemPanel';
import classes from './TokenForm.module.css';

export interface RevokeDialogProps {
  readonly token: TokenView;
  readonly onClose: () => void;
}

export function RevokeDialog({ token, onClose }: RevokeDialogProps) {
  const revoke = useRevokeToken();
  return (
    <Dialog onClose={onClose} title={`Revoke ${token.name}?`} size="28rem" returnFocus>
      <p className={classes.text}>
        Whoever uses it is refused from now on, and sessions that were opened with it end. This
        cannot be undone.
      </p>
      {revoke.error && <ProblemPanel problem={fromThrown(revoke.error).body} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <Button
          color="red"
          loading={revoke.isPending}
          onClick={() => {
            revoke.mutate(token.id, { onSuccess: onClose });
          }}
        >
          Revoke
        </Button>
      </div>
    </Dialog>
  );
}
