// What a token is good for, and until when. Pure.

import type { Action, Scope, TokenView } from '@/api/types';

export const ACTIONS = [
  ['read', 'See what is private'],
  ['publish', 'Publish releases'],
  ['operate', 'Move channels, deprecate and yank'],
  ['review', 'Quarantine and restore'],
  ['administer', 'Give roles, change namespaces'],
] as const satisfies readonly (readonly [Action, string])[];

export type Standing = 'active' | 'ending' | 'expired' | 'revoked';

/** So long before its end somebody should know. */
const SOON_MS = 7 * 86_400_000;

export function standingOf(
  { revoked_at, expires_at }: Pick<TokenView, 'revoked_at' | 'expires_at'>,
  now: number,
): Standing {
  if (revoked_at) return 'revoked';
  if (!expires_at) return 'active';
  const left = Date.parse(expires_at) - now;
  if (left <= 0) return 'expired';
  return left < SOON_MS ? 'ending' : 'active';
}

/** What may still be used first, and of these the newest. */
export function sorted(tokens: readonly TokenView[], now: number): TokenView[] {
  const rank = (token: TokenView) => {
    const standing = standingOf(token, now);
    return standing === 'revoked' || standing === 'expired' ? 1 : 0;
  };
  return [...tokens].sort(
    (a, b) => rank(a) - rank(b) || Date.parse(b.created_at) - Date.parse(a.created_at),
  );
}

/** `Read and publish in acme and other`. */
export function sayScope({ actions, namespaces }: Scope): string {
  const what = actions ? listed(actions) : 'everything you may do';
  const where = namespaces ? `in ${listed(namespaces)}` : 'everywhere';
  const text = `${what} ${where}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function listed(words: readonly string[]): string {
  if (words.length === 0) return 'nothing';
  if (words.length === 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** In days; what is no number is for ever. */
export const LIFETIMES = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'a year'],
  ['never', 'It never ends'],
] as const;
