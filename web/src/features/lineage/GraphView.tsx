// The graph, drawn: left what something was made from, right what was made from it.

import '@xyflow/react/dist/base.css';

import { VisuallyHidden } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Node, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from '@xyflow/react';
import {
  type KeyboardEvent,
  type MouseEvent,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { fromThrown } from '@/api/problem';
import { stateTone } from '@/ui/badges';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { Waiting } from '@/ui/Waiting';
import { useGraphActions } from './actions';
import type { Drawing } from './drawing';
import type { Box, Placed, Scene } from './elk';
import { FarCanvas } from './FarCanvas';
import { carrierOf, flowNode, sayNode, shortTitle } from './flow';
import { GraphControls } from './GraphControls';
import classes from './GraphView.module.css';
import { layoutQuery } from './layout';
import { Lights, litBy } from './lights';
import type { Net } from './net';
import { GroupCard, GroupFrame, LightsContext, NodeCard } from './NodeCard';
import { Overview } from './Overview';
import { shapesOf } from './paint';
import { crowdedBelow, overlaps, under } from './shapes';
import { Ties } from './TieLine';
import { usePalette } from './usePalette';
import { useSeen } from './useSeen';
import { useSight } from './useSight';
import { isArrow, walk } from './walk';

export interface GraphViewProps {
  readonly net: Net;
  readonly drawing: Drawing;
  readonly focus: string | undefined;
  /** Keys of the nodes that are looked for. */
  readonly hits: ReadonlySet<string>;
}

export default function GraphView(props: GraphViewProps) {
  const query = useQuery({ ...layoutQuery(props.drawing), placeholderData: keepPreviousData });
  if (query.error) {
    const again = () => {
      void query.refetch();
    };
    return <ProblemPanel problem={fromThrown(query.error).body} onRetry={again} />;
  }
  if (!query.data) {
    return (
      <div className={classes.canvas}>
        <Waiting lines={6} />
      </div>
    );
  }
  return (
    <ReactFlowProvider>
      <Canvas {...props} scene={query.data} />
    </ReactFlowProvider>
  );
}

type CanvasProps = GraphViewProps & { readonly scene: Scene };

const NODE_TYPES = { card: NodeCard, group: GroupCard, frame: GroupFrame };
const NONE: never[] = [];
/** More nodes than that at once are painted. */
const MOST_ELEMENTS = 120;

function Canvas({ scene, net, drawing, focus, hits }: CanvasProps) {
  const { itemOf } = drawing;
  const lit = useMemo(
    () => litBy(net, drawing, selectedKeys(net, drawing, focus)),
    [net, drawing, focus],
  );
  const drawnHits = useMemo(
    () => new Set([...hits].map((key) => carrierOf(scene, itemOf, key)?.id ?? key)),
    [hits, scene, itemOf],
  );
  const [lights] = useState(() => new Lights());
  useLayoutEffect(() => {
    lights.show(lit, drawnHits);
  }, [lights, lit, drawnHits]);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const crowded = useMemo(
    () => crowdedBelow(scene, width, height, MOST_ELEMENTS),
    [scene, width, height],
  );
  const far = useStore(({ transform }) => transform[2] < crowded);
  const seen = useSeen();
  const nodes = useNodes(scene, net, seen);
  const palette = usePalette();
  const shapes = useMemo(
    () => shapesOf(scene, (placed) => toneOf(placed, net), lit, drawnHits),
    [scene, net, lit, drawnHits],
  );
  const titleOf = useMemo(() => (placed: Placed) => shortTitle(placed, net), [net]);
  const sight = useSight({ scene, itemOf, root: net.root, focus, crowded });
  const keys = useRef<HTMLButtonElement>(null);
  const hand = useHand({ scene, net, drawing, focus, far, sight });
  return (
    <LightsContext value={lights}>
      <div className={classes.canvas} role="application" aria-label="Lineage graph">
        <button ref={keys} type="button" className={classes.keys} onKeyDown={hand.onKeyDown}>
          Arrow keys follow the lines, + and − zoom, 0 shows all
        </button>
        <VisuallyHidden role="status">{focus && sayNode(net, focus)}</VisuallyHidden>
        <ReactFlow
          className={lit.nodes.size > 0 ? 'lit' : ''}
          nodes={far ? NONE : nodes}
          nodeTypes={NODE_TYPES}
          onlyRenderVisibleElements
          minZoom={0.02}
          maxZoom={1.75}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          zoomOnDoubleClick={false}
          proOptions={{ hideAttribution: true }}
          onPaneClick={hand.onPaneClick}
          onNodeClick={() => keys.current?.focus({ preventScroll: true })}
        >
          {!far && <Ties scene={scene} seen={seen} crowded={crowded > 0} />}
          {palette && (
            <>
              <FarCanvas shapes={far ? shapes : null} palette={palette} titleOf={titleOf} />
              <Overview shapes={shapes} palette={palette} />
            </>
          )}
        </ReactFlow>
        <GraphControls sight={sight} />
      </div>
    </LightsContext>
  );
}

/** The nodes that are seen. The same node is the same object, so that it is not drawn anew. */
function useNodes(scene: Scene, net: Net, seen: Box): Node[] {
  const made = useMemo(
    () => scene.placed.map((placed) => ({ placed, node: flowNode(placed, net) })),
    [scene, net],
  );
  return useMemo(
    () => made.flatMap(({ placed, node }) => (node && overlaps(seen, placed) ? node : [])),
    [made, seen],
  );
}

/** The nodes that stand for what is looked at; a group stands for its members. */
function selectedKeys(net: Net, { items }: Drawing, focus: string | undefined): readonly string[] {
  if (!focus) return [];
  if (net.nodes.has(focus)) return [focus];
  return items.find(({ id }) => id === focus)?.members ?? [];
}

function toneOf({ key, item }: Placed, net: Net): string {
  if (key === null) return item.group ? 'plain' : 'source';
  const node = net.nodes.get(key);
  return node?.kind === 'release' ? stateTone(node.state) : 'source';
}

type HandProps = Pick<CanvasProps, 'scene' | 'net' | 'drawing' | 'focus'> & {
  readonly far: boolean;
  readonly sight: ReturnType<typeof useSight>;
};

/** What keys and presses do. */
function useHand({ scene, net, drawing, focus, far, sight }: HandProps) {
  const actions = useGraphActions();
  const flow = useReactFlow();
  const onPaneClick = (event: MouseEvent) => {
    if (!far) {
      actions.focus(undefined);
      return;
    }
    const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    actions.focus(under(scene, point)?.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isArrow(event.key)) {
      const at = carrierOf(scene, drawing.itemOf, focus ?? net.root);
      const next = focus && at ? walk(scene, at.id, event.key) : at;
      if (next) actions.focus(next.id);
    } else if (event.key === '+' || event.key === '=') sight.zoom(1);
    else if (event.key === '-') sight.zoom(-1);
    else if (event.key === '0') sight.fit();
    else if (event.key === 'Home') actions.focus(net.root);
    else if (event.key === 'Escape') actions.focus(undefined);
    else if (event.key === 'Enter' && focus && !net.nodes.has(focus)) actions.open(focus);
    else return;
    event.preventDefault();
  };
  return { onPaneClick, onKeyDown };
}
