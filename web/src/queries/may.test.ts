import { expect, test } from 'vitest';
import { may, mayAnywhere } from './may';

const IN_ACME = { permissions: [{ namespace: 'Acme', actions: ['read', 'publish'] as const }] };
const EVERYWHERE = { permissions: [{ actions: ['read', 'operate'] as const }] };

type Given = Parameters<typeof may>[0];

function given(identity: { readonly permissions: readonly unknown[] }): Given {
  return identity as unknown as Given;
}

test('a permission counts in its namespace, in whatever case it is written', () => {
  expect(may(given(IN_ACME), 'publish', 'acme')).toBe(true);
  expect(may(given(IN_ACME), 'publish', 'ACME')).toBe(true);
});

test('a permission counts neither in another namespace nor for another action', () => {
  expect(may(given(IN_ACME), 'publish', 'other')).toBe(false);
  expect(may(given(IN_ACME), 'operate', 'acme')).toBe(false);
});

test('a permission without a namespace counts everywhere', () => {
  expect(may(given(EVERYWHERE), 'operate', 'acme')).toBe(true);
  expect(may(given(EVERYWHERE), 'operate')).toBe(true);
});

test('a permission in one namespace is none for the whole registry', () => {
  expect(may(given(IN_ACME), 'publish')).toBe(false);
  expect(mayAnywhere(given(IN_ACME), 'publish')).toBe(true);
  expect(mayAnywhere(given(IN_ACME), 'administer')).toBe(false);
});

test('nobody may do anything', () => {
  expect(may(undefined, 'read', 'acme')).toBe(false);
  expect(may({ permissions: [] }, 'read', 'acme')).toBe(false);
});
