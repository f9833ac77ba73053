// Finds everything: modules as one types, pages, and what can be done from anywhere.

import { Kbd, Loader, Modal } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { fromThrown } from '@/api/problem';
import { type Group, groupsFor, type Item, RELEASE, stepped } from './items';
import { ItemIcon } from './ItemIcon';
import { placeItems } from './places';
import { readRecent } from './recent';
import classes from './Palette.module.css';
import { useDeeds } from './useDeeds';
import { useFound, useKeptEnter } from './useFound';

export interface PaletteProps {
  readonly onClose: () => void;
  readonly onHelp: () => void;
}

export function Palette({ onClose, onHelp }: PaletteProps) {
  return (
    <Modal.Root
      opened
      onClose={onClose}
      padding={0}
      size="38rem"
      yOffset="12vh"
      transitionProps={{ duration: 0 }}
      classNames={{ content: classes.content, body: classes.body }}
    >
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content radius="lg" aria-label="Find and go to">
        <Modal.Body>
          <Finder onClose={onClose} onHelp={onHelp} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder({ onClose, onHelp }: PaletteProps) {
  const router = useRouter();
  const listId = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [recent] = useState(readRecent);
  const list = useRef<HTMLDivElement>(null);
  const { found, settled, query } = useFound(text);
  const { deeds, carryOut } = useDeeds(onHelp);
  const groups = groupsFor({ text, recent, found, places: placeItems(), deeds });
  const items = groups.flatMap((group) => group.items);
  const chosen = items[Math.min(at, items.length - 1)];
  const optionId = (item: Item) => `${listId}-${items.indexOf(item)}`;

  const choose = (item: Item) => {
    onClose();
    if (item.path === undefined) carryOut(item.id);
    else router.history.push(item.path);
  };
  const keepEnter = useKeptEnter(text, settled, () => {
    if (chosen) choose(chosen);
  });
  const enter = () => {
    // What was chosen by hand or typed in full is no matter of the answer.
    if (chosen && (settled || at > 0 || chosen.id === RELEASE)) choose(chosen);
    else keepEnter(text);
  };
  const move = (to: number) => {
    keepEnter(null);
    setAt(to);
    list.current?.querySelectorAll('[role="option"]')[to]?.scrollIntoView({ block: 'nearest' });
  };
  const steer = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) move(stepped(Math.min(at, items.length - 1), step, items.length));
    else if (event.key === 'Enter') enter();
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className={classes.search}>
        <Search size={18} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded={items.length > 0}
          aria-controls={listId}
          aria-activedescendant={chosen && optionId(chosen)}
          aria-autocomplete="list"
          aria-label="Find modules, releases and pages"
          placeholder="Find a module, a release, a page…"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={steer}
        />
        {query.isFetching && <Loader size={16} color="gray" aria-hidden />}
        <Kbd size="xs">Esc</Kbd>
      </div>
      <div ref={list} id={listId} role="listbox" aria-label="Found" className={classes.list}>
        {groups.map((group) => (
          <Options
            key={group.title}
            group={group}
            chosen={chosen}
            optionId={optionId}
            onChoose={choose}
          />
        ))}
      </div>
      <Outcome text={text} count={items.length} settled={settled} error={query.error} />
    </>
  );
}

interface OptionsProps {
  readonly group: Group;
  readonly chosen: Item | undefined;
  readonly optionId: (item: Item) => string;
  readonly onChoose: (item: Item) => void;
}

function Options({ group, chosen, optionId, onChoose }: OptionsProps) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className={classes.group}>
      <div id={id} className={classes.title}>
        {group.title}
      </div>
      {group.items.map((item) => (
        // The keyboard chooses from the box above, which keeps the focus.
        <div
          key={item.id}
          id={optionId(item)}
          role="option"
          tabIndex={-1}
          aria-selected={item === chosen}
          className={classes.option}
          onMouseDown={(event) => {
            event.preventDefault();
          }}
          onClick={() => {
            onChoose(item);
          }}
          onKeyDown={undefined}
        >
          <ItemIcon look={item.look} />
          <span className={classes.label}>{item.label}</span>
          {item.hint && <span className={classes.hint}>{item.hint}</span>}
        </div>
      ))}
    </div>
  );
}

interface OutcomeProps {
  readonly text: string;
  readonly count: number;
  readonly settled: boolean;
  readonly error: Error | null;
}

function Outcome({ text, count, settled, error }: OutcomeProps) {
  if (error) {
    const { code, detail } = fromThrown(error).body;
    return (
      <p role="alert" className={classes.outcome}>
        Modules could not be searched: {detail} <code>{code}</code>
      </p>
    );
  }
  const nothing = settled ? `Nothing is called “${text.trim()}”.` : 'Searching…';
  const said = count === 0 ? nothing : `${count} found`;
  return (
    <p role="status" className={count === 0 ? classes.outcome : classes.unseen}>
      {said}
    </p>
  );
}
