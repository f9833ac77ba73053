// The page that signs in, and says where a token is to be found.

import { Button } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { PathLink } from '@/features/shell/PathLink';
import { useIdentity } from '@/queries/identity';
import { CopyLine } from '@/ui/CopyLine';
import { SignInForm } from './SignInForm';
import classes from './SignInPage.module.css';
import { useSignOut } from './useSignOut';

export function SignInPage({ then }: { readonly then: string }) {
  const identity = useIdentity();
  return (
    <div className={classes.page}>
      <div className={classes.card}>
        <img src="/favicon.svg" width={40} height={40} alt="" />
        <h1>Sign in to Cambium</h1>
        {identity?.actor ? <Already actor={identity.actor} then={then} /> : <Form then={then} />}
      </div>
    </div>
  );
}

function Form({ then }: { readonly then: string }) {
  const router = useRouter();
  return (
    <>
      <p className={classes.lead}>
        What is public needs no token. To see what is private, and to publish, operate or review,
        show yours.
      </p>
      <SignInForm
        onDone={() => {
          router.history.replace(then);
        }}
      />
      <section className={classes.where} aria-labelledby="where-is-it">
        <h2 id="where-is-it">Where is my token?</h2>
        <p>Make one where the command line is signed in already, or ask an admin to make it:</p>
        <CopyLine text="cambium token create browser" label="Copy the command" />
        <p>
          A fresh registry wrote the first admin&rsquo;s to the file <code>admin-token</code> in its
          data folder:
        </p>
        <CopyLine text='cat "$CAMBIUM_DATA/admin-token"' label="Copy the command" />
        <p className={classes.quiet}>
          The token itself is not kept here. The session is a cookie that scripts cannot read; it
          ends with the token, after twelve hours, or when you sign out.
        </p>
      </section>
    </>
  );
}

function Already({ actor, then }: { readonly actor: string; readonly then: string }) {
  const signOut = useSignOut();
  return (
    <>
      <p className={classes.lead}>
        You are signed in as <strong>{actor}</strong>.
      </p>
      <div className={classes.choice}>
        <PathLink path={then}>{then === '/' ? 'Go to the overview' : 'Go on'}</PathLink>
        <Button
          variant="default"
          size="xs"
          loading={signOut.isPending}
          onClick={() => {
            signOut.mutate();
          }}
        >
          Sign in as somebody else
        </Button>
      </div>
    </>
  );
}
