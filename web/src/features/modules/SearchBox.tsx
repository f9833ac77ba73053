// Search as you type. The address follows; what stands in the box is the reader's own.

import { Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useReducer } from 'react';
import classes from './SearchBox.module.css';
import { startTyping, typing } from './typing';

export interface SearchBoxProps {
  readonly input: RefObject<HTMLInputElement | null>;
  /** What the address says. */
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** Down into what was found. */
  readonly onDown: () => void;
  /** Opens what is found first by that. */
  readonly onEnter: (query: string) => void;
}

const PAUSE_MS = 120;

export function SearchBox({ input, query, onQuery, onDown, onEnter }: SearchBoxProps) {
  const [state, dispatch] = useReducer(typing, query, startTyping);
  if (state.address !== query) dispatch({ did: 'arrive', address: query });
  const send = useDebouncedCallback((text: string) => {
    dispatch({ did: 'send', query: text });
    onQuery(text);
  }, PAUSE_MS);
  const keys: Partial<Record<string, () => void>> = {
    ArrowDown: onDown,
    Enter: () => {
      send.flush();
      onEnter(state.text.trim());
    },
    Escape: () => input.current?.blur(),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keys[event.key];
    if (!act || event.nativeEvent.isComposing) return;
    event.preventDefault();
    act();
  };
  return (
    <TextInput
      ref={input}
      type="search"
      data-page-search
      className={classes.box}
      aria-label="Search modules"
      aria-keyshortcuts="/"
      placeholder="Search names, descriptions and tasks"
      spellCheck={false}
      autoComplete="off"
      leftSection={<Search size={16} aria-hidden />}
      rightSection={<Kbd size="xs">/</Kbd>}
      value={state.text}
      onKeyDown={onKeyDown}
      onChange={(event) => {
        dispatch({ did: 'type', text: event.currentTarget.value });
        send(event.currentTarget.value.trim());
      }}
      onBlur={() => {
        send.flush();
        dispatch({ did: 'leave' });
      }}
    />
  );
}
