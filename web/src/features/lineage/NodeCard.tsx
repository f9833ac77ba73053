// A node of the graph, a group of nodes, and the frame around a group that is open.

import type { NodeProps } from '@xyflow/react';
import { Database, Globe, Layers } from 'lucide-react';
import { createContext, memo, useContext, useSyncExternalStore } from 'react';
import type { GraphNode } from '@/api/types';
import { KindIcon, stateTone, StateWord } from '@/ui/badges';
import { formatCount } from '@/ui/format';
import { useGraphActions } from './actions';
import type { Group } from './groups';
import { Lights } from './lights';
import classes from './NodeCard.module.css';
import { kindName, nameOf, titleOf } from './names';
import type { Side } from './search';

export const LightsContext = createContext(new Lights());

/** What a node of the drawing is made of. */
export interface CardData extends Record<string, unknown> {
  readonly node: GraphNode;
  readonly root: boolean;
  /** How many neighbours are not shown, and whether any are. */
  readonly missing: Readonly<Record<Side, number>>;
}

export interface GroupData extends Record<string, unknown> {
  readonly group: Group;
  /** `attaches to minilm 1.0.0` */
  readonly about: string;
  /** How many of its members are in a state that is not published. */
  readonly troubled: number;
}

/** How it stands out; it is drawn anew only when that changes. */
function useLight(id: string) {
  const lights = useContext(LightsContext);
  return useSyncExternalStore(
    lights.subscribe,
    () => `${lights.node(id)}${lights.isHit(id) ? ' hit' : ''}`,
  );
}

function marks(light: string) {
  const [as = '', hit] = light.split(' ');
  return { 'data-light': as || undefined, 'data-hit': hit && true };
}

export const NodeCard = memo(function NodeCard({ id, data }: NodeProps) {
  const { node, root, missing } = data as CardData;
  const { focus } = useGraphActions();
  const light = useLight(id);
  const { main, aside } = titleOf(node);
  const state = node.kind === 'release' ? node.state : null;
  return (
    <div
      className={classes.card}
      data-tone={state ? stateTone(state) : 'source'}
      data-root={root || undefined}
      {...marks(light)}
    >
      <button
        type="button"
        className={classes.face}
        // The graph as a whole takes the keyboard; see Canvas.
        tabIndex={-1}
        title={`${nameOf(node)}, ${kindName(node).toLowerCase()}${state ? `, ${state}` : ''}`}
        onClick={() => {
          focus(id);
        }}
      >
        <span className={classes.icon}>
          <NodeIcon node={node} />
        </span>
        <span className={classes.text}>
          <span className={classes.main}>{main}</span>
          <span className={classes.aside}>
            {state && state !== 'published' && <StateWord state={state} />} {aside}
          </span>
        </span>
      </button>
      <More id={id} side="up" count={missing.up} />
      <More id={id} side="down" count={missing.down} />
    </div>
  );
});

export function NodeIcon({ node }: { readonly node: GraphNode }) {
  if (node.kind === 'release') return <KindIcon kind={node.module_kind} />;
  const Icon = node.kind === 'dataset' ? Database : Globe;
  return <Icon size={15} aria-hidden />;
}

interface MoreProps {
  readonly id: string;
  readonly side: Side;
  readonly count: number;
}

function More({ id, side, count }: MoreProps) {
  const { more } = useGraphActions();
  if (count === 0) return null;
  const what = side === 'up' ? 'that it was made from' : 'that were made from it';
  return (
    <button
      type="button"
      className={classes.more}
      data-side={side}
      tabIndex={-1}
      title={`Show ${formatCount(count)} more ${what}`}
      onClick={() => {
        more(id, side);
      }}
    >
      {side === 'up' ? `‹ +${formatCount(count)}` : `+${formatCount(count)} ›`}
    </button>
  );
}

export const GroupCard = memo(function GroupCard({ id, data }: NodeProps) {
  const { group, about, troubled } = data as GroupData;
  const { open } = useGraphActions();
  const light = useLight(id);
  return (
    <div className={classes.group} {...marks(light)}>
      <button
        type="button"
        className={classes.face}
        tabIndex={-1}
        title="Show them one by one"
        onClick={() => {
          open(id);
        }}
      >
        <span className={classes.icon}>
          <Layers size={15} aria-hidden />
        </span>
        <span className={classes.text}>
          <span className={classes.main}>
            {formatCount(group.members.length)} {group.noun}
          </span>
          <span className={classes.aside}>
            {troubled > 0 ? `${formatCount(troubled)} not published` : about}
          </span>
        </span>
      </button>
    </div>
  );
});

export const GroupFrame = memo(function GroupFrame({ id, data }: NodeProps) {
  const { group, about } = data as GroupData;
  const { close } = useGraphActions();
  const light = useLight(id);
  return (
    <div className={classes.frame} {...marks(light)}>
      <span className={classes.frameName}>
        <Layers size={14} aria-hidden /> {formatCount(group.members.length)} {group.noun}
        <span className={classes.aside}>{about}</span>
      </span>
      <button
        type="button"
        className={classes.close}
        tabIndex={-1}
        onClick={() => {
          close(id);
        }}
      >
        Group again
      </button>
    </div>
  );
});
