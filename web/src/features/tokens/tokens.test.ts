import { expect, test } from 'vitest';
import type { TokenView } from '@/api/types';
import { sayScope, sorted, standingOf } from './tokens';

const NOW = Date.parse('2026-07-02T12:00:00Z');

const token = (name: string, more: Partial<TokenView> = {}): TokenView => ({
  id: name,
  actor: 'ana',
  name,
  scope: {},
  created_at: '2026-07-01T00:00:00Z',
  ...more,
});

test.each([
  [{}, 'active'],
  [{ expires_at: '2027-01-01T00:00:00Z' }, 'active'],
  [{ expires_at: '2026-07-05T00:00:00Z' }, 'ending'],
  [{ expires_at: '2026-07-02T12:00:00Z' }, 'expired'],
  [{ expires_at: '2027-01-01T00:00:00Z', revoked_at: '2026-07-01T00:00:00Z' }, 'revoked'],
] as const)('a token with %j is %s', (more, standing) => {
  expect(standingOf(token('t', more), NOW)).toBe(standing);
});

test('what may be used comes first, the newest of these at the top', () => {
  const tokens = [
    token('old'),
    token('revoked', { created_at: '2026-07-02T00:00:00Z', revoked_at: '2026-07-02T01:00:00Z' }),
    token('new', { created_at: '2026-07-02T00:00:00Z' }),
  ];
  expect(sorted(tokens, NOW).map(({ name }) => name)).toEqual(['new', 'old', 'revoked']);
});

test('a scope is a sentence', () => {
  expect(sayScope({})).toBe('Everything you may do everywhere');
  expect(sayScope({ actions: ['read'], namespaces: ['acme'] })).toBe('Read in acme');
  expect(sayScope({ actions: ['read', 'publish', 'operate'] })).toBe(
    'Read, publish and operate everywhere',
  );
});
