// The addresses of things. Pure.

import { parseReference } from '@/api/reference';

/** `namespace/name`. */
export function modulePath(module: string): string {
  return `/modules/${module.split('/').map(encodeURIComponent).join('/')}`;
}

/** Of `namespace/name@version`; null for a model of another place. */
export function releasePath(reference: string): string | null {
  const parts = parseReference(reference);
  if (!parts) return null;
  return `${modulePath(`${parts.namespace}/${parts.name}`)}/${encodeURIComponent(parts.version)}`;
}

export function draftPath(id: string): string {
  return `/drafts/${encodeURIComponent(id)}`;
}

/** The cell of a base's matrix that tells of the pair. */
export function pairPath(dependent: string, base: string): string | null {
  const parts = parseReference(base);
  if (!parts) return null;
  const search = new URLSearchParams({ dependent, base: parts.version });
  return `${modulePath(`${parts.namespace}/${parts.name}`)}/matrix?${search.toString()}`;
}
