// Asks for a token, and says what was wrong with one.

import { Button, PasswordInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { fromThrown } from '@/api/problem';
import type { Identity } from '@/api/types';
import { useSignIn } from '@/queries/identity';
import classes from './SignInForm.module.css';

export interface SignInFormProps {
  readonly onDone?: (identity: Identity) => void;
  /** What stands beside the button. */
  readonly beside?: ReactNode;
}

export function SignInForm({ onDone, beside }: SignInFormProps) {
  const [token, setToken] = useState('');
  const [missing, setMissing] = useState(false);
  const signIn = useSignIn();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(token.trim() === '');
    if (token.trim() === '') return;
    signIn.mutate(token, { onSuccess: (identity) => onDone?.(identity) });
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <PasswordInput
        label="Token"
        name="token"
        placeholder="cbm_…"
        size="md"
        autoComplete="current-password"
        spellCheck={false}
        data-autofocus
        visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
        classNames={{ innerInput: classes.token }}
        value={token}
        error={missing ? 'Paste a token first.' : signIn.error && <Refused error={signIn.error} />}
        onChange={(event) => {
          setToken(event.currentTarget.value);
          setMissing(false);
        }}
      />
      <div className={classes.actions}>
        <Button type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
        {beside}
      </div>
    </form>
  );
}

function Refused({ error }: { readonly error: Error }) {
  const { code, detail, remedy } = fromThrown(error).body;
  return (
    <span role="alert">
      {detail} <code>{code}</code> {remedy}
    </span>
  );
}
