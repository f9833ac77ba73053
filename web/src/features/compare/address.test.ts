import { expect, test } from 'vitest';
import { readCompare } from './address';

test('an address names the two sides, and whether all is shown', () => {
  expect(readCompare({ from: '1.0.0', to: 'stable', all: true })).toEqual({
    from: '1.0.0',
    to: 'stable',
    all: true,
  });
});

test('what makes no sense in an address is left out', () => {
  expect(readCompare({ from: 1, to: ' ', all: 'yes', more: 1 })).toEqual({});
});
