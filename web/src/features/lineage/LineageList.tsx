// The same graph as a list, indented by what leads to what.

import { Button } from '@mantine/core';
import { ChevronDown, ChevronRight, GitBranch } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { StateBadge } from '@/ui/badges';
import { formatCount } from '@/ui/format';
import { Message } from '@/ui/Message';
import { useGraphActions } from './actions';
import classes from './LineageList.module.css';
import { NodeIcon } from './NodeCard';
import { nameOf, relationName } from './names';
import { type Net, SIDES } from './net';
import type { Side } from './search';
import { type Branch, treeOf, wayTo } from './tree';

export interface LineageListProps {
  readonly net: Net;
  readonly focus: string | undefined;
  readonly hits: ReadonlySet<string>;
}

const TITLES: Record<Side, string> = { up: 'Made from', down: 'Made into' };

export function LineageList({ net, focus, hits }: LineageListProps) {
  const tree = useMemo(() => treeOf(net), [net]);
  // What is looked at is seen, however deep it is.
  const way = useMemo(() => new Set(focus ? wayTo(net, focus) : []), [net, focus]);
  if (tree.up.length + tree.down.length === 0) return <Alone />;
  return (
    <div className={classes.list}>
      {SIDES.map((side) => (
        <section key={side} aria-label={TITLES[side]}>
          <h2>{TITLES[side]}</h2>
          {tree[side].length === 0 ? (
            <p className={classes.none}>Nothing that is known here.</p>
          ) : (
            <Branches
              branches={tree[side]}
              net={net}
              focus={focus}
              hits={hits}
              way={way}
              depth={1}
            />
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

type Within = LineageListProps & {
  /** Keys of the nodes that lead to what is looked at. */
  readonly way: ReadonlySet<string>;
  readonly depth: number;
};

type BranchesProps = Within & { readonly branches: readonly Branch[] };

/** So many are listed at first; deeper ones wait to be asked for. */
const FIRST = 40;
const OPEN_DEPTH = 2;

function Branches({ branches, depth, ...rest }: BranchesProps) {
  const [wanted, setWanted] = useState(FIRST);
  const shown = Math.max(wanted, 1 + branches.findIndex(({ key }) => rest.way.has(key)));
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
              setWanted(shown + 5 * FIRST);
            }}
          >
            List {formatCount(branches.length - shown)} more
          </Button>
        </li>
      )}
    </ul>
  );
}

type BranchLineProps = Within & { readonly branch: Branch };

function BranchLine({ branch, depth, ...rest }: BranchLineProps) {
  const { net, focus, hits, way } = rest;
  const { key, side, relation, branches } = branch;
  const [wanted, setWanted] = useState<boolean | null>(null);
  const leads = focus !== key && way.has(key);
  const open = wanted ?? (leads || (depth < OPEN_DEPTH && branches.length <= FIRST));
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (focus === key) line.current?.scrollIntoView({ block: 'nearest' });
  }, [focus, key]);
  const actions = useGraphActions();
  const node = net.nodes.get(key);
  if (!node) return null;
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <li>
      <div ref={line} className={classes.line} data-hit={hits.has(key) || undefined}>
        {branches.length > 0 ? (
          <button
            type="button"
            className={classes.toggle}
            aria-expanded={open}
            aria-label={`${open ? 'Close' : 'Open'} ${nameOf(node)}`}
            onClick={() => {
              setWanted(!open);
            }}
          >
            <Chevron size={15} aria-hidden />
          </button>
        ) : (
          <span className={classes.toggle} />
        )}
        <span className={classes.relation}>{relationName(relation, side)}</span>
        <span className={classes.node}>
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
        </span>
        {node.kind === 'release' && node.state !== 'published' && <StateBadge state={node.state} />}
        <Missing net={net} branchKey={key} />
      </div>
      {open && branches.length > 0 && <Branches branches={branches} depth={depth + 1} {...rest} />}
    </li>
  );
}

function Missing({ net, branchKey }: { readonly net: Net; readonly branchKey: string }) {
  const { more } = useGraphActions();
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
