// A session that ended under somebody's hands: the page stays, what was begun goes on afterwards.

import { Button } from '@mantine/core';
import { fromThrown } from '@/api/problem';
import type { SessionEnd } from '@/api/session';
import { useGoOnSignedOut } from '@/queries/identity';
import { Dialog } from '@/ui/Dialog';
import { ProblemPanel } from '@/ui/ProblemPanel';
import classes from './SessionDialog.module.css';
import { SignInForm } from './SignInForm';

export function SessionDialog({ end }: { readonly end: SessionEnd }) {
  const goOn = useGoOnSignedOut();
  return (
    // Only a choice closes it: calls wait for it.
    <Dialog onClose={null} size="27rem" zIndex={1000} title="Your session has ended" returnFocus>
      <div className={classes.text}>
        <p>
          Sign in again as <strong>{end.actor}</strong> to go on: the page stays as it is, and what
          you had just asked for is then done.
        </p>
        <p className={classes.reason}>
          {end.problem.body.detail} <code>{end.problem.code}</code>
        </p>
      </div>
      {goOn.error && <ProblemPanel problem={fromThrown(goOn.error).body} />}
      <SignInForm
        beside={
          <Button
            variant="subtle"
            color="gray"
            loading={goOn.isPending}
            onClick={() => {
              goOn.mutate();
            }}
          >
            Go on signed out
          </Button>
        }
      />
    </Dialog>
  );
}
