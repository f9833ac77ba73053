// What every action asks for: why, and where much hangs on it, its name typed out.

import { TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';

/** What was typed, and whether it is enough; it stays through every refusal. */
export function useFields(phrase: string | null) {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const missing = {
    reason: reason.trim() === '',
    typed: phrase !== null && typed.trim() !== phrase,
  };
  return {
    reason,
    setReason,
    typed,
    setTyped,
    reasonError: tried && missing.reason ? 'Say why: it stays in the history.' : null,
    typedError: tried && missing.typed ? `Type ${phrase ?? ''}, letter by letter.` : null,
    /** Whether all is there; from then on what is missing is said. */
    check: () => {
      setTried(true);
      return !missing.reason && !missing.typed;
    },
  };
}

export type Fields = ReturnType<typeof useFields>;

export interface ReasonFieldProps {
  readonly fields: Fields;
  readonly example: string;
}

export function ReasonField({ fields, example }: ReasonFieldProps) {
  return (
    <Textarea
      label="Why"
      description="It stays in the history, for everybody to read."
      placeholder={example}
      withAsterisk
      required
      rows={2}
      resize="vertical"
      data-autofocus
      value={fields.reason}
      error={fields.reasonError}
      onChange={(event) => {
        fields.setReason(event.currentTarget.value);
      }}
    />
  );
}

export interface ConfirmFieldProps {
  readonly fields: Fields;
  readonly phrase: string;
}

export function ConfirmField({ fields, phrase }: ConfirmFieldProps) {
  return (
    <TextInput
      label={
        <>
          Type <code>{phrase}</code> to confirm
        </>
      }
      withAsterisk
      required
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      value={fields.typed}
      error={fields.typedError}
      onChange={(event) => {
        fields.setTyped(event.currentTarget.value);
      }}
    />
  );
}
