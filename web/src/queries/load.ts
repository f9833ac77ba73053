// What a page's loader does with its queries.

import { noop } from '@tanstack/react-query';

/** For a page that cannot be shown without: what is kept will do, the page asks again by itself. */
export const KEPT = { staleTime: 'static' } as const;

/** For a part that says for itself how it went. */
export function begin(...answers: readonly Promise<unknown>[]): void {
  for (const answer of answers) answer.catch(noop);
}
