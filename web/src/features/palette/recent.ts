// The modules and releases that were looked at last, in this browser.

const KEY = 'cambium-recent';
const KEPT = 6;

export interface Recent {
  readonly path: string;
  /** `namespace/name`, or with `@version`. */
  readonly name: string;
}

/** What the page at that address is about; null when it is about nothing that has a name. */
export function recentAt(pathname: string): Recent | null {
  const [first, namespace, name, version, ...rest] = pathname.split('/').slice(1).map(decode);
  if (first !== 'modules' || !namespace || !name || rest.length > 0) return null;
  const module = `${namespace}/${name}`;
  const isPart = version === 'matrix' || version === 'compare';
  if (!version || isPart) return { path: `/modules/${module}`, name: module };
  return { path: pathname, name: `${module}@${version}` };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** With what was looked at in front. */
export function withRecent(before: readonly Recent[], seen: Recent): Recent[] {
  return [seen, ...before.filter(({ path }) => path !== seen.path)].slice(0, KEPT);
}

export function readRecent(): readonly Recent[] {
  return read().seen;
}

export function remember(pathname: string): void {
  const seen = recentAt(pathname);
  if (!seen) return;
  const { actor, seen: before } = read();
  write({ actor, seen: withRecent(before, seen) });
}

/** From here on it is theirs: what somebody else looked at is nobody's business. */
export function keepRecentOf(actor: string | null): void {
  if (read().actor !== actor) write({ actor, seen: [] });
}

interface Kept {
  /** Who looked; null for nobody who said so. */
  readonly actor: string | null;
  readonly seen: readonly Recent[];
}

function read(): Kept {
  try {
    const { actor, seen } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<
      string,
      unknown
    >;
    return {
      actor: typeof actor === 'string' ? actor : null,
      seen: Array.isArray(seen) ? seen.filter(isRecent) : [],
    };
  } catch {
    // Storage can be forbidden, or hold what another version wrote.
    return { actor: null, seen: [] };
  }
}

function write(kept: Kept): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Then nothing is remembered.
  }
}

function isRecent(value: unknown): value is Recent {
  if (typeof value !== 'object' || value === null) return false;
  const { path, name } = value as Record<string, unknown>;
  return typeof path === 'string' && path.startsWith('/modules/') && typeof name === 'string';
}
