// The lineage around a node: drawn or listed, with what is looked at beside it.

import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { fromThrown } from '@/api/problem';
import { Loaded } from '@/features/shell/Loaded';
import { MOST_NODES } from '@/queries/lineage';
import { formatCount, plural } from '@/ui/format';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { Section } from '@/ui/Section';
import { Waiting } from '@/ui/Waiting';
import { actionsOf, ActionsProvider, type Change } from './actions';
import { find, nextHit } from './find';
import classes from './Lineage.module.css';
import { Alone, LineageList } from './LineageList';
import { NodeDetails } from './NodeDetails';
import type { LineageSearch } from './search';
import { Tools } from './Tools';
import { type LineageModel, useLineage } from './useLineage';

// Drawing and laying out weigh more than all the rest of the page.
const loadGraph = () => import('./GraphView');
const GraphView = lazy(loadGraph);

export interface LineageProps {
  readonly search: LineageSearch & { readonly of: string };
  readonly change: Change;
}

export function Lineage({ search, change }: LineageProps) {
  const { query, model, loading, moreError } = useLineage(search);
  const actions = useMemo(() => actionsOf(change), [change]);
  const drawn = search.view !== 'list';
  useEffect(() => {
    // While the answer is on its way.
    if (drawn) void loadGraph();
  }, [drawn]);
  return (
    <ActionsProvider value={actions}>
      <Section
        title="Where it comes from, and what came of it"
        aside={model && <Extent model={model} loading={loading} />}
      >
        <Loaded query={query} lines={10}>
          {() =>
            model && (
              <>
                {moreError && <ProblemPanel problem={fromThrown(moreError).body} />}
                <Body search={search} change={change} model={model} onFocus={actions.focus} />
              </>
            )
          }
        </Loaded>
      </Section>
    </ActionsProvider>
  );
}

interface ExtentProps {
  readonly model: LineageModel;
  readonly loading: boolean;
}

function Extent({ model: { shown, cut }, loading }: ExtentProps) {
  return (
    <span role="status">
      {plural(shown.nodes.size, 'node')}, {plural(shown.edges.length, 'relation')}
      {cut && `; the nearest ${formatCount(MOST_NODES)} only`}
      {loading && ', more is loading'}
    </span>
  );
}

type BodyProps = LineageProps & {
  readonly model: LineageModel;
  readonly onFocus: (key: string) => void;
};

function Body({ search, change, model, onFocus }: BodyProps) {
  const [text, setText] = useState('');
  const { shown, drawing } = model;
  const hits = useMemo(() => find(shown, text), [shown, text]);
  const marked = useMemo(() => new Set(hits), [hits]);
  const { focus, view } = search;
  if (shown.nodes.size <= 1 && model.whole.nodes.size <= 1) return <Alone />;
  const step = (way: 1 | -1) => {
    const next = nextHit(hits, focus, way);
    if (next) onFocus(next);
  };
  const finder = {
    text,
    onText: setText,
    hits,
    at: focus ? hits.indexOf(focus) : -1,
    onStep: step,
  };
  return (
    <>
      <Tools search={search} change={change} finder={finder} />
      <div className={classes.body} data-wide>
        {view === 'list' ? (
          <LineageList net={shown} focus={focus} hits={marked} />
        ) : (
          <Suspense fallback={<Waiting lines={8} />}>
            <GraphView net={shown} drawing={drawing} focus={focus} hits={marked} />
          </Suspense>
        )}
        <NodeDetails model={model} at={focus ?? shown.root} />
      </div>
    </>
  );
}
