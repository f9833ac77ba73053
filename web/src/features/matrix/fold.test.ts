import { expect, test } from 'vitest';
import { Fold } from './fold';

test('one group is folded and unfolded again', () => {
  const folded = new Fold().toggle('rows', 'acme/topics@1');
  expect(folded.text).toBe('r:acme/topics@1');
  expect(folded.has('rows', 'acme/topics@1')).toBe(true);
  expect(folded.has('rows', 'acme/topics@2')).toBe(false);
  expect(folded.has('columns', 'acme/topics@1')).toBe(false);
  expect(folded.toggle('rows', 'acme/topics@1').text).toBe('');
});

test('all are folded but the one that was opened', () => {
  const folded = new Fold('rows').toggle('rows', 'acme/topics@1');
  expect(folded.has('rows', 'acme/topics@1')).toBe(false);
  expect(folded.has('rows', 'acme/urgency@1')).toBe(true);
  expect(folded.has('columns', '1')).toBe(false);
});

test('folding all of a kind forgets what was turned of that kind only', () => {
  const fold = new Fold('r:acme/topics@1 c:2');
  expect(fold.set('rows', true).text).toBe('c:2 rows');
  expect(fold.set('columns', false).text).toBe('r:acme/topics@1');
});
