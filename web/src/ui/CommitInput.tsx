// A field whose text counts when one is done with it: with Enter, on leaving, or chosen from a list.

import { TextInput, type TextInputProps } from '@mantine/core';
import { useId, useState } from 'react';

export interface CommitInputProps extends Omit<TextInputProps, 'value' | 'onChange' | 'list'> {
  readonly value: string;
  /** Offered while one types. */
  readonly options?: readonly string[];
  /** Whether that text is complete as it stands, before one leaves the field. */
  readonly isDone?: (text: string) => boolean;
  readonly onCommit: (value: string) => void;
}

export function CommitInput({
  value,
  options = [],
  isDone = (text) => text === '' || options.includes(text),
  onCommit,
  ...others
}: CommitInputProps) {
  const listId = useId();
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // It changed without us: back, forward, or a link.
  if (value !== shown) {
    setShown(value);
    setText(value);
  }
  const commit = (wanted: string) => {
    if (wanted.trim() !== value) onCommit(wanted.trim());
  };
  return (
    <>
      <TextInput
        {...others}
        list={listId}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          setText(wanted);
          if (isDone(wanted)) commit(wanted);
        }}
        onBlur={() => {
          commit(text);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit(text);
        }}
      />
      <datalist id={listId}>
        {options.map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
    </>
  );
}
