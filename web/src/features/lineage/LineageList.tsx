// The same graph as a list, indented by what leads to what.

import { Button } from '@mantine/core';
import { ChevronDown, ChevronRight, GitBranch } from 'lucide-react';
import { useMemo, useState } from 'react';
import { StateBadge } from '@/ui/badges';
import { formatCount } from '@/ui/format';
import { Message } from '@/ui/Message';
import { useActions } from './actions';
import classes from './LineageList.module.css';
import { NodeIcon } from './NodeCard';
import { nameOf, relationName } from './names';
import { type Net, type Side, SIDES } from './net';
import { type Branch, treeOf } from './tree';

export interface LineageListProps {
  readonly net: Net;
  readonly focus: string | undefined;
  readonly hits: ReadonlySet<string>;
}

const TITLES: Record<Side, string> = { up: 'Made from', down: 'Made into' };

export function LineageList({ net, focus, hits }: LineageListProps) {
  const tree = useMemo(() => treeOf(net), [net]);
  if (tree.up.length + tree.down.length === 0) return <Alone />;
  return (
    <div className={classes.list}>
      {SIDES.map((side) => (
        <section key={side} aria-label={TITLES[side]}>
          <h2>{TITLES[side]}</h2>
          {tree[side].length === 0 ? (
            <p className={classes.none}>Nothing that is known here.</p>
          ) : (
            <Branches branches={tree[side]} net={net} focus={focus} hits={hits} depth={1} />
          )}
        </section>
      ))}
    </div>
  );
}

export function Alone() {
  return (
    <Message icon={GitBranch} title="It stands alone">
      <p>
        Its manifest names no base model, parents, data sets or requirements, and nothing was made
        from it that you may see.
      </p>
    </Message>
  );
}

type BranchesProps = LineageListProps & {
  readonly branches: readonly Branch[];
  readonly depth: number;
};

/** So many are listed at first; deeper ones wait to be asked for. */
const FIRST = 40;
const OPEN_DEPTH = 2;

function Branches({ branches, depth, ...rest }: BranchesProps) {
  const [shown, setShown] = useState(FIRST);
  return (
    <ul className={classes.branches}>
      {branches.slice(0, shown).map((branch) => (
        <BranchLine key={branch.key} branch={branch} depth={depth} {...rest} />
      ))}
      {branches.length > shown && (
        <li>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setShown(shown + 5 * FIRST);
            }}
          >
            List {formatCount(branches.length - shown)} more
          </Button>
        </li>
      )}
    </ul>
  );
}

type BranchLineProps = LineageListProps & { readonly branch: Branch; readonly depth: number };

function BranchLine({ branch, depth, ...rest }: BranchLineProps) {
  const { net, focus, hits } = rest;
  const { key, side, relation, branches } = branch;
  const [open, setOpen] = useState(depth < OPEN_DEPTH && branches.length <= FIRST);
  const actions = useActions();
  const node = net.nodes.get(key);
  if (!node) return null;
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <li>
      <div className={classes.line} data-hit={hits.has(key) || undefined}>
        {branches.length > 0 ? (
          <button
            type="button"
            className={classes.toggle}
            aria-expanded={open}
            aria-label={`${open ? 'Close' : 'Open'} ${nameOf(node)}`}
            onClick={() => {
              setOpen(!open);
            }}
          >
            <Chevron size={15} aria-hidden />
          </button>
        ) : (
          <span className={classes.toggle} />
        )}
        <span className={classes.relation}>{relationName(relation, side)}</span>
        <NodeIcon node={node} />
        <button
          type="button"
          className={classes.name}
          aria-current={focus === key ? true : undefined}
          onClick={() => {
            actions.focus(key);
          }}
        >
          {nameOf(node)}
        </button>
        {node.kind === 'release' && node.state !== 'published' && <StateBadge state={node.state} />}
        <Missing net={net} branchKey={key} />
      </div>
      {open && branches.length > 0 && <Branches branches={branches} depth={depth + 1} {...rest} />}
    </li>
  );
}

function Missing({ net, branchKey }: { readonly net: Net; readonly branchKey: string }) {
  const { more } = useActions();
  return SIDES.map((side) => {
    const count = net.missing(branchKey, side);
    if (count === 0) return null;
    return (
      <Button
        key={side}
        size="compact-xs"
        variant="subtle"
        color="gray"
        onClick={() => {
          more(branchKey, side);
        }}
      >
        {formatCount(count)} more {TITLES[side].toLowerCase()}
      </Button>
    );
  });
}
