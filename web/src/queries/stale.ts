// Which answers an event makes old. Pure.

import type { EventView } from '@/api/types';

type Event = Pick<EventView, 'kind' | 'module' | 'data'>;

/**
 * Whether the answer that is kept under that key may be old after the event. What is not named here,
 * such as who one is, no event says anything of.
 */
export function isTouched(key: readonly unknown[], event: Event): boolean {
  const [what, of, part] = key;
  switch (what) {
    case 'overview':
      return true;
    case 'modules':
    case 'module-facets':
      return changesLists(event.kind);
    case 'module':
    case 'release':
      if (named(of).some((module) => concerned(event).includes(module))) return true;
      if (part === 'lineage') return changesLineage(event.kind);
      return (part === 'grid' || part === 'dependents') && changesStanding(event.kind);
    case 'pair':
      return named(of).some((module) => concerned(event).includes(module));
    case 'lineage':
      return changesLineage(event.kind);
    case 'drafts':
      return event.kind.startsWith('release.');
    case 'draft':
      return event.kind.startsWith('release.') && mayBe(of, event.data);
    case 'smoke-run':
      return changesRun(of, event);
    default:
      return false;
  }
}

function changesLists(kind: string): boolean {
  if (kind === 'module.created') return true;
  return kind.startsWith('release.') && kind !== 'release.verifying';
}

const STANDINGS = ['deprecated', 'yanked', 'quarantined', 'restored'];

/**
 * What attaches to a module is shown with its standing, and the event does not say to what it attaches.
 * That it was published is told by its pairs, which name both sides.
 */
function changesStanding(kind: string): boolean {
  return STANDINGS.some((standing) => kind === `release.${standing}`);
}

/** Any release may be near any other, and comes into the graph when it is published. */
function changesLineage(kind: string): boolean {
  return kind === 'release.published' || changesStanding(kind);
}

/** Whether that draft is the one that the event is about; events of what was published do not say. */
function mayBe(id: unknown, data: Event['data']): boolean {
  const about = (data as { id?: unknown }).id;
  return about === undefined || about === id;
}

/** A run goes on with what it verifies, which names it, and ends with a verdict. */
function changesRun(id: unknown, { kind, data }: Event): boolean {
  if (kind === 'release.verifying') return (data as { smoke_run?: unknown }).smoke_run === id;
  return ['pair.judged', 'release.published', 'release.rejected'].includes(kind);
}

/** The modules that a part of a key names: as a path, or as the two releases of a pair. */
function named(part: unknown): string[] {
  const { namespace, name, dependent, base } = Object(part) as Record<string, unknown>;
  const names =
    typeof namespace === 'string' && typeof name === 'string'
      ? [`${namespace}/${name}`]
      : [dependent, base].filter((reference) => typeof reference === 'string').map(moduleOf);
  return names.map((module) => module.toLowerCase());
}

/** The module of an event, and of a pair the base's too. */
function concerned({ module, data }: Event): string[] {
  const { base } = data as { base?: unknown };
  const modules = typeof base === 'string' ? [module, moduleOf(base)] : [module];
  return modules.map((name) => name.toLowerCase());
}

function moduleOf(reference: string): string {
  return reference.replace(/@.*$/, '');
}
