// The matrix of a backbone: what fits on which of its releases, and why or why not.

import { Button, Drawer, VisuallyHidden } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { FilterX, LoaderCircle } from 'lucide-react';
import { useRef } from 'react';
import type { ModulePath } from '@/api/client';
import { MOST_ROWS, type PairPath, type WholeGrid } from '@/queries/matrix';
import { formatCount, plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './CompatibilityMatrix.module.css';
import { GROUPS, HEADER, type Place } from './keys';
import { MatrixGrid } from './MatrixGrid';
import { Legend, MatrixTools } from './MatrixTools';
import { NoDependents } from './NoDependents';
import { OnRelease } from './OnRelease';
import { PairPanel } from './PairPanel';
import type { MatrixSearch } from './search';
import { type MatrixModel, useMatrix } from './useMatrix';

export interface CompatibilityMatrixProps {
  readonly module: ModulePath;
  readonly grid: WholeGrid;
  /** Whether more rows are on their way. */
  readonly loading: boolean;
  readonly search: MatrixSearch;
  readonly onChange: (change: Partial<MatrixSearch>) => void;
  readonly onOpen: (reference: string) => void;
}

export function CompatibilityMatrix(props: CompatibilityMatrixProps) {
  const { module, grid, loading, search, onChange } = props;
  const model = useMatrix(grid, search);
  if (grid.rows.length === 0 && !loading && !search.query) {
    return <NoDependents module={module} published={grid.columns.length > 0} />;
  }
  return (
    <Section
      title="What fits on which release"
      aside={<Extent model={model} grid={grid} loading={loading} />}
    >
      <div className={classes.above} data-wide>
        {grid.columns.length > 0 && (
          <OnRelease
            columns={grid.columns}
            on={model.on}
            summary={model.summary}
            breaks={search.breaks ?? false}
            onChange={onChange}
          />
        )}
        <div className={classes.tools}>
          <Legend counts={model.counts} verdict={search.verdict} onChange={onChange} />
          <MatrixTools search={search} fold={model.fold} onChange={onChange} />
        </div>
        {grid.cut && !loading && (
          <p className={classes.cut}>
            These are the first {formatCount(MOST_ROWS)} releases. Narrow by name or by verdict to
            see the others.
          </p>
        )}
      </div>
      <Body {...props} model={model} />
    </Section>
  );
}

interface ExtentProps {
  readonly model: MatrixModel;
  readonly grid: WholeGrid;
  readonly loading: boolean;
}

function Extent({ model, grid, loading }: ExtentProps) {
  const shown = model.shownRows;
  const of = shown === grid.rows.length ? '' : `${formatCount(shown)} of `;
  return (
    <span className={classes.extent} role="status">
      {of}
      {plural(grid.rows.length, 'dependent release')} on {plural(grid.columns.length, 'release')}
      {loading && (
        <>
          <LoaderCircle size={14} aria-hidden className={classes.turning} />
          <VisuallyHidden>, more are loading</VisuallyHidden>
        </>
      )}
    </span>
  );
}

type BodyProps = CompatibilityMatrixProps & { readonly model: MatrixModel };

function Body(props: BodyProps) {
  const { module, search, onChange, onOpen, model } = props;
  const { view, selected } = model;
  const pair = pairOf(module, search);
  const body = useRef<HTMLDivElement>(null);
  const close = () => {
    onChange({ dependent: undefined, base: undefined });
    body.current?.querySelector<HTMLElement>('[role=grid] [tabindex="0"]')?.focus();
  };
  if (view.rows.length === 0) return <NoRow {...props} />;
  return (
    <div ref={body} className={classes.body}>
      <MatrixGrid
        label={`Dependents on the releases of ${module.namespace}/${module.name}`}
        view={view}
        on={model.onDrawn}
        selected={selected}
        only={search.verdict}
        onPress={(place) => {
          press(place, props);
        }}
        onToggle={(place) => {
          toggle(place, props);
        }}
        onOpen={onOpen}
      />
      {pair && <Explanation pair={pair} onClose={close} />}
    </div>
  );
}

function NoRow({ loading, onChange }: BodyProps) {
  if (loading) return null;
  return (
    <Message icon={FilterX} title="No dependent fits">
      <p>None of those that are loaded is called so and has such a pair.</p>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          onChange({ query: undefined, verdict: undefined, breaks: undefined });
        }}
      >
        Show all dependents
      </Button>
    </Message>
  );
}

function pairOf({ namespace, name }: ModulePath, search: MatrixSearch): PairPath | null {
  const { dependent, base } = search;
  return dependent && base ? { dependent, base: `${namespace}/${name}@${base}` } : null;
}

interface ExplanationProps {
  readonly pair: PairPath;
  readonly onClose: () => void;
}

/** Beside the grid; on narrow screens over it. */
function Explanation({ pair, onClose }: ExplanationProps) {
  const narrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  useHotkeys([['Escape', onClose]]);
  const panel = <PairPanel pair={pair} onClose={onClose} />;
  if (!narrow) return <div className={classes.side}>{panel}</div>;
  return (
    <Drawer.Root opened onClose={onClose} position="bottom" size="75%">
      <Drawer.Overlay />
      <Drawer.Content aria-label="Why">
        <Drawer.Body p={0}>{panel}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

/** Explains a cell, makes a release the one of the summary, folds or unfolds a group. */
function press(place: Place, props: BodyProps): void {
  const { search, onChange, onOpen } = props;
  const { view } = props.model;
  const [row, column] = [view.rows[place.line], view.columns[place.column]];
  if (place.line === GROUPS) toggle(place, props);
  else if (place.line === HEADER) {
    if (column?.folded) toggle(place, props);
    else onChange({ on: view.column(place.column)?.version });
  } else if (place.column === HEADER) {
    const release = view.row(place.line);
    if (row?.leads && row.group.members.length > 1) toggle(place, props);
    else if (release) onOpen(`${release.module}@${release.version}`);
  } else if (row?.folded || column?.folded) unfold(place, props);
  else {
    const [release, base] = [view.row(place.line), view.column(place.column)];
    const reference = release && `${release.module}@${release.version}`;
    const again = search.dependent === reference && search.base === base?.version;
    if (!again) onChange({ dependent: reference, base: base?.version });
  }
}

function toggle({ line, column }: Place, { model, onChange }: BodyProps): void {
  const { view, fold } = model;
  const group = line < 0 ? view.columns[column]?.group : view.rows[line]?.group;
  if (group) onChange({ fold: fold.toggle(line < 0 ? 'columns' : 'rows', group.key).text });
}

/** Opens what a cell of a group stands for. */
function unfold({ line, column }: Place, { model, onChange }: BodyProps): void {
  const { view } = model;
  let { fold } = model;
  const [row, across] = [view.rows[line], view.columns[column]];
  if (row?.folded) fold = fold.toggle('rows', row.group.key);
  if (across?.folded) fold = fold.toggle('columns', across.group.key);
  onChange({ fold: fold.text });
}
