// Which answers an event makes old. Pure.

import type { EventView } from '@/api/types';

type Event = Pick<EventView, 'kind' | 'module' | 'data'>;

/** What no event says anything of, or what is told otherwise that there is more. */
const APART = ['identity', 'tokens', 'actors', 'namespaces', 'audit'];

/** What the list of modules, its counts and its search say of a module. */
const LISTS = ['modules', 'facets', 'module-facets'];

/** What is known of one module and also tells of releases of others. */
const SHARED = ['matrix', 'grid', 'dependents', 'lineage'];

/** Whether the answer that is kept under that key may be old after the event. */
export function isTouched(key: readonly unknown[], event: Event): boolean {
  const [what] = key;
  if (typeof what !== 'string' || APART.includes(what)) return false;
  if (LISTS.includes(what)) return changesLists(event.kind);
  const module = moduleIn(key);
  // Of the whole registry, or of something that the key does not tell.
  if (module === null) return true;
  if (concerned(event).includes(module)) return true;
  return event.kind.startsWith('release.') && isShared(key) && event.kind !== 'release.verifying';
}

function changesLists(kind: string): boolean {
  if (kind === 'module.created') return true;
  return kind.startsWith('release.') && kind !== 'release.verifying';
}

function isShared(key: readonly unknown[]): boolean {
  return key.some((part) => typeof part === 'string' && SHARED.includes(part));
}

/** The module that a key names as `{ namespace, name }`. */
function moduleIn(key: readonly unknown[]): string | null {
  for (const part of key) {
    if (typeof part !== 'object' || part === null) continue;
    const { namespace, name } = part as Record<string, unknown>;
    if (typeof namespace === 'string' && typeof name === 'string') {
      return `${namespace}/${name}`.toLowerCase();
    }
  }
  return null;
}

/** The module of an event, and of a pair the base's too. */
function concerned({ module, data }: Event): string[] {
  const { base } = data as { base?: unknown };
  const modules = typeof base === 'string' ? [module, base.replace(/@.*$/, '')] : [module];
  return modules.map((name) => name.toLowerCase());
}
