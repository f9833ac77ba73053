// A module with releases and a channel, for tests of its page.

import type { Action, ChannelView, ModuleMove, ReleaseSummary } from '@/api/types';
import type { Answers } from './mockApi';

export const AT = '/api/v1/modules/{namespace}/{name}';
export const CHANNEL = `${AT}/channels/{channel}` as const;

export function release(version: string, more: Partial<ReleaseSummary> = {}): ReleaseSummary {
  return {
    version,
    state: 'published',
    verdict: 'compatible',
    digest: `sha256:${'ab'.repeat(32)}`,
    created_by: 'ana',
    published_at: '2026-07-02T09:00:00Z',
    ...more,
  };
}

export function move(
  channel: string,
  generation: number,
  more: Partial<ModuleMove> = {},
): ModuleMove {
  return {
    channel,
    generation,
    action: 'point',
    from: '1.0.0',
    to: '1.1.0',
    actor: 'ana',
    reason: 'Evaluated on the June mails',
    moved_at: '2026-07-02T09:00:00Z',
    ...more,
  };
}

export const STABLE: ChannelView = {
  name: 'stable',
  version: '1.1.0',
  generation: 4,
  state: 'published',
  last_move: move('stable', 4),
};

/** A module with three releases and a channel; more replaces or adds answers. */
export function answers(more: Answers = {}): Answers {
  return {
    [AT]: { name: 'acme/topics', kind: 'adapter', description: 'Sorts mails', created_at: '' },
    [`${AT}/releases`]: {
      items: [release('1.1.0'), release('1.0.1', { state: 'yanked' }), release('1.0.0')],
    },
    [`${AT}/channels`]: [STABLE],
    [`${AT}/moves`]: { items: [move('stable', 4)] },
    [`${AT}/dependents`]: { items: [] },
    [`${AT}/cadence`]: { releases: 3, months: [] },
    '/api/v1/namespaces/{namespace}/roles': [{ actor: 'ana', role: 'admin' }],
    ...more,
  };
}

/** As somebody who may do that everywhere. */
export function signedIn(...actions: Action[]): Answers {
  return {
    '/api/v1/whoami': {
      actor: 'ana',
      roles: [],
      scope: {},
      permissions: [{ actions }],
      events_after: '7-1',
    },
  };
}
