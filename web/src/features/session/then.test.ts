import { expect, test } from 'vitest';
import { safePath, signInPath } from './then';

test.each(['/modules', '/modules/acme/topics?x=1#files', '/activity?actor=ana'])(
  '%s is followed',
  (path) => {
    expect(safePath(path)).toBe(path);
  },
);

test.each([
  'https://elsewhere.example/',
  '//elsewhere.example/',
  '/\\elsewhere.example/',
  '/\t/elsewhere.example/',
  'javascript:alert(1)',
  'modules',
  '',
  7,
  undefined,
])('%j is not', (path) => {
  expect(safePath(path)).toBe('/');
});

test('signing in leads back, but never to itself', () => {
  expect(signInPath('/modules?kind=head')).toBe('/sign-in?then=%2Fmodules%3Fkind%3Dhead');
  expect(signInPath('/')).toBe('/sign-in');
  expect(signInPath('/sign-in?then=/x')).toBe('/sign-in');
});
