// What is known of the node that is looked at, and where one can go from it.

import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EyeOff, Layers, Plus } from 'lucide-react';
import { useState } from 'react';
import { parseReference } from '@/api/reference';
import type { GraphNode } from '@/api/types';
import { StateBadge } from '@/ui/badges';
import { Badge } from '@/ui/Badge';
import { formatCount, plural } from '@/ui/format';
import { useGraphActions } from './actions';
import { aboutGroup } from './flow';
import type { Group } from './groups';
import classes from './NodeDetails.module.css';
import { NodeIcon } from './NodeCard';
import { kindName, nameOf, relationName } from './names';
import { type Neighbour, type Net, SIDES } from './net';
import type { Side } from './search';
import type { LineageModel } from './useLineage';

export interface NodeDetailsProps {
  readonly model: LineageModel;
  /** The key of a node or the id of a group. */
  readonly at: string;
}

export function NodeDetails({ model, at }: NodeDetailsProps) {
  const node = model.whole.nodes.get(at);
  const group = model.drawing.items.find(({ id }) => id === at)?.group;
  return (
    <aside className={classes.details} aria-label="Details">
      {node && <OneNode key={at} node={node} model={model} />}
      {!node && group && <OneGroup key={at} group={group} net={model.whole} />}
    </aside>
  );
}

function OneNode({ node, model }: { readonly node: GraphNode; readonly model: LineageModel }) {
  const { whole, shown, drawing } = model;
  const release = node.kind === 'release' ? parseReference(node.reference) : null;
  const carrier = drawing.items.find(({ id }) => id === drawing.itemOf.get(node.key));
  const { open } = useGraphActions();
  return (
    <>
      <h2 className={classes.name}>
        <NodeIcon node={node} /> {nameOf(node)}
      </h2>
      <div className={classes.badges}>
        <Badge tone="plain">{kindName(node)}</Badge>
        {node.kind === 'release' && <StateBadge state={node.state} />}
      </div>
      <p className={classes.links}>
        {release && (
          <Link to="/modules/$namespace/$name/$version" params={release}>
            Open the release
          </Link>
        )}
        {node.key !== whole.root && (
          <Link to="/lineage" search={{ of: node.kind === 'release' ? node.reference : node.key }}>
            Lineage from here
          </Link>
        )}
      </p>
      {carrier?.group && !carrier.open && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<Layers size={13} aria-hidden />}
          onClick={() => {
            open(node.key);
          }}
        >
          Take it out of the {formatCount(carrier.members.length)} {carrier.group.noun}
        </Button>
      )}
      {SIDES.map((side) => (
        <Neighbours key={side} net={whole} shown={shown} node={node} side={side} />
      ))}
    </>
  );
}

interface NeighboursProps {
  readonly net: Net;
  readonly shown: Net;
  readonly node: GraphNode;
  readonly side: Side;
}

/** So many are listed at first. */
const FIRST = 8;

function Neighbours({ net, shown, node, side }: NeighboursProps) {
  const [all, setAll] = useState(false);
  const { more, hide } = useGraphActions();
  const there = net.at(node.key, side);
  const seen = shown.count(node.key, side);
  const missing = shown.missing(node.key, side);
  const listed = all ? there : there.slice(0, FIRST);
  const total = Math.max(node[side], net.count(node.key, side));
  return (
    <div className={classes.side}>
      <h3>
        {side === 'up' ? 'Made from' : 'Made into'} <span>{formatCount(total)}</span>
      </h3>
      <ul>
        {listed.map((neighbour) => (
          <NeighbourLine
            key={`${neighbour.key} ${neighbour.relation}`}
            net={net}
            neighbour={neighbour}
            side={side}
          />
        ))}
      </ul>
      <div className={classes.buttons}>
        {there.length > FIRST && !all && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            onClick={() => {
              setAll(true);
            }}
          >
            List {formatCount(there.length - FIRST)} more
          </Button>
        )}
        {missing > 0 && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Plus size={13} aria-hidden />}
            onClick={() => {
              more(node.key, side);
            }}
          >
            Show {formatCount(missing)} more
          </Button>
        )}
        {seen > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<EyeOff size={13} aria-hidden />}
            onClick={() => {
              hide(node.key, side);
            }}
          >
            Hide
          </Button>
        )}
      </div>
    </div>
  );
}

interface NeighbourLineProps {
  readonly net: Net;
  readonly neighbour: Neighbour;
  readonly side: Side;
}

function NeighbourLine({ net, neighbour: { key, relation }, side }: NeighbourLineProps) {
  const { focus } = useGraphActions();
  const node = net.nodes.get(key);
  if (!node) return null;
  return (
    <li>
      <span className={classes.relation}>{relationName(relation, side)}</span>
      <button
        type="button"
        className={classes.neighbour}
        onClick={() => {
          focus(key);
        }}
      >
        {nameOf(node)}
      </button>
      {node.kind === 'release' && node.state !== 'published' && <StateBadge state={node.state} />}
    </li>
  );
}

function OneGroup({ group, net }: { readonly group: Group; readonly net: Net }) {
  const { focus, open } = useGraphActions();
  const [all, setAll] = useState(false);
  const listed = all ? group.members : group.members.slice(0, 3 * FIRST);
  return (
    <>
      <h2 className={classes.name}>
        <Layers size={15} aria-hidden /> {formatCount(group.members.length)} {group.noun}
      </h2>
      <p className={classes.about}>{aboutGroup(group, net)}</p>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => {
          open(group.id);
        }}
      >
        Show them one by one
      </Button>
      <div className={classes.side}>
        <ul>
          {listed.map((key) => {
            const node = net.nodes.get(key);
            return node ? (
              <li key={key}>
                <button
                  type="button"
                  className={classes.neighbour}
                  onClick={() => {
                    focus(key);
                  }}
                >
                  {nameOf(node)}
                </button>
                {node.kind === 'release' && node.state !== 'published' && (
                  <StateBadge state={node.state} />
                )}
              </li>
            ) : null;
          })}
        </ul>
        {listed.length < group.members.length && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            onClick={() => {
              setAll(true);
            }}
          >
            List all {plural(group.members.length, 'member')}
          </Button>
        )}
      </div>
    </>
  );
}
