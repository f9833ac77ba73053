import { afterEach, expect, test } from 'vitest';
import { keepRecentOf, readRecent, recentAt, remember, withRecent } from './recent';

afterEach(() => {
  localStorage.clear();
});

test.each([
  ['/modules/acme/topics', { path: '/modules/acme/topics', name: 'acme/topics' }],
  ['/modules/acme/topics/1.1.0', { path: '/modules/acme/topics/1.1.0', name: 'acme/topics@1.1.0' }],
  ['/modules/acme/tiny-bert/matrix', { path: '/modules/acme/tiny-bert', name: 'acme/tiny-bert' }],
  ['/modules', null],
  ['/', null],
  ['/activity', null],
])('%s is about %j', (path, about) => {
  expect(recentAt(path)).toEqual(about);
});

test('the last that was looked at comes first, once, and the oldest are forgotten', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'c'];
  const recent = names
    .map((name) => ({ path: `/modules/acme/${name}`, name: `acme/${name}` }))
    .reduce(withRecent, []);
  expect(recent.map(({ name }) => name)).toEqual([
    'acme/c',
    'acme/g',
    'acme/f',
    'acme/e',
    'acme/d',
    'acme/b',
  ]);
});

test('it is kept from visit to visit, and what somebody else wrote there is left out', () => {
  remember('/modules/acme/topics');
  remember('/activity');
  expect(readRecent()).toEqual([{ path: '/modules/acme/topics', name: 'acme/topics' }]);
  localStorage.setItem('cambium-recent', '{"seen":[{"path":"https://elsewhere/","name":"x"},7]}');
  expect(readRecent()).toEqual([]);
  localStorage.setItem('cambium-recent', 'null');
  expect(readRecent()).toEqual([]);
  localStorage.setItem('cambium-recent', 'no JSON');
  expect(readRecent()).toEqual([]);
});

test('what somebody looked at is forgotten when somebody else is there, or nobody', () => {
  keepRecentOf('ana');
  remember('/modules/acme/secret');
  keepRecentOf('ana');
  expect(readRecent()).toHaveLength(1);
  keepRecentOf(null);
  expect(readRecent()).toEqual([]);
  expect(localStorage.getItem('cambium-recent')).not.toContain('secret');
  remember('/modules/acme/topics');
  keepRecentOf('ben');
  expect(readRecent()).toEqual([]);
});
