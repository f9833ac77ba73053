// The parameters that adapters can hold on to, as a tree to look through.

import { Button, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Search, SearchX } from 'lucide-react';
import { useDeferredValue, useEffect, useId, useRef } from 'react';
import type { AttachPoint } from '@/api/types';
import { formatCount, plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { useSeenLines } from '@/ui/useSeenLines';
import { topFor } from '@/ui/windowing';
import classes from './AttachPoints.module.css';
import { AttachRow, ROW_HEIGHT } from './AttachRow';
import { numbersIn } from './attachTree';
import { type Tree, useTree } from './useTree';

export function AttachPoints({ points }: { readonly points: readonly AttachPoint[] }) {
  const sought = useSearch({ strict: false, select: readSought });
  const navigate = useNavigate();
  // Typing goes before drawing what was found.
  const tree = useTree(points, useDeferredValue(sought));
  const numbers = points.reduce((sum, { shape }) => sum + numbersIn(shape), 0);
  return (
    <Section
      title="Attach points"
      aside={`${plural(points.length, 'tensor')}, ${formatCount(numbers)} parameters`}
    >
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          size="sm"
          type="search"
          leftSection={<Search size={15} aria-hidden />}
          placeholder="query layer.3"
          aria-label="Look for attach points"
          value={sought}
          onChange={({ currentTarget: { value } }) => {
            void navigate({
              to: '.',
              search: (before) => ({ ...before, find: value || undefined }),
              replace: true,
              resetScroll: false,
            });
          }}
        />
        <Button
          size="sm"
          variant="default"
          onClick={() => {
            tree.openAll(true);
          }}
        >
          Open all
        </Button>
        <Button
          size="sm"
          variant="default"
          onClick={() => {
            tree.openAll(false);
          }}
        >
          Close all
        </Button>
        <p role="status" className={classes.found}>
          {sought.trim() && `${formatCount(tree.points)} of ${formatCount(points.length)}`}
        </p>
      </div>
      {tree.rows.length > 0 ? (
        <>
          <p className={classes.heads} aria-hidden>
            <span>Part</span>
            <span>Parameters</span>
          </p>
          <Lines tree={tree} />
        </>
      ) : (
        <Message icon={SearchX} title="No attach point is called so">
          <p>Every word has to be part of the name.</p>
        </Message>
      )}
    </Section>
  );
}

function readSought(search: { readonly find?: string | undefined }): string {
  return search.find ?? '';
}

function Lines({ tree }: { readonly tree: Tree }) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const { first, end } = useSeenLines(box, ROW_HEIGHT, tree.rows.length);
  const { active } = tree;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const top = topFor(active, element.scrollTop, element.clientHeight, ROW_HEIGHT);
    if (top !== null) element.scrollTop = top;
  }, [active]);
  const idOf = (name: string) => `${id}${name}`;
  return (
    <div
      ref={box}
      className={classes.lines}
      role="tree"
      aria-label="Attach points"
      tabIndex={0}
      aria-activedescendant={idOf(tree.rows[active]?.node.name ?? '')}
      onKeyDown={tree.onKeyDown}
    >
      <div
        role="presentation"
        style={{ height: tree.rows.length * ROW_HEIGHT }}
        className={classes.all}
      >
        {tree.rows.slice(first, end).map((row, at) => (
          <AttachRow
            key={row.node.name}
            id={idOf(row.node.name)}
            row={row}
            start={(first + at) * ROW_HEIGHT}
            isActive={first + at === active}
            onTurn={() => {
              tree.toggle(first + at);
            }}
          />
        ))}
      </div>
    </div>
  );
}
