// What somebody may do. Pure.

import type { Action, Identity } from '@/api/types';

/**
 * Whether they may do it in that namespace; without one, whether in the whole registry. What one may
 * everywhere one may in each namespace.
 */
export function may(
  identity: Pick<Identity, 'permissions'> | undefined,
  action: Action,
  namespace?: string,
): boolean {
  const wanted = namespace?.toLowerCase();
  return (identity?.permissions ?? []).some(
    (permission) =>
      permission.actions.includes(action) &&
      (!permission.namespace || permission.namespace.toLowerCase() === wanted),
  );
}

/** Whether there is any place where they may do it. */
export function mayAnywhere(
  identity: Pick<Identity, 'permissions'> | undefined,
  action: Action,
): boolean {
  return (identity?.permissions ?? []).some((permission) => permission.actions.includes(action));
}
