// What lies above a page, for who came to one that is not there. Pure.

export interface Above {
  readonly path: string;
  readonly name: string;
}

/** What a page is called by its address, and the nearest page above it that may be there. */
export function aboveOf(pathname: string): { readonly what: string; readonly above: Above | null } {
  const [, first, namespace, name, ...rest] = pathname.split('/');
  if (first === 'modules' && namespace && name) {
    const module = `${decodeURIComponent(namespace)}/${decodeURIComponent(name)}`;
    return rest.length > 0
      ? { what: 'release', above: { path: `/modules/${namespace}/${name}`, name: module } }
      : { what: 'module', above: null };
  }
  if (first === 'drafts') return { what: 'draft', above: { path: '/drafts', name: 'your drafts' } };
  if (first === 'smoke-runs') return { what: 'smoke run', above: null };
  return { what: 'page', above: null };
}
