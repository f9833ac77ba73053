import { expect, test } from 'vitest';
import { draftPath, modulePath, pairPath, releasePath } from './paths';

test('what has a name has an address', () => {
  expect(modulePath('acme/topics')).toBe('/modules/acme/topics');
  expect(releasePath('acme/topics@1.1.0')).toBe('/modules/acme/topics/1.1.0');
  expect(draftPath('0197')).toBe('/drafts/0197');
});

test('a pair is shown where its base is', () => {
  expect(pairPath('acme/topics@1.1.0', 'acme/tiny-bert@2.0.0')).toBe(
    '/modules/acme/tiny-bert/matrix?dependent=acme%2Ftopics%401.1.0&base=2.0.0',
  );
});

test('what is of another place has none', () => {
  expect(releasePath('google/bert')).toBeNull();
  expect(pairPath('acme/topics@1.1.0', 'google/bert')).toBeNull();
});
