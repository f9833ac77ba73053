// The lines of a list that may be thousands long: only those near the window are there, and the one that
// holds the focus. Arrows and j/k go through them; their place is kept for who comes back.

import { useRouterState } from '@tanstack/react-router';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type Ref,
  type RefObject,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import type { ModuleSummary } from '@/api/types';
import classes from './Lines.module.css';
import { ModuleLine } from './ModuleLine';
import { placeAt, rememberPlace } from './place';
import { useListKeys } from './useListKeys';

export interface LinesHandle {
  readonly focusFirst: () => void;
  readonly openFirst: () => void;
}

export interface LinesProps {
  readonly ref: Ref<LinesHandle>;
  readonly modules: readonly ModuleSummary[];
  /** How many there are with those that are not here yet; undefined where nobody knows. */
  readonly total: number | undefined;
  readonly onLeave: () => void;
  /** Somebody wants to go beyond the last line. */
  readonly onEnd: () => void;
}

/** As high as most lines are; what is rendered is measured. */
const HEIGHT = 64;
/** Roughly what stands above the list; the lines that are rendered around the window make up for the rest. */
const ABOVE = 240;
const AROUND = 8;

type List = RefObject<HTMLUListElement | null>;

function linkAt(list: List, index: number): HTMLAnchorElement | null {
  return list.current?.querySelector(`[data-index="${index}"] a`) ?? null;
}

export function Lines({ ref, modules, total, onLeave, onEnd }: LinesProps) {
  const list: List = useRef(null);
  const entry = useRouterState({ select: ({ location }) => location.state.__TSR_key });
  const [place] = useState(() => placeAt(entry));
  const [current, setCurrent] = useLine(list, entry, place.module);
  const active = modules.findIndex(({ name }) => name === current);
  const virtualizer = useWindowVirtualizer({
    count: modules.length,
    estimateSize: () => HEIGHT,
    getItemKey: (index) => modules[index]?.name ?? index,
    overscan: AROUND,
    scrollMargin: ABOVE,
    ...(place.lines && { initialMeasurementsCache: place.lines }),
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      if (active < 0 || shown.includes(active)) return shown;
      return [...shown, active].sort((a, b) => a - b);
    },
  });
  useLayoutEffect(() => {
    return () => {
      rememberPlace(entry, { lines: virtualizer.takeSnapshot() });
    };
  }, [entry, virtualizer]);
  const focusAt = (index: number) => {
    if (index >= modules.length) onEnd();
    const next = Math.min(Math.max(index, 0), modules.length - 1);
    // The line has to be there to take the focus.
    flushSync(() => {
      setCurrent(modules[next]?.name);
    });
    linkAt(list, next)?.focus();
  };
  useImperativeHandle(ref, () => ({
    focusFirst: () => {
      focusAt(0);
    },
    openFirst: () => linkAt(list, 0)?.click(),
  }));
  useListKeys({ list, active, last: modules.length - 1, focusAt, onLeave });
  return (
    <ul ref={list} className={classes.list} style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const module = modules[index];
        return (
          module && (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-posinset={index + 1}
              aria-setsize={total ?? -1}
              className={classes.item}
              style={{ transform: `translateY(${start - ABOVE}px)` }}
            >
              <ModuleLine module={module} onFocus={setCurrent} />
            </li>
          )
        );
      })}
    </ul>
  );
}

/** The line that holds or held the focus. Who comes back finds it on the one that was looked at. */
function useLine(list: List, entry: string | undefined, opened: string | undefined) {
  const [current, setCurrent] = useState(opened);
  const restoring = useRef(opened !== undefined);
  // The lines are there after the window was measured.
  useLayoutEffect(() => {
    if (!restoring.current || !list.current?.firstChild) return;
    restoring.current = false;
    const links = [...list.current.querySelectorAll<HTMLElement>('a[data-module]')];
    // The router brings the window back to where it was.
    links.find(({ dataset }) => dataset.module === opened)?.focus({ preventScroll: true });
  });
  const set = useCallback(
    (name: string | undefined) => {
      setCurrent(name);
      if (name !== undefined) rememberPlace(entry, { module: name });
    },
    [entry],
  );
  return [current, set] as const;
}
