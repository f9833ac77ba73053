// What an error page has shown already.

import { Problem } from './api/problem';

/** For React's `onCaughtError`: a refusal is shown on the page and is nobody's bug. */
export function reportCaught(thrown: unknown): void {
  if (!(thrown instanceof Problem)) console.error(thrown);
}
