// Who signs in, in tests.

import type { Identity } from '@/api/types';

export const NOBODY: Identity = {
  actor: null,
  roles: [],
  scope: {},
  permissions: [],
  events_after: '7-1',
};

/** Admin of everything. */
export const ANA: Identity = {
  actor: 'ana',
  roles: [{ namespace: null, role: 'admin' }],
  scope: {},
  permissions: [{ actions: ['read', 'publish', 'operate', 'review', 'administer'] }],
  events_after: '7-1',
};

/** Publishes in one namespace, and nothing else. */
export const BEN: Identity = {
  actor: 'ben',
  roles: [{ namespace: 'acme', role: 'publisher' }],
  scope: {},
  permissions: [{ namespace: 'acme', actions: ['read', 'publish'] }],
  events_after: '7-1',
};
