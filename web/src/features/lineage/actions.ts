// What can be done to the graph from within it.

import { createContext, useContext } from 'react';
import { type LineageSearch, type Side, sideToken } from './search';

export interface Actions {
  /** Looks at a node, or at nothing in particular. */
  readonly focus: (key: string | undefined) => void;
  /** Shows more on a side of a node: what was hidden there, or what the server has. */
  readonly more: (key: string, side: Side) => void;
  readonly hide: (key: string, side: Side) => void;
  /** Shows the members of a group, or a node on its own. */
  readonly open: (id: string) => void;
  readonly close: (id: string) => void;
}

export type Change = (change: (before: LineageSearch) => Partial<LineageSearch>) => void;

export function actionsOf(change: Change): Actions {
  return {
    focus: (focus) => {
      change(() => ({ focus }));
    },
    more: (key, side) => {
      const token = sideToken(side, key);
      change(({ more = [], hide = [] }) =>
        hide.includes(token)
          ? { focus: key, hide: without(hide, token) }
          : { focus: key, more: including(more, token) },
      );
    },
    hide: (key, side) => {
      const token = sideToken(side, key);
      change(({ more = [], hide = [] }) => ({
        focus: key,
        more: without(more, token),
        hide: including(hide, token),
      }));
    },
    open: (id) => {
      change(({ open = [] }) => ({ open: including(open, id) }));
    },
    close: (id) => {
      change(({ open = [] }) => ({ open: without(open, id) }));
    },
  };
}

function including(tokens: readonly string[], token: string): readonly string[] {
  return tokens.includes(token) ? tokens : [...tokens, token];
}

function without(tokens: readonly string[], token: string): readonly string[] {
  return tokens.filter((other) => other !== token);
}

const ActionsContext = createContext<Actions | null>(null);

export const ActionsProvider = ActionsContext.Provider;

export function useGraphActions(): Actions {
  const actions = useContext(ActionsContext);
  if (!actions) throw new Error('There is no lineage around this.');
  return actions;
}
