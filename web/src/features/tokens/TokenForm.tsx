// Makes a token: what it is called, what it may do, where, and how long.

import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import { fromThrown } from '@/api/problem';
import type { Scope, TokenView } from '@/api/types';
import { useCreateToken } from '@/queries/tokens';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { ScopeFields } from './ScopeFields';
import classes from './TokenForm.module.css';
import { LIFETIMES, sayScope } from './tokens';

export interface TokenFormProps {
  readonly onMade: (token: TokenView) => void;
  readonly onCancel: () => void;
}

export function TokenForm({ onMade, onCancel }: TokenFormProps) {
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  const [scope, setScope] = useState<Scope>({});
  const [lifetime, setLifetime] = useState('90');
  const create = useCreateToken();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() === '') return;
    const days = Number(lifetime);
    create.mutate({ name: name.trim(), scope, ...(days > 0 && { days }) }, { onSuccess: onMade });
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <TextInput
        label="Name"
        description="What you call it: where it is used, say."
        placeholder="nightly publishing"
        data-autofocus
        value={name}
        error={missing && 'Give it a name.'}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setMissing(false);
        }}
      />
      <ScopeFields scope={scope} onChange={setScope} />
      <NativeSelect
        label="Ends after"
        data={LIFETIMES.map(([value, label]) => ({ value, label }))}
        value={lifetime}
        onChange={(event) => {
          setLifetime(event.currentTarget.value);
        }}
      />
      <p className={classes.sum} role="status">
        {sayScope(scope)}. {lifetime === 'never' && 'It ends only when you revoke it.'}
      </p>
      {create.error && <ProblemPanel problem={fromThrown(create.error).body} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={create.isPending}>
          Make the token
        </Button>
      </div>
    </form>
  );
}
