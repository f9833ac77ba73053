import { expect, test } from 'vitest';
import { newEvent } from '@/test/fakeEventSource';
import { isNews } from './news';

const MOVED = newEvent('channel.moved', { actor: 'ben' });
const REFUSED = newEvent('release.rejected', { data: { id: '0197' } });

test.each(['/modules/acme/topics', '/modules/Acme/topics/1.1.0', '/modules/acme/topics/matrix'])(
  'what others did to a module is news on %s',
  (path) => {
    expect(isNews(MOVED, path, 'ana')).toBe(true);
  },
);

test.each(['/', '/modules', '/modules/acme/topics-2', '/modules/acme'])(
  'and none on %s',
  (path) => {
    expect(isNews(MOVED, path, 'ana')).toBe(false);
  },
);

test('what one did oneself is known', () => {
  expect(isNews(MOVED, '/modules/acme/topics', 'ben')).toBe(false);
});

test('an attempt that was refused is news where it is watched', () => {
  expect(isNews(REFUSED, '/drafts/0197', null)).toBe(true);
  expect(isNews(REFUSED, '/drafts/0198', null)).toBe(false);
});

test('stages and judged pairs show by themselves', () => {
  expect(isNews(newEvent('release.verifying'), '/modules/acme/topics', null)).toBe(false);
  expect(isNews(newEvent('pair.judged'), '/modules/acme/topics', null)).toBe(false);
});
