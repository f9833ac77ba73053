import { expect, test } from 'vitest';
import { codedParts } from './coded';

test('what stands in backticks is a name', () => {
  expect(codedParts('No module `q_lin`, `v_lin`.')).toEqual([
    { text: 'No module ', isCode: false },
    { text: 'q_lin', isCode: true },
    { text: ', ', isCode: false },
    { text: 'v_lin', isCode: true },
    { text: '.', isCode: false },
  ]);
});

test('a lone backtick stays what it is', () => {
  expect(codedParts('a ` b')).toEqual([{ text: 'a ` b', isCode: false }]);
  expect(codedParts('')).toEqual([]);
});
